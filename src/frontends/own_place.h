#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Sources that name files by where they are themselves: __dirname, import.meta.url. Found by the
/// words of the text, without parsing it.
///
/// Within a bundle, esbuild puts members of one name in their place: nimbus_own_place. It stands
/// for what the module itself declares by that name, if it does so, and for what the bundle begins
/// with otherwise. So a source is given its own place by a declaration behind its last line, and
/// nothing in it is rewritten or moves: words in texts stay, and what it declares itself as
/// __dirname is its own. The declaration is a generator, because functions are there before any
/// line of a module runs, also among modules that import each other, and because the members can be
/// those of generators alone.
namespace nimbus::frontends {

/// A path that begins with the directory of the source that says it.
struct PlaceRead {
    std::string path; ///< from there: "page.html", "../views"
    int line = 0;
    bool is_whole = true; ///< else more is added to it when the program runs
};

/// Paths in path.join(__dirname, "x"), path.resolve(…), `${__dirname}/x`, __dirname + "/x", the
/// same with import.meta.dirname or a variable that is declared as one of these or as
/// dirname(fileURLToPath(import.meta.url)), new URL("./x", import.meta.url), and
/// createRequire(import.meta.url)("./x"), as far as they are literal.
std::vector<PlaceRead> place_reads(std::string_view text);

/// The names of packages in createRequire(import.meta.url)("x"), which no bundler follows.
std::vector<std::string> packages_required_from_place(std::string_view text);

/// Does it ask where it is?
bool asks_its_place(std::string_view text);

/// The same source, that knows where it is: `path`, in the archive.
std::string with_own_place(std::string_view text, const std::string& path);

/// Where a module lies in the archive, as if it were not bundled: at its path in the project, and
/// below node_modules if it is of a package that is installed above. Nothing for other files
/// outside of the project.
std::optional<std::string> path_in_archive(const std::filesystem::path& module,
                                           const std::filesystem::path& project);

/// What replaces which words, for esbuild.
std::vector<std::string> place_definitions();

/// What a bundle begins with, so that places are known: declares nimbus_own_place. `file` is
/// JavaScript for the bundle's own path; `require` is there.
std::string place_declaration(std::string_view file);

} // namespace nimbus::frontends
