#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nimbus::cli {

/// What the local cloud writes to its log while this object lives: the reasons of failures that
/// AWS's APIs have no place for.
class LogWatch {
public:
    explicit LogWatch(std::filesystem::path log_file);
    /// The last messages since then, without time and level; empty if there are none.
    std::vector<std::string> lines() const;

private:
    std::filesystem::path file_;
    std::uintmax_t start_ = 0; ///< bytes
};

} // namespace nimbus::cli
