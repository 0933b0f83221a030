#include "local/backup_manifest.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/time.h"
#include "crypto/digest.h"

#include <algorithm>
#include <map>
#include <vector>

namespace nimbus::local {
namespace {

namespace fs = std::filesystem;

/// Below `root`, in the order of their names.
std::vector<fs::path> files_below(const fs::path& root)
{
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (!entry.is_directory() && !entry.is_regular_file())
            throw Error("'" + entry.path().string() + "' is neither a file nor a directory");
        if (entry.symlink_status().type() == fs::file_type::symlink)
            throw Error("'" + entry.path().string() + "' is a symbolic link");
        if (entry.is_regular_file())
            files.push_back(entry.path().lexically_relative(root));
    }
    std::ranges::sort(files);
    return files;
}

[[noreturn]] void throw_damaged(const fs::path& file, const std::string& why)
{
    throw Error("'" + file.string() + "' is not a backup, or is damaged: " + why,
                "Nothing was changed.");
}

} // namespace

BackupSummary write_manifest(const Home& copy, std::size_t clusters,
                             const Interruption& interruption)
{
    BackupSummary summary{.account_id = copy.read_settings()->account_id,
                          .made = format_iso8601_seconds(system_now()),
                          .clusters = clusters};
    json::array list;
    for (const auto& file : files_below(copy.root())) {
        interruption.check();
        const auto size = fs::file_size(copy.root() / file);
        summary.bytes += size;
        ++summary.files;
        list.push_back({{"path", file.string()},
                        {"size", size},
                        {"sha256", crypto::sha256_hex_of_file(copy.root() / file)}});
    }
    write_file(copy.root() / manifest_name,
               pretty_json(json::object{{"format", backup_format},
                                        {"nimbus", NIMBUS_VERSION},
                                        {"made", summary.made},
                                        {"accountId", summary.account_id},
                                        {"clusters", clusters},
                                        {"files", std::move(list)}}),
               0600);
    return summary;
}

BackupSummary check_unpacked(const fs::path& archive, const fs::path& directory,
                             const Interruption& interruption)
{
    const auto text = read_file_if_exists(directory / manifest_name);
    if (!text)
        throw_damaged(archive, "it has no manifest");
    const auto document = parse_json(*text, "its manifest");
    if (!document.is_object())
        throw_damaged(archive, "its manifest is not an object");
    const auto& manifest = document.get_object();
    const auto format = integer_member(manifest, "format").value_or(0);
    if (format > backup_format)
        throw Error("'" + archive.string() + "' was made by a newer Nimbus (format " +
                        std::to_string(format) + "; this one knows " +
                        std::to_string(backup_format) + ")",
                    "Install that Nimbus, then restore the backup.");
    fs::remove(directory / manifest_name);
    BackupSummary summary{
        .account_id = string_or_empty(manifest, "accountId"),
        .made = string_or_empty(manifest, "made"),
        .clusters = static_cast<std::size_t>(integer_member(manifest, "clusters").value_or(0))};
    std::map<std::string, const json::object*> expected;
    if (const auto* list = array_member(manifest, "files"))
        for (const auto& each : *list)
            if (each.is_object())
                expected[string_or_empty(each.get_object(), "path")] = &each.get_object();
    for (const auto& path : files_below(directory)) {
        interruption.check();
        const auto found = expected.find(path.string());
        if (found == expected.end())
            throw_damaged(archive, "its manifest does not have " + path.string());
        const auto size = fs::file_size(directory / path);
        if (integer_member(*found->second, "size") != static_cast<std::int64_t>(size) ||
            string_or_empty(*found->second, "sha256") !=
                crypto::sha256_hex_of_file(directory / path))
            throw_damaged(archive, path.string() + " is not what the manifest says");
        summary.bytes += size;
        ++summary.files;
        expected.erase(found);
    }
    if (!expected.empty())
        throw_damaged(archive, "it lacks " + expected.begin()->first);
    return summary;
}

} // namespace nimbus::local
