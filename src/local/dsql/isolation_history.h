#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Whether what some sessions saw of one another is snapshot isolation. For tests.
namespace nimbus::local::dsql::isolation {

using Time = std::chrono::steady_clock::time_point;
/// What a transaction wrote: a number that no other has written.
using Write = std::uint64_t;

/// A list to whose end transactions append, as a transaction saw it.
struct Reading {
    int key = 0;
    std::vector<Write> list;
};
struct Append {
    int key = 0;
    Write write = 0;
};

enum class Ending {
    committed,
    refused, ///< at COMMIT or before: nothing of it is there
    rolled_back,
};

/// One transaction, as its client knows it.
struct Transaction {
    Time began;   ///< BEGIN was answered not before, …
    Time started; ///< … and not after
    Time ends;    ///< its end was asked for not before, …
    Time ended;   ///< … and answered not after
    Ending ending = Ending::rolled_back;
    /// In their order.
    std::vector<Reading> readings;
    std::vector<Append> appends;
};

/// What stands against snapshot isolation in it, or nothing. `lists`: all keys, at the end.
///
/// The rules: what was committed is in the lists once, what was not is nowhere; a reading, without
/// what its transaction has appended itself, is the beginning of a list; and the transactions'
/// beginnings and ends can be put in one order in which each sees exactly the ends before its
/// beginning, writers of one key do not overlap, and nothing contradicts the clients' clocks.
/// After A. Adya, "Weak Consistency" (MIT, 1999), chapter 4.3: no cycle among these edges.
std::optional<std::string> violation(const std::vector<Transaction>& history,
                                     const std::vector<std::vector<Write>>& lists);

} // namespace nimbus::local::dsql::isolation
