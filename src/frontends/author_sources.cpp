#include "frontends/author_sources.h"

#include "base/file.h"

#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <vector>

namespace nimbus::frontends {
namespace {

bool is_file(const std::filesystem::path& path)
{
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored);
}

/// The source that an import names by its place: './users.js' is users.ts, './users' also
/// users/index.ts (TypeScript's handbook, "Module Resolution").
std::optional<std::filesystem::path> imported_source(const std::filesystem::path& from,
                                                     std::string_view name)
{
    if (!name.starts_with("./") && !name.starts_with("../"))
        return {};
    const auto path = (from.parent_path() / name).lexically_normal();
    auto bare = path;
    if (language_of(path) == SourceLanguage::script)
        bare.replace_extension();
    for (const auto& base : {bare, path, path / "index"})
        for (const auto* extension : {".ts", ".tsx", ".mts", ".cts", ".d.ts"})
            if (auto candidate = base; is_file(candidate += extension))
                return candidate;
    return {};
}

void add_imports(const SourceFile& file, std::set<std::filesystem::path>& wanted)
{
    for (std::size_t i = 0; i < file.size(); ++i)
        if (file.at(i).is("from") && file.at(i + 1).is_text())
            if (auto source = imported_source(file.path(), file.literal(file.at(i + 1)).value))
                wanted.insert(*std::move(source));
}

/// Those of a project whose build does not tell what it read.
void add_all_below(const std::filesystem::path& directory, std::set<std::filesystem::path>& wanted)
{
    auto entry = std::filesystem::recursive_directory_iterator(
        directory, std::filesystem::directory_options::skip_permission_denied);
    for (const auto end = std::filesystem::end(entry); entry != end; ++entry) {
        const auto name = entry->path().filename().string();
        const bool is_authors =
            !name.starts_with('.') && !name.starts_with("build") && name != "node_modules";
        if (entry->is_directory() && !is_authors)
            entry.disable_recursion_pending();
        else if (is_authors && language_of(name) == SourceLanguage::cpp && is_file(entry->path()))
            wanted.insert(entry->path());
    }
}

bool is_of_libnimbus(const std::filesystem::path& file)
{
    return file.string().contains("/include/nimbus/");
}

} // namespace

Sources sources_of(const BuiltApplication& application)
{
    std::set<std::filesystem::path> wanted, read;
    for (const auto& input : application.inputs)
        if (language_of(input) && is_file(input) && !is_of_libnimbus(input))
            wanted.insert(input);
    if (wanted.empty() && application.file.filename() == "CMakeLists.txt")
        add_all_below(application.directory, wanted);
    std::map<std::filesystem::path, std::string> contents;
    while (wanted != read)
        for (const auto& path : std::set(wanted))
            if (read.insert(path).second) {
                auto content = read_file(path);
                if (language_of(path) == SourceLanguage::script)
                    add_imports(SourceFile(path, content, SourceLanguage::script), wanted);
                contents.emplace(path, std::move(content));
            }
    Sources sources;
    for (auto& [path, content] : contents)
        sources.emplace_back(path, std::move(content), *language_of(path));
    return sources;
}

} // namespace nimbus::frontends
