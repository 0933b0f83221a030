#include "cli/target_settings.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "manifest/grammar.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <vector>

namespace nimbus::cli {
namespace {

constexpr const char* settings_file_name = ".nimbusrc";
constexpr const char* way_out =
    "Write {\"target\": \"local\"}, or {\"target\": \"aws\", \"bucket\": \"…\", \"region\": "
    "\"…\"}; 'nimbus init' does it for you.";

[[noreturn]] void throw_wrong(const std::filesystem::path& file, const std::string& what)
{
    throw UsageError(file.string() + ": " + what, way_out);
}

json::object parse_object(const std::filesystem::path& file, std::string_view text)
{
    json::value document;
    try {
        document = parse_json(text, file.string());
    } catch (const Error& error) {
        throw UsageError(error.what(), way_out);
    }
    if (!document.is_object())
        throw_wrong(file, "must hold a JSON object");
    for (const auto& [key, value] : document.get_object()) {
        if (key != "target" && key != "bucket" && key != "region")
            throw_wrong(file, "there is no setting '" + std::string(key) + "'");
        if (!value.is_string())
            throw_wrong(file, "'" + std::string(key) + "' must be a string");
    }
    return std::move(document.get_object());
}

/// Source: Amazon S3 User Guide, "General purpose bucket naming rules".
bool is_reserved(std::string_view bucket)
{
    constexpr std::array<std::string_view, 3> prefixes{"xn--", "sthree-", "amzn-s3-demo-"};
    constexpr std::array<std::string_view, 5> suffixes{"-s3alias", "--ol-s3", ".mrap", "--x-s3",
                                                       "--table-s3"};
    return std::ranges::any_of(prefixes, [&](auto one) { return bucket.starts_with(one); }) ||
           std::ranges::any_of(suffixes, [&](auto one) { return bucket.ends_with(one); });
}

/// Formatted as an IPv4 address, or with two dots beside each other: S3 refuses both.
/// Source: Amazon S3 User Guide, "General purpose bucket naming rules".
bool has_wrong_dots(std::string_view bucket)
{
    const bool is_address = std::ranges::count(bucket, '.') == 3 &&
                            bucket.find_first_not_of("0123456789.") == std::string_view::npos;
    return is_address || bucket.find("..") != std::string_view::npos;
}

bool is_bucket_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

} // namespace

TargetSettings parse_target_settings(const std::filesystem::path& file, std::string_view text)
{
    const auto object = parse_object(file, text);
    TargetSettings settings;
    settings.file = file;
    const auto kind = string_or_empty(object, "target");
    if (kind == "local")
        return settings;
    if (kind != "aws")
        throw_wrong(file,
                    kind.empty() ? "'target' is missing" : "there is no target '" + kind + "'");
    settings.kind = TargetSettings::Kind::aws;
    settings.bucket = string_or_empty(object, "bucket");
    settings.region = string_or_empty(object, "region");
    if (settings.bucket.empty() || settings.region.empty())
        throw_wrong(file, "target \"aws\" needs 'bucket' and 'region'");
    for (const auto& mistake : {bucket_mistake(settings.bucket), region_mistake(settings.region)})
        if (!mistake.empty())
            throw_wrong(file, mistake);
    return settings;
}

TargetSettings read_target_settings(const std::filesystem::path& directory)
{
    std::vector<std::filesystem::path> places{directory / settings_file_name};
    if (const char* home = std::getenv("HOME"); home && *home)
        places.push_back(std::filesystem::path(home) / settings_file_name);
    for (const auto& file : places)
        if (const auto text = read_small_file_if_exists(file))
            return parse_target_settings(file, *text);
    return {};
}

std::string to_json(const TargetSettings& settings)
{
    json::object document;
    if (settings.kind == TargetSettings::Kind::local)
        document = {{"target", "local"}};
    else
        document = {{"target", "aws"}, {"bucket", settings.bucket}, {"region", settings.region}};
    return pretty_json(document);
}

std::string region_mistake(std::string_view region)
{
    if (manifest::region_rule.holds(region))
        return {};
    return "'" + std::string(region) + "' is not " + std::string(manifest::region_rule.allowed);
}

std::string bucket_mistake(std::string_view bucket)
{
    const bool is_name = bucket.size() >= 3 && bucket.size() <= 63 &&
                         std::ranges::all_of(bucket, is_bucket_character) &&
                         std::string_view("-.").find(bucket.front()) == std::string_view::npos &&
                         std::string_view("-.").find(bucket.back()) == std::string_view::npos;
    if (is_name && has_wrong_dots(bucket))
        return "'" + std::string(bucket) +
               "' is not the name of an S3 bucket: it looks like an IP address, or has two dots "
               "beside each other";
    if (is_name && is_reserved(bucket))
        return "'" + std::string(bucket) + "' is a name that S3 keeps for itself";
    if (is_name)
        return {};
    return "'" + std::string(bucket) +
           "' is not the name of an S3 bucket: 3 to 63 lower-case letters, digits, dashes and "
           "dots, a letter or digit first and last";
}

} // namespace nimbus::cli
