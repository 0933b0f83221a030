#include "frontends/shipped_files.h"

#include "base/error.h"
#include "base/text.h"
#include "frontends/bundle.h"

#include <algorithm>
#include <fnmatch.h>
#include <map>
#include <set>

namespace nimbus::frontends {
namespace {

/// Of all files together, unpacked: Lambda Developer Guide, "Lambda quotas".
constexpr std::uintmax_t most_bytes = 250 * 1024 * 1024;

constexpr std::string_view packages_directory = "node_modules";

/// Packages are bundled or external, unless somebody names their directory.
bool fits(const std::string& pattern, const std::string& name)
{
    return pattern == name ||
           (name != packages_directory &&
            ::fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD | FNM_NOESCAPE) == 0);
}

/// What `**` leaves out.
bool is_skipped(const std::string& name)
{
    return name.starts_with('.') || name == packages_directory;
}

class Search {
public:
    Search(const std::filesystem::path& project, const std::string& name, WhenNone when_none)
        : project_(project), root_(std::filesystem::canonical(project)), name_(name),
          when_none_(when_none)
    {
    }

    void add(const std::string& pattern)
    {
        const auto parts = split(pattern, '/');
        found_ = false;
        descend(project_, {parts.begin(), parts.end()});
        if (!found_ && when_none_ == WhenNone::refuse)
            throw Error(name_ + " names the files " + pattern + ", and there is none in " +
                            project_.string(),
                        "Paths are relative to the directory of " + name_ +
                            "; '**' stands for any directories, '*' for a part of a name.");
    }

    ShippedFiles take()
    {
        ShippedFiles shipped;
        for (const auto& file : files_)
            shipped.files.push_back(package_file(file.lexically_relative(project_).string(), file));
        shipped.directories.assign(directories_.begin(), directories_.end());
        return shipped;
    }

private:
    void descend(const std::filesystem::path& directory, const std::vector<std::string>& parts)
    {
        const std::vector<std::string> rest(parts.begin() + 1, parts.end());
        const bool is_anywhere = parts.front() == "**";
        if (is_anywhere && !rest.empty())
            descend(directory, rest);
        directories_.insert(directory);
        for (const auto& entry : sorted_entries(directory)) {
            const auto name = entry.path().filename().string();
            if (is_anywhere ? is_skipped(name) : !fits(parts.front(), name))
                continue;
            require_within(entry);
            if (entry.is_directory())
                descend(entry.path(), is_anywhere    ? parts
                                      : rest.empty() ? std::vector<std::string>{"**"}
                                                     : rest);
            else if (rest.empty() && entry.is_regular_file()) {
                files_.insert(entry.path());
                found_ = true;
            }
        }
    }

    static std::vector<std::filesystem::directory_entry>
    sorted_entries(const std::filesystem::path& directory)
    {
        std::vector<std::filesystem::directory_entry> entries;
        for (const auto& entry : std::filesystem::directory_iterator(directory))
            entries.push_back(entry);
        std::ranges::sort(entries);
        return entries;
    }

    void require_within(const std::filesystem::directory_entry& entry) const
    {
        if (!entry.is_symlink())
            return;
        const auto link = entry.path().lexically_relative(project_).string();
        std::error_code error;
        const auto target = std::filesystem::canonical(entry.path(), error);
        if (error)
            throw Error(link + ", which " + name_ + " ships, is a symbolic link that leads nowhere",
                        "Correct or remove it.");
        if (target.lexically_relative(root_).string().starts_with(".."))
            throw Error(link + ", which " + name_ +
                            " ships, is a symbolic link out of the application's directory, to " +
                            target.string(),
                        "Copy what you need to where the link is.");
        if (entry.is_directory())
            throw Error(link + ", which " + name_ + " ships, is a symbolic link to a directory",
                        "Name the directory itself: " + target.lexically_relative(root_).string() +
                            "/**.");
    }

    const std::filesystem::path& project_;
    const std::filesystem::path root_; ///< the same without symbolic links
    const std::string& name_;
    const WhenNone when_none_;
    bool found_ = false; ///< a file, by the pattern at hand
    std::set<std::filesystem::path> files_;
    std::set<std::filesystem::path> directories_;
};

std::string megabytes(std::uintmax_t bytes)
{
    return std::to_string(bytes / (1024 * 1024)) + " MB";
}

} // namespace

ShippedFiles shipped_files(const std::vector<std::string>& patterns,
                           const std::filesystem::path& project, const std::string& name,
                           WhenNone when_none)
{
    Search search(project, name, when_none);
    for (const auto& pattern : patterns)
        search.add(pattern);
    return search.take();
}

std::vector<PackageFile> joined_files(std::vector<PackageFile> files,
                                      const std::vector<PackageFile>& more, const std::string& name,
                                      const std::vector<std::string>& reserved)
{
    std::map<std::string, std::filesystem::path> sources;
    for (const auto& file : files)
        sources.emplace(file.name, file.source);
    for (const auto& file : more) {
        const auto [there, is_new] = sources.emplace(file.name, file.source);
        const bool is_free = std::ranges::find(reserved, file.name) == reserved.end();
        if (is_new && is_free)
            files.push_back(file);
        else if (is_new || there->second != file.source)
            throw Error(name + " ships the file " + file.name +
                            ", which is the name of what Nimbus makes of the program",
                        "Rename the file, or put it into a directory.");
    }
    return files;
}

void require_fits_lambda(const std::vector<PackageFile>& files, const std::string& name)
{
    std::uintmax_t total = 0;
    std::uintmax_t most = 0;
    const PackageFile* largest = nullptr;
    for (const auto& file : files) {
        const auto size = std::filesystem::file_size(file.source);
        total += size;
        if (size > most) {
            most = size;
            largest = &file;
        }
    }
    if (total > most_bytes)
        throw Error("The files of " + name + " are " + megabytes(total) +
                        ", and Lambda unpacks at most " + megabytes(most_bytes) + ": " +
                        largest->name + " alone has " + megabytes(most),
                    "Ship fewer or smaller files; large ones belong in S3.");
}

} // namespace nimbus::frontends
