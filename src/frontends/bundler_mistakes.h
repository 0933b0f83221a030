#pragma once

#include "frontends/esbuild.h"
#include "frontends/front_end.h"

#include <string>
#include <vector>

/// What esbuild found wrong, in words for the author.
namespace nimbus::frontends {

/// What installed packages ask for and do not find, when nothing else is wrong: drivers that they
/// can use, or parts for other machines. They find out themselves, if they come to it.
std::vector<std::string> missing_in_packages(const BundlerRun& run);

/// Shows all mistakes, and throws the first.
[[noreturn]] void throw_bundler_error(const BuildRequest& request, const BundlerRun& run);

/// Of the author's own files: what packages do has been seen by many.
std::string shown_warnings(std::vector<BundlerMessage> messages);

} // namespace nimbus::frontends
