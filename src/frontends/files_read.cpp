#include "frontends/files_read.h"

#include "base/file.h"
#include "frontends/own_place.h"
#include "frontends/source_copies.h"

#include <algorithm>

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
                for (const auto& read : place_reads(read_file(source)))
                    take(source, read);
        FilesRead found{shipped_files(patterns_, project_, name_, WhenNone::accept),
                        std::move(warnings_)};
        std::erase_if(found.shipped.files, [&](const PackageFile& file) {
            return std::ranges::find(sources_, file.source) != sources_.end();
        });
        return found;
    }

private:
    void take(const std::filesystem::path& source, const PlaceRead& read)
    {
        const auto file = (source.parent_path() / read.path).lexically_normal();
        const auto pattern = file.lexically_relative(project_);
        std::error_code ignored;
        const bool is_directory = std::filesystem::is_directory(file, ignored);
        const auto warn = [&](const std::string& sentence) {
            warnings_.push_back(source.lexically_relative(project_).string() + ':' +
                                std::to_string(read.line) + ": " + sentence);
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

} // namespace

FilesRead files_read_by(const std::vector<std::filesystem::path>& sources,
                        const std::filesystem::path& project, const std::string& name)
{
    return Finder(sources, project, name).find();
}

} // namespace nimbus::frontends
