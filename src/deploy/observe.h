#pragma once

#include "deploy/plan.h"

namespace nimbus::deploy {

/// Reads are short and there are many.
inline constexpr int reads_at_a_time = 8;

/// Reads what is there of each node, in parallel; parts after what they are a part of. What is
/// `known` of some is taken as read. Throws what the first read that failed threw.
Observations observe(World& world, Reads& reads, const std::vector<Node>& nodes, const State& state,
                     int parallel, Observations known = {});

/// The same, but goes on: what could not be read looks as if it were not there, and is in
/// `problems` with the reason, by key.
Observations observe(World& world, Reads& reads, const std::vector<Node>& nodes, const State& state,
                     int parallel, std::map<std::string, std::string>& problems);

/// The records as nodes, for reading.
std::vector<Node> recorded_nodes(const State& state);

/// `base` with the members of `more` over it.
json::object merged(json::object base, const json::object& more);

} // namespace nimbus::deploy
