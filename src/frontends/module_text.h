#pragma once

#include <string_view>

namespace nimbus::frontends {

/// What a module's text tells of how it runs: by its words, without parsing it. What looks like
/// these things and is not makes a bundle larger than it needs to be, and harms nothing else.
struct ModuleTraits {
    int computed_load = 0; ///< line of the first require(name) or import(name); 0: none
    /// Line of the first require of a path that is computed and lacks its extension, as in
    /// require(`./parts/${name}`): a bundle knows its files by their whole names. 0: none.
    int load_without_extension = 0;
    bool starts_workers = false; ///< threads or processes, of files that it names by their paths
    bool asks_its_place = false; ///< __dirname and the like: it looks for files beside itself
};

/// `text` is JavaScript or TypeScript.
ModuleTraits traits_of(std::string_view text);

} // namespace nimbus::frontends
