#include "frontends/places.h"

#include "base/error.h"
#include "base/json.h"

namespace nimbus::frontends {
namespace {

/// `path` without its last member or index; "" for a single name.
std::string_view parent_of(std::string_view path)
{
    const auto end = path.find_last_of(".[");
    return end == std::string_view::npos ? std::string_view() : path.substr(0, end);
}

std::string place_of(std::string_view path, const Places& places)
{
    for (auto part = path;; part = parent_of(part)) {
        if (const auto found = places.find(std::string(part)); found != places.end())
            return found->second;
        if (part.empty())
            return {};
    }
}

} // namespace

Places parse_places(std::string_view json_text, const std::filesystem::path& directory)
{
    const auto prefix = directory.string() + '/';
    Places places;
    if (json_text.empty())
        return places;
    try {
        const auto document = parse_json(json_text, "The list of places");
        if (const auto* object = document.if_object())
            for (const auto& [path, place] : *object)
                if (const auto* text = place.if_string()) {
                    const std::string_view full(*text);
                    const auto from = full.starts_with(prefix) ? prefix.size() : 0;
                    places.emplace(path, full.substr(from));
                }
    } catch (const Error&) {
        places.clear();
    }
    return places;
}

std::vector<manifest::Problem> with_places(std::vector<manifest::Problem> problems,
                                           const Places& places)
{
    for (auto& [path, message] : problems)
        if (const auto place = place_of(path, places); !place.empty())
            path = path.empty() ? place : place + ": " + path;
    return problems;
}

} // namespace nimbus::frontends
