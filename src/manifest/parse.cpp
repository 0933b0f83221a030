#include "manifest/parse.h"

#include "base/json.h"
#include "manifest/check.h"
#include "manifest/files.h"
#include "manifest/function_reader.h"
#include "manifest/grammar.h"
#include "manifest/reader.h"

#include <algorithm>

namespace nimbus::manifest {
namespace {

constexpr std::size_t most_bytes = 1024 * 1024;
constexpr int known_version = 1;
constexpr std::string_view default_stage = "dev";

/// Each name once, though it may be declared twice by mistake.
std::vector<std::string> all_usable(const Manifest& manifest, Sections sections)
{
    std::vector<std::string> names;
    for (const auto& section : sections)
        if (section.usable != nullptr)
            for (auto& usable : section.usable(manifest))
                if (std::ranges::find(names, usable.name) == names.end())
                    names.push_back(std::move(usable.name));
    return names;
}

/// Another version has other fields, so nothing else is said about it.
void check_version(const json::value& document, Problems& problems)
{
    const auto* object = document.if_object();
    const auto* version = object != nullptr ? object->if_contains("version") : nullptr;
    if (object == nullptr)
        return;
    if (version == nullptr)
        problems.add("version", "is missing: it must be 1");
    else if (!version->is_number() || version->to_number<double>() != known_version)
        problems.add("version", "must be 1: this version of Nimbus reads no other");
}

std::vector<std::string_view> fields_of(Sections sections)
{
    std::vector<std::string_view> fields{
        "version", "project",      "region",       "stage",
        "runtime", "architecture", "logRetention", "permissionsBoundary",
        "files",   "functions"};
    for (const auto& section : sections)
        fields.push_back(section.name);
    return fields;
}

Manifest read_document(const json::value& document, Sections sections, Problems& problems)
{
    ObjectReader reader(document, "", fields_of(sections), problems);
    Manifest manifest;
    manifest.project = reader.required_text("project", name_rule);
    manifest.region = reader.required_text("region", region_rule);
    manifest.stage = reader.text("stage", stage_rule).value_or("");
    manifest.runtime = reader.required_text("runtime", runtime_rule);
    manifest.architecture = reader.required_text("architecture", architecture_rule);
    manifest.log_retention_days = read_log_retention(reader);
    manifest.permissions_boundary = reader.text("permissionsBoundary", boundary_rule).value_or("");
    read_files(reader, manifest, problems);
    for (const auto& section : sections)
        section.read(reader, manifest, problems);
    reader.each("functions", [&](const json::value& value, const std::string& path) {
        auto reading = read_function(value, path, problems);
        if (!reading.has_uses)
            reading.function.uses = all_usable(manifest, sections);
        if (reading.function.architecture.empty())
            reading.function.architecture = manifest.architecture;
        if (!reading.function.log_retention_days)
            reading.function.log_retention_days = manifest.log_retention_days;
        manifest.functions.push_back(std::move(reading.function));
    });
    return manifest;
}

void fill_in_stages(Manifest& manifest, Sections sections)
{
    for (const auto& section : sections)
        if (manifest.stage.empty() && section.stage != nullptr)
            manifest.stage = section.stage(manifest);
    if (manifest.stage.empty())
        manifest.stage = default_stage;
    for (const auto& section : sections)
        if (section.complete != nullptr)
            section.complete(manifest);
}

} // namespace

Manifest parse_manifest(std::string_view json_text, const std::string& source, Sections sections)
{
    if (json_text.size() > most_bytes)
        throw UsageError("The manifest of " + source + " is larger than 1 MB");
    const auto document = parse_json(json_text, "The manifest of " + source);
    Problems problems;
    check_version(document, problems);
    if (!problems.empty())
        throw ManifestError(source, problems.take());
    auto manifest = read_document(document, sections, problems);
    fill_in_stages(manifest, sections);
    check_relations(manifest, sections, problems);
    if (!problems.empty())
        throw ManifestError(source, problems.take());
    return manifest;
}

Manifest with_stage(Manifest manifest, std::string_view stage, Sections sections)
{
    if (!stage_rule.holds(stage))
        throw UsageError("The stage must be " + std::string(stage_rule.allowed) + ", not " +
                         in_quotes(stage));
    manifest.stage = stage;
    for (const auto& section : sections)
        if (section.move_to_stage != nullptr)
            section.move_to_stage(manifest);
    return manifest;
}

Manifest as_preview(Manifest manifest, Sections sections)
{
    manifest.is_preview = true;
    for (const auto& section : sections)
        if (section.make_preview != nullptr)
            section.make_preview(manifest);
    return manifest;
}

} // namespace nimbus::manifest
