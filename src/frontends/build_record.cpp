#include "frontends/build_record.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/scratch_file.h"
#include "crypto/digest.h"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <set>
#include <sys/stat.h>
#include <utility>

namespace nimbus::frontends {

std::int64_t file_clock_now()
{
    using namespace std::chrono;
    return duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
}

namespace {

constexpr std::int64_t format = 1;

struct Metadata {
    std::uintmax_t size;
    std::int64_t modified;
    bool is_directory;
};

std::optional<Metadata> metadata_of(const std::filesystem::path& path)
{
    struct stat status;
    if (::stat(path.c_str(), &status) != 0)
        return {};
    const bool is_directory = S_ISDIR(status.st_mode);
    if (!is_directory && !S_ISREG(status.st_mode))
        return {};
    return Metadata{is_directory ? 0 : static_cast<std::uintmax_t>(status.st_size),
                    std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec,
                    is_directory};
}

std::string digest_of(const std::filesystem::path& path, const Metadata& metadata)
{
    if (!metadata.is_directory)
        return crypto::sha256_hex_of_file(path);
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path))
        if (const auto name = entry.path().filename().string(); !name.starts_with('.'))
            names.insert(name);
    std::string text;
    for (const auto& name : names)
        text += name + '/';
    return crypto::sha256_hex(text);
}

/// Some file systems tell times in steps of two seconds (FAT): 0 for a file that could change again
/// within the same step.
std::int64_t trusted(std::int64_t modified)
{
    return modified > file_clock_now() - 2'000'000'000 ? 0 : modified;
}

json::object object_of(const FileStamp& stamp)
{
    return {{"path", stamp.path.string()},
            {"size", static_cast<std::int64_t>(stamp.size)},
            {"modified", stamp.modified},
            {"sha256", stamp.sha256}};
}

FileStamp stamp_of(const json::object& object)
{
    return {string_or_empty(object, "path"),
            static_cast<std::uintmax_t>(integer_member(object, "size").value_or(0)),
            integer_member(object, "modified").value_or(0), string_or_empty(object, "sha256")};
}

std::optional<BuildRecord> load_record(const std::filesystem::path& path)
{
    try {
        const auto text = read_file_if_exists(path);
        if (!text)
            return {};
        const auto document = parse_json(*text, path.string());
        const auto* object = document.if_object();
        const auto* files = object != nullptr ? array_member(*object, "files") : nullptr;
        if (files == nullptr || integer_member(*object, "format") != format)
            return {};
        BuildRecord record{string_or_empty(*object, "commands"), {}};
        for (const auto& file : *files)
            record.files.push_back(stamp_of(file.as_object()));
        return record;
    } catch (const std::exception&) {
        return {}; // then it is built again
    }
}

void write_record(const std::filesystem::path& path, const BuildRecord& record)
{
    json::array files;
    for (const auto& stamp : record.files)
        files.push_back(object_of(stamp));
    write_scratch_file(path, json::serialize(json::object{{"format", format},
                                                          {"commands", record.commands},
                                                          {"files", std::move(files)}}));
}

} // namespace

FileStamp stamp_file(const std::filesystem::path& path)
{
    // Metadata first: a change while the content is read shows as a newer time.
    const auto metadata = metadata_of(path);
    if (!metadata)
        throw Error("There is no file '" + path.string() + "'");
    return {path, metadata->size, trusted(metadata->modified), digest_of(path, *metadata)};
}

std::vector<FileStamp> recorded_stamps(const std::filesystem::path& path)
{
    auto record = load_record(path);
    return record ? std::move(record->files) : std::vector<FileStamp>();
}

std::vector<FileStamp> stamp_files(const std::set<std::filesystem::path>& paths,
                                   const std::vector<FileStamp>& known)
{
    std::map<std::filesystem::path, const FileStamp*> before;
    for (const auto& stamp : known)
        before.emplace(stamp.path, &stamp);
    std::vector<FileStamp> stamps;
    for (const auto& path : paths) {
        const auto found = before.find(path);
        const auto metadata = found == before.end() ? std::nullopt : metadata_of(path);
        const bool is_same = metadata && !metadata->is_directory &&
                             metadata->size == found->second->size &&
                             metadata->modified == found->second->modified;
        stamps.push_back(is_same ? *found->second : stamp_file(path));
    }
    return stamps;
}

bool is_unchanged(FileStamp& stamp)
{
    const auto metadata = metadata_of(stamp.path);
    if (!metadata || metadata->size != stamp.size)
        return false;
    if (metadata->modified == stamp.modified)
        return true;
    if (digest_of(stamp.path, *metadata) != stamp.sha256)
        return false;
    stamp.modified = trusted(metadata->modified);
    return true;
}

namespace {

bool is_inside(const std::filesystem::path& directory, const std::filesystem::path& path)
{
    return path.string().starts_with(directory.string() + '/');
}

} // namespace

void save_record(const std::filesystem::path& path, const BuildRecord& record, std::int64_t began)
{
    const auto is_late = [&](const FileStamp& stamp) {
        if (is_inside(path.parent_path(), stamp.path))
            return false;
        const auto metadata = metadata_of(stamp.path);
        // The time of a directory also tells of names that do not count.
        return !metadata || (!metadata->is_directory && metadata->modified > began);
    };
    if (std::ranges::none_of(record.files, is_late))
        write_record(path, record);
}

std::vector<std::filesystem::path> BuildRecord::inputs(const std::filesystem::path& directory) const
{
    std::vector<std::filesystem::path> paths;
    for (const auto& file : files)
        if (!is_inside(directory, file.path))
            paths.push_back(file.path);
    return paths;
}

std::optional<BuildRecord> current_record(const std::filesystem::path& path,
                                          const std::string& commands)
{
    const auto saved = load_record(path);
    if (!saved || saved->commands != commands || saved->files.empty())
        return {};
    auto record = *saved;
    if (!std::ranges::all_of(record.files, is_unchanged))
        return {};
    if (record != *saved)
        write_record(path, record);
    return record;
}

} // namespace nimbus::frontends
