#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nimbus {

/// An Amazon Resource Name: arn:partition:service:region:account:resource. Region and account are
/// empty for services whose names go without them (S3, IAM). Source: the AWS General Reference,
/// "Amazon Resource Names (ARNs)".
struct Arn {
    std::string partition = "aws";
    std::string service;
    std::string region;
    std::string account;  ///< 12 digits
    std::string resource; ///< all that follows, further colons too: function:name:alias, role/name

    /// Nothing unless `text` has all six parts, with a partition, a service and a resource. Which
    /// characters the parts may have differs from service to service and is not checked.
    static std::optional<Arn> parse(std::string_view text);

    std::string to_string() const;

    bool operator==(const Arn&) const = default;
};

} // namespace nimbus
