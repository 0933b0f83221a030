#pragma once

#include "deploy/pulse.h"
#include "deploy/test_cloud.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

/// For tests: deploys and destroys that are killed, or stopped, around each of their changes.
namespace nimbus::deploy::testing_kill {

/// No deploy of the tests has as many.
inline constexpr int most_steps = 80;

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

/// How a process ended.
enum class End { done, failed, lost_lock };

/// A process of its own that runs `body`, and stops itself, as by SIGSTOP, at `moment`:
/// "<n>:before" or "<n>:after" its n-th change.
class StoppedProcess {
public:
    template <class Body>
    StoppedProcess(const std::string& moment, Body body) : pid_(::fork())
    {
        if (pid_ == 0)
            ::_exit(static_cast<int>(run(moment, body)));
        ::waitpid(pid_, &status_, WUNTRACED);
        stopped_at_ = BootClock::now();
    }
    ~StoppedProcess()
    {
        if (is_stopped())
            ::kill(pid_, SIGKILL);
        if (is_stopped())
            ::waitpid(pid_, &status_, 0);
    }
    StoppedProcess(const StoppedProcess&) = delete;
    StoppedProcess& operator=(const StoppedProcess&) = delete;

    /// False: it ended before that moment.
    bool is_stopped() const { return WIFSTOPPED(status_); }

    /// Lets it go on, after a pause that it can notice, and waits for its end.
    End let_go()
    {
        while (BootClock::now() < stopped_at_ + Pulse::longest_gap)
            std::this_thread::yield();
        ::kill(pid_, SIGCONT);
        ::waitpid(pid_, &status_, 0);
        return WIFEXITED(status_) ? static_cast<End>(WEXITSTATUS(status_)) : End::failed;
    }

private:
    template <class Body>
    static End run(const std::string& moment, Body body)
    {
        ::setenv("NIMBUS_TEST_STOP_AT", moment.c_str(), 1);
        try {
            body();
            return End::done;
        } catch (const LockLost&) {
            return End::lost_lock;
        } catch (const std::exception& error) {
            std::cerr << error.what() << '\n';
            return End::failed;
        }
    }

    pid_t pid_;
    int status_ = 0;
    BootClock::time_point stopped_at_;
};

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
