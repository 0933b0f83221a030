#pragma once

#include "base/json.h"
#include "manifest/grammar.h"
#include "manifest/problems.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::manifest {

/// JSON Schema's "integer": 256 and 256.0.
std::optional<double> whole_number(const json::value& value);

/// Reads the fields of one JSON object and reports what is wrong with each, under its path. A value
/// of the right type is returned even where it breaks its rule, so that what refers to it can still
/// be checked; a value of another type is as if it were not there.
class ObjectReader {
public:
    /// Reports a `value` that is no object, and fields other than `fields`. `path` is the object's
    /// own, "" for the document. The value outlives the reader.
    ObjectReader(const json::value& value, std::string path,
                 const std::vector<std::string_view>& fields, Problems& problems);

    /// `candidates` are what may have been meant instead of a wrong value.
    std::string required_text(std::string_view field, const TextRule& rule,
                              const std::vector<std::string_view>& candidates = {});
    /// `check` returns what is wrong with the text, or "".
    std::string required_text(std::string_view field,
                              const std::function<std::string(std::string_view)>& check);
    std::optional<std::string> text(std::string_view field, const TextRule& rule);
    std::optional<int> integer(std::string_view field, int least, int most, std::string_view unit);
    std::optional<bool> boolean(std::string_view field);
    /// An object whose values are strings.
    std::map<std::string, std::string> text_map(std::string_view field);
    std::optional<std::vector<std::string>> text_list(std::string_view field);
    /// One string, or an array of strings.
    std::optional<std::vector<std::string>> text_or_list(std::string_view field);
    /// Calls `read(element, its path)` for each element.
    void each(std::string_view field,
              const std::function<void(const json::value&, const std::string&)>& read);

    const json::value* find(std::string_view field) const;
    std::string path_of(std::string_view field) const;
    void report(std::string_view field, std::string message);
    /// Reports that the value of the field, which is there, must be `allowed`.
    void refuse(std::string_view field, std::string_view allowed);

private:
    /// The string, or nothing after reporting another type or that a required one is missing.
    const json::string* string_at(std::string_view field, std::string_view allowed, bool required);
    const json::array* array_at(std::string_view field);

    const json::object* object_ = nullptr;
    std::string path_;
    Problems& problems_;
};

} // namespace nimbus::manifest
