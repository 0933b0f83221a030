#pragma once

#include "local/home_check.h"

#include <functional>
#include <string>
#include <vector>

namespace nimbus::local {

/// What `find_damage` finds, and what reading all of the home shows: the database, the content of
/// each object and the code of each function, and, while no cloud runs, each page of each database
/// cluster. `phase` is told what is read. A cloud may run meanwhile: what it changes is no damage.
std::vector<Damage> read_home(const Home& home,
                              const std::function<void(const std::string& sentence)>& phase);

} // namespace nimbus::local
