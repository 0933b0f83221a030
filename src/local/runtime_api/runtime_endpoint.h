#pragma once

#include "base/log.h"
#include "local/runtime_api/answers.h"
#include "net/event_loop.h"

#include <cstddef>
#include <memory>
#include <string>

namespace nimbus::local {

/// Lambda's limit for an answer; source: the error text that Lambda gives.
inline constexpr std::size_t max_runtime_answer = 6'291'556;

/// What an instance's runtime does, as it happens. Called on the loop's thread, from within the
/// endpoint: closing the endpoint is fine then, destroying it is not.
class RuntimeObserver {
public:
    /// It asks for an event; `send` may be called at once.
    virtual void runtime_waits() = 0;
    /// It asked, but its connection ended before there was an event.
    virtual void runtime_left() = 0;
    virtual void runtime_answered(std::string payload) = 0;
    /// `payload` is the error document that it sent.
    virtual void runtime_failed(std::string error_type, std::string payload) = 0;
    /// Its answer was over `max_runtime_answer`, and was refused.
    virtual void runtime_answered_too_much(std::size_t bytes) = 0;
    virtual void runtime_failed_to_start(std::string error_type, std::string payload) = 0;

protected:
    ~RuntimeObserver() = default;
};

/// The Runtime API (Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes",
/// version 2018-06-01) for one instance: a listener of its own, on an address and a port of the
/// loopback network. Which instance speaks is so told by where it speaks, as inside a Lambda
/// sandbox; AWS_LAMBDA_RUNTIME_API has room for nothing more than host and port.
///
/// One invocation at a time: send, then an answer, a failure or too much, then `runtime_waits`
/// again. Other users' processes are not spoken to, where the kernel tells whose a connection is:
/// events are their application's alone. What a runtime sends out of this order, or for another
/// invocation, is refused with Lambda's errors and not reported. Everything on the loop's thread.
class RuntimeEndpoint {
public:
    /// Listens; throws Error when the system has no port or descriptor left.
    RuntimeEndpoint(net::EventLoop& loop, RuntimeObserver& observer, Log log = {});
    ~RuntimeEndpoint();
    RuntimeEndpoint(const RuntimeEndpoint&) = delete;
    RuntimeEndpoint& operator=(const RuntimeEndpoint&) = delete;

    /// Whose runtime it is; unless somebody is named, ours.
    void belongs_to(uid_t user);
    /// host:port, for AWS_LAMBDA_RUNTIME_API.
    std::string address() const;
    bool waiting() const noexcept;
    /// Answers the runtime that waits. False when none does, or its connection turns out broken:
    /// nobody has seen the event then, and `runtime_left` is not called for it.
    bool send(const RuntimeEvent& event);
    /// Handles what has arrived and was not noticed yet: the last words of a process that ended.
    void read_arrived();
    /// Nothing is reported any more.
    void close();

private:
    class Connection;
    class Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace nimbus::local
