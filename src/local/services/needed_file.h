#pragma once

#include "base/json.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace nimbus::local {

/// A file beside the database of a home that a row of it refers to.
struct NeededFile {
    std::string owner; ///< what needs it, as in "the object s3://bucket/key"
    std::filesystem::path path;
    std::uint64_t size = 0;
    std::string sha256; ///< of its content, in hexadecimal digits
    /// Takes the owner out of the database and returns what that held of it. Empty where somebody
    /// has to decide that.
    std::function<json::object()> forget{};
};

} // namespace nimbus::local
