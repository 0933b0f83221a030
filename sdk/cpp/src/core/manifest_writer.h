#pragma once

#include <nimbus/json.hpp>
#include <source_location>
#include <string>
#include <string_view>

namespace nimbus::detail {

/// The manifest while it is written, as docs/manifest.schema.json describes it, and where in the
/// source its parts are declared: by their paths in it, "functions[1]" is at "main.cpp:20:14", and
/// "" is the application.
class ManifestWriter {
public:
    /// `head`: what the manifest says of the application as a whole.
    ManifestWriter(json::object head, const std::source_location& place);

    /// Appends `entry` to the list `section`, which is there from its first entry on. Returns the
    /// entry's path.
    std::string add(std::string_view section, json::object entry,
                    const std::source_location& place);
    /// Says where a part of an entry is declared.
    void locate(std::string_view path, const std::source_location& place);

    const json::object& manifest() const noexcept { return manifest_; }
    const json::object& places() const noexcept { return places_; }

private:
    json::object manifest_;
    json::object places_;
};

/// main.cpp:20:14
std::string text_of(const std::source_location& place);

} // namespace nimbus::detail
