#pragma once

#include "base/hosts_file.h"
#include "base/log.h"
#include "base/time.h"
#include "local/debugging/debug_sessions.h"
#include "local/faults/fault_injector.h"
#include "local/gateway/answered_requests.h"
#include "local/iam/access_control.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace nimbus::local {

struct ControlPlaneOptions {
    std::string account_id;          ///< 12 digits
    std::string region;              ///< where a function is looked for that is named without one
    std::filesystem::path directory; ///< of objects, zips and the key of secrets; made when missing
    AdministratorKey administrator;
    /// Is given the host names of the database clusters whenever they may have changed.
    std::function<void(const HostAddresses&)> cluster_names_changed = [](const HostAddresses&) {};
    /// What `nimbus local faults` changes.
    std::shared_ptr<FaultInjector> faults = std::make_shared<FaultInjector>();
    /// What `nimbus debug` and `nimbus dev --inspect` change.
    std::shared_ptr<DebugSessions> debugging = std::make_shared<DebugSessions>();
    /// What `nimbus dev` asks for.
    std::shared_ptr<const AnsweredRequests> answered = std::make_shared<AnsweredRequests>();
    Clock clock = system_now;
    Log log{};
};

} // namespace nimbus::local
