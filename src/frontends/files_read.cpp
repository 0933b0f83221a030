#include "frontends/files_read.h"

#include "base/file.h"
#include "frontends/authors_files.h"
#include "frontends/bundle.h"
#include "frontends/module_text.h"
#include "frontends/own_place.h"

#include <algorithm>
#include <utility>

namespace nimbus::frontends {
namespace {

class Finder {
public:
    Finder(const std::vector<std::filesystem::path>& sources, const std::filesystem::path& project,
           const std::string& name)
        : sources_(sources), project_(project), name_(name)
    {
    }

    FilesRead find()
    {
        for (const auto& source : sources_)
            if (is_script(source))
                search(source, read_file(source));
        FilesRead found{shipped_files(patterns_, project_, name_, WhenNone::accept),
                        std::move(warnings_)};
        std::erase_if(found.shipped.files, [&](const PackageFile& file) {
            return std::ranges::find(sources_, file.source) != sources_.end();
        });
        return found;
    }

private:
    void warn(const std::filesystem::path& source, int line, const std::string& sentence)
    {
        warnings_.push_back(source.lexically_relative(project_).string() + ':' +
                            std::to_string(line) + ": " + sentence);
    }

    void search(const std::filesystem::path& source, const std::string& text)
    {
        for (const auto& read : place_reads(text))
            take(source, read);
        if (const auto line = traits_of(text).load_without_extension; line != 0)
            warn(source, line,
                 "a bundle knows the files that are required there only by names with their "
                 "extension. Put it behind what is computed.");
    }

    void take(const std::filesystem::path& source, const PlaceRead& read)
    {
        const auto file = (source.parent_path() / read.path).lexically_normal();
        const auto pattern = file.lexically_relative(project_);
        std::error_code ignored;
        const bool is_directory = std::filesystem::is_directory(file, ignored);
        const auto warn = [&](const std::string& sentence) {
            this->warn(source, read.line, sentence);
        };
        if (!is_below(file, project_) && read.is_whole)
            warn(read.path + " lies outside of the application's directory, and is not shipped.");
        else if (!read.is_whole && !(is_directory && is_below(file, project_) && pattern != "."))
            warn("which file is read there is known only when it runs, and none is shipped. Name "
                 "what may be: new Nimbus({ files: ['…'] }).");
        else if (is_directory && pattern == ".")
            return; // the project itself, which no file is read from
        else if (std::filesystem::exists(file, ignored))
            patterns_.push_back(pattern.string());
        else
            warn(read.path + " is not there, and is not shipped.");
    }

    const std::vector<std::filesystem::path>& sources_;
    const std::filesystem::path& project_;
    const std::string& name_;
    std::vector<std::string> patterns_;
    std::vector<std::string> warnings_;
};

template <typename Take>
void for_each_file_below(const std::filesystem::path& directory, const Take& take)
{
    std::vector<PackageFile> files;
    add_directory(files, directory, {});
    for (const auto& file : files)
        take(file.source);
}

} // namespace

FilesRead files_read_by(const std::vector<std::filesystem::path>& sources,
                        const std::filesystem::path& project, const std::string& name)
{
    return Finder(sources, project, name).find();
}

FilesReadByPackages files_read_by_packages(const ModuleGraph& graph,
                                           const std::vector<InstalledPackage>& beside,
                                           const std::filesystem::path& project)
{
    FilesReadByPackages found;
    const auto add = [&](const std::filesystem::path& file) {
        if (auto path = path_in_archive(file, project))
            found.files.emplace(std::move(*path), file);
    };
    for (const auto& [name, module] : graph.modules()) {
        const auto package = package_of(module.file);
        if (!package || !is_script(module.file) ||
            std::ranges::find(beside, *package) != beside.end())
            continue;
        const auto text = read_file_if_exists(module.file);
        if (!text || !asks_its_place(*text))
            continue;
        found.modules.push_back(module.file);
        for (const auto& read : place_reads(*text)) {
            const auto file = (module.file.parent_path() / read.path).lexically_normal();
            std::error_code ignored;
            if (!is_below(file, package->directory))
                continue;
            if (std::filesystem::is_regular_file(file, ignored) && read.is_whole)
                add(file);
            else if (std::filesystem::is_directory(file, ignored) &&
                     file.lexically_relative(package->directory) != ".")
                for_each_file_below(file, add);
        }
    }
    return found;
}

} // namespace nimbus::frontends
