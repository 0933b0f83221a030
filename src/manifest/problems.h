#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nimbus::manifest {

/// One mistake: where, what is wrong there, and what is allowed.
struct Problem {
    std::string path; ///< functions[0].memorySize; empty for the document itself
    std::string message;

    bool operator==(const Problem&) const = default;
};

/// Collects the mistakes of one manifest.
class Problems {
public:
    void add(std::string path, std::string message)
    {
        found_.push_back({std::move(path), std::move(message)});
    }

    bool empty() const noexcept { return found_.empty(); }
    /// Was exactly this path reported?
    bool has(std::string_view path) const;
    std::vector<Problem> take() { return std::move(found_); }

private:
    std::vector<Problem> found_;
};

/// `path` with a member's name: a.b, or a["b c"] for a name that is not a word.
std::string member_path(std::string_view path, std::string_view name);

/// `text` in quotes as in JSON, shortened when it is long: for messages.
std::string in_quotes(std::string_view text);

/// `; did you mean "<candidate>"?` for the candidate that is likely to be meant, or "".
std::string suggestion(std::string_view text, const std::vector<std::string_view>& candidates);

} // namespace nimbus::manifest
