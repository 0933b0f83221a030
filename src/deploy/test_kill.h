#pragma once

#include "deploy/test_cloud.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

/// For tests: deploys and destroys that are killed around each of their changes.
namespace nimbus::deploy::testing_kill {

/// No deploy of the tests has as many.
inline constexpr int most_steps = 80;

inline void unlock(const testing_cloud::Person& person)
{
    if (const auto lock = read_lock(person.target(), person.id))
        remove_lock(person.target(), person.id, *lock);
}

/// The first write to a bucket that is not there fails, and counts: the steps are the same from the
/// second deploy on.
inline void make_bucket(const testing_cloud::CloudProcess& cloud)
{
    testing_cloud::Person person(cloud);
    person.deploy(testing_cloud::Person::application({"GET /ping"}));
    person.destroy();
}

/// Runs `body` in a process of its own that ends itself around its n-th change, `moment` ("before"
/// or "after") it is made. Was it killed?
template <class Body>
bool is_killed(int step, const std::string& moment, Body body)
{
    const pid_t child = ::fork();
    if (child == 0) {
        ::setenv("NIMBUS_TEST_CRASH_AT", (std::to_string(step) + ":" + moment).c_str(), 1);
        try {
            body();
            ::_exit(0);
        } catch (...) {
            ::_exit(1);
        }
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status)) {
        EXPECT_EQ(WEXITSTATUS(status), 0) << "at step " << step;
        return false;
    }
    EXPECT_EQ(WTERMSIG(status), SIGKILL) << "at step " << step;
    return true;
}

/// Calls `round` with 1, 2, 3, … until it says that nothing was killed any more; returns how many
/// were.
template <class Round>
int each_step(Round round)
{
    for (int step = 1; step < most_steps; ++step)
        if (!round(step))
            return step - 1;
    ADD_FAILURE() << "more than " << most_steps << " steps";
    return most_steps;
}

} // namespace nimbus::deploy::testing_kill
