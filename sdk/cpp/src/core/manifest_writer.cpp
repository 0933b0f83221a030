#include "core/manifest_writer.h"

#include "base/text.h"

namespace nimbus::detail {

ManifestWriter::ManifestWriter(json::object head, const std::source_location& place)
    : manifest_(std::move(head))
{
    locate("", place);
}

std::string ManifestWriter::add(std::string_view section, json::object entry,
                                const std::source_location& place)
{
    auto& list = manifest_.emplace(section, json::array()).first->value().as_array();
    auto path = indexed(section, list.size());
    list.push_back(std::move(entry));
    locate(path, place);
    return path;
}

void ManifestWriter::locate(std::string_view path, const std::source_location& place)
{
    places_.emplace(path, text_of(place));
}

std::string text_of(const std::source_location& place)
{
    return std::string(place.file_name()) + ':' + std::to_string(place.line()) + ':' +
           std::to_string(place.column());
}

} // namespace nimbus::detail
