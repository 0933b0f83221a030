#pragma once

#include "aws/operation.h"

#include <string>
#include <string_view>

/// The query protocol's side of requests: Action=…&Version=…&Name=value, in the body.
namespace nimbus::aws {

class Form {
public:
    explicit Form(const OperationInfo& operation);

    /// Left out when it is empty, or 0.
    Form& add(std::string_view name, std::string_view value);
    Form& add(std::string_view name, int value);
    /// Tags.member.1.Key, Tags.member.1.Value, …
    Form& add(const Tags& tags);

    Encoded request() const;

private:
    void append(std::string_view name, std::string_view value);

    std::string text_;
};

} // namespace nimbus::aws
