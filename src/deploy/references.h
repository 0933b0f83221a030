#pragma once

#include "base/json.h"

#include <functional>
#include <string>
#include <string_view>

/// A resource's inputs may hold outputs of other resources that do not exist yet: the identifier
/// of a cluster inside an environment variable or an ARN. Until it exists, a placeholder stands in
/// its place, as a part of the string.
namespace nimbus::deploy {

/// A placeholder for the output `output` of the resource with that key. Unit separators (U+001F)
/// frame it, which no name or identifier holds.
std::string output_of(std::string_view resource_key, std::string_view output);

/// The value of an output, or nothing while it is not known.
using OutputLookup =
    std::function<const json::value*(std::string_view resource_key, std::string_view output)>;

/// `value` with its placeholders replaced, in members' names, too; those that `lookup` does not
/// know stay. What comes of it lies in `storage`.
json::value resolve(const json::value& value, const OutputLookup& lookup,
                    const json::storage_ptr& storage = {});
json::object resolve(const json::object& object, const OutputLookup& lookup,
                     const json::storage_ptr& storage = {});

/// Is there a placeholder left?
bool is_unresolved(const json::value& value);

} // namespace nimbus::deploy
