#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Sources that name files by where they are themselves: __dirname, import.meta.url. Found by the
/// words of the text, without parsing it.
namespace nimbus::frontends {

/// A path that begins with the directory of the source that says it.
struct PlaceRead {
    std::string path; ///< from there: "page.html", "../views"
    int line = 0;
    bool is_whole = true; ///< else more is added to it when the program runs
};

/// Paths in path.join(__dirname, "x"), path.resolve(…), `${__dirname}/x`, __dirname + "/x", the
/// same with import.meta.dirname, and new URL("./x", import.meta.url), as far as they are literal.
std::vector<PlaceRead> place_reads(std::string_view text);

/// Does it ask where it is?
bool asks_its_place(std::string_view text);

/// The same source, to which __dirname and its kin are as if it were not bundled. `path` is its
/// path in the project, which is that in the archive: "src/pages.ts". Lines stay where they are.
std::string with_own_place(std::string_view text, const std::string& path);

} // namespace nimbus::frontends
