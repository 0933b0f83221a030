#include "cli/starter_project.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/starter_texts.h"

namespace nimbus::cli {
namespace {

/// What the examples are called in their texts.
constexpr std::string_view name_of_example = "starter";

/// Creates the directory unless there is an empty one; says whether it did.
bool take_directory(const std::filesystem::path& directory)
{
    std::error_code failure;
    if (!std::filesystem::exists(directory, failure)) {
        make_directories(directory);
        return true;
    }
    if (!std::filesystem::is_directory(directory, failure))
        throw Error(directory.string() + " is a file already", "Choose another name.");
    if (!std::filesystem::is_empty(directory, failure) || failure)
        throw Error("The directory " + directory.string() + " is not empty",
                    "Choose another name, or move away what is in it.");
    return false;
}

} // namespace

std::vector<StarterFile> starter_files(Language language, std::string_view name)
{
    std::vector<StarterFile> files;
    const auto add = [&](const StarterText& text) {
        files.push_back({.name = std::string(text.name),
                         .text = replace_all(std::string(text.text), name_of_example, name)});
    };
    if (language == Language::cpp)
        for (const auto& text : starter_texts)
            add(text);
    else
        for (const auto& text : starter_ts_texts)
            add(text);
    return files;
}

void write_starter(const std::filesystem::path& directory, const std::vector<StarterFile>& files)
{
    const bool is_new = take_directory(directory);
    try {
        for (const auto& file : files) {
            make_directories((directory / file.name).parent_path());
            write_file(directory / file.name, file.text);
        }
    } catch (...) {
        std::error_code ignored; // of what was not written, and of directories that are not empty
        for (const auto& file : files) {
            const auto path = directory / file.name;
            std::filesystem::remove(path, ignored);
            if (path.parent_path() != directory)
                std::filesystem::remove(path.parent_path(), ignored);
        }
        if (is_new)
            std::filesystem::remove(directory, ignored);
        throw;
    }
}

} // namespace nimbus::cli
