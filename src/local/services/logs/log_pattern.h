#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nimbus::local {

/// A filter pattern for unstructured events: terms and "phrases" that must all be there, ?terms of
/// which one must be there, -terms that must not. Case-sensitive. Source: CloudWatch Logs User
/// Guide, "Filter pattern syntax".
class LogPattern {
public:
    /// Throws ServiceError (InvalidParameterException) for the structured forms, `{ $.a = 1 }` and
    /// `[a, b]`, and %regular expressions%, which are not supported.
    explicit LogPattern(std::string_view text);

    bool matches(std::string_view message) const;

private:
    std::vector<std::string> all_;
    std::vector<std::string> any_;
    std::vector<std::string> none_;
};

} // namespace nimbus::local
