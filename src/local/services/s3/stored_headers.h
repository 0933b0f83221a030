#pragma once

#include "base/json.h"
#include "local/services/inputs.h"

#include <boost/json/serialize.hpp>

#include <map>
#include <string>

namespace nimbus::local {

/// Headers as the store's tables keep them: a JSON object of strings.
inline std::map<std::string, std::string> stored_headers(const std::string& text)
{
    std::map<std::string, std::string> headers;
    const auto document = parse_json(text, "stored headers");
    for (const auto& [name, value] : document.as_object())
        headers[name] = std::string(value.as_string());
    return headers;
}

inline std::string text_to_store(const std::map<std::string, std::string>& headers)
{
    return json::serialize(map_to_json(headers));
}

} // namespace nimbus::local
