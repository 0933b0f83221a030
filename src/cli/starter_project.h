#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// The project that `nimbus new` makes: examples/starter or examples/starter-ts under another name.
namespace nimbus::cli {

enum class Language { cpp, typescript };

struct StarterFile {
    std::string name; ///< main.cpp, migrations/0001_notes.sql
    std::string text;
};

/// The files of a project called `name`.
std::vector<StarterFile> starter_files(Language language, std::string_view name);

/// Writes the files into a directory that is new or empty. Throws Error when it is neither; a
/// failure leaves nothing behind.
void write_starter(const std::filesystem::path& directory, const std::vector<StarterFile>& files);

} // namespace nimbus::cli
