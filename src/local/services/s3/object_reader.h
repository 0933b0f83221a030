#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace nimbus::local {

/// What an object holds, told without reading it.
struct ObjectContent {
    std::string sha256; ///< hexadecimal
    std::uint64_t size = 0;
};

/// S3 as other services read from it. Thread-safe. Permissions are the reader's to check.
class ObjectReader {
public:
    virtual ~ObjectReader() = default;
    virtual bool has_bucket(const std::string& name) = 0;
    /// Nothing when there is no such object.
    virtual std::optional<ObjectContent> find_content(const std::string& bucket,
                                                      const std::string& key) = 0;
    /// The object's content; nothing when there is no such object.
    virtual std::optional<std::string> read_object(const std::string& bucket,
                                                   const std::string& key) = 0;
};

} // namespace nimbus::local
