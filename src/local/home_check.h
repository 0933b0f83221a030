#pragma once

#include "local/home.h"

#include <functional>
#include <string>
#include <vector>

namespace nimbus::local {

/// Something of a home that is missing or is not what the cloud has written.
struct Damage {
    std::string what;    ///< a sentence without its full stop, which names the file
    std::string way_out; ///< a sentence
    /// Loses nothing, and says what it did. Empty where only a person can decide.
    std::function<std::string()> repair{};
    /// The cloud starts nevertheless: all but this works.
    bool can_start = false;
};

/// What a start of the cloud would fail on, or would go on without, as if it had never been there.
/// Takes some milliseconds and writes nothing. A cloud may run meanwhile.
std::vector<Damage> find_damage(const Home& home);

/// Throws Error that says what `find_damage` has found, if anything.
void refuse_damaged_home(const Home& home);

/// The same for a start, which some damage does not prevent: that is returned.
std::vector<Damage> refuse_to_start_damaged_home(const Home& home);

/// Moves a file or directory of the home to where a person may look at it. Returns where that is;
/// nothing when it is not there.
std::filesystem::path move_aside(const Home& home, const std::filesystem::path& path);

} // namespace nimbus::local
