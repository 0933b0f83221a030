#pragma once

#include <string>
#include <string_view>

namespace nimbus::local::iam {

/// A text of a policy with its variables replaced. What the policy itself says has wildcards; what
/// a variable stands for is meant to the letter. Source: AWS IAM User Guide, "IAM policy elements:
/// Variables and tags".
class Pattern {
public:
    Pattern() = default;
    /// A text without variables.
    explicit Pattern(std::string_view text) { add(text); }

    /// Adds what the policy says: `*` and `?` are wildcards.
    void add(std::string_view text);
    /// Adds what a variable stands for.
    void add_value(std::string_view value);

    /// All of it, for tests that know no wildcards.
    const std::string& text() const noexcept { return text_; }
    bool matches(std::string_view text) const noexcept;
    /// As ARNs match: part by part, so that a wildcard does not reach over a colon of the first
    /// five.
    bool matches_arn(std::string_view arn) const noexcept;

private:
    std::string text_;
    std::string escaped_; ///< with a backslash before each character that stands for itself
};

} // namespace nimbus::local::iam
