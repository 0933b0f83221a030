#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

/// How a bundle gets modules that are in packages.js beside it: by a function that loads one of
/// them, which bundles call nimbus_package (esbuild.cpp).
namespace nimbus::frontends {

/// `text` as a program in JavaScript has it.
std::string script_literal(std::string_view text);

/// What is bundled as packages.js: `modules` are files, by the names that they are loaded by.
std::string package_loader_text(const std::map<std::string, std::filesystem::path>& modules);

/// A module in CommonJS that is the one of this name.
std::string stand_in_text(std::string_view name);

} // namespace nimbus::frontends
