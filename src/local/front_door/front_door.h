#pragma once

#include "base/log.h"
#include "base/time.h"
#include "http/server.h"
#include "local/services/service.h"
#include "net/worker_pool.h"

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::local {

/// The largest request that any operation takes: an object of 512 MiB. The server in front has to
/// be given this limit.
inline constexpr std::size_t front_door_max_body_bytes = 512ULL * 1024 * 1024;

/// The one endpoint of all services: finds the service by the signature's credential scope, checks
/// signature, token, expiry and permission, and runs the operation on a worker's thread.
///
/// The log has a line of level warning for each call that fails by no fault of the caller's, one of
/// level info for each that a policy denies, and one of level debug for each other.
class FrontDoor {
public:
    /// The references outlive the front door and the requests that it took.
    FrontDoor(const std::vector<Service>& services, AccessControl& access, net::WorkerPool& workers,
              std::string account_id, Clock clock, Log log);
    ~FrontDoor();

    /// Takes the request over and returns at once.
    void handle(http::Request request, http::Responder respond);
    /// Requests that no worker has begun with by now are dropped: they had no answer, and a stop
    /// does not wait for them.
    void stop();

private:
    class Checks;
    std::shared_ptr<const Checks> checks_;
    std::shared_ptr<std::atomic<bool>> is_stopped_ = std::make_shared<std::atomic<bool>>(false);
    net::WorkerPool& workers_;
};

} // namespace nimbus::local
