#pragma once

#include "base/time.h"
#include "local/services/blob_store.h"
#include "local/services/lambda/function_registry.h"

#include <map>
#include <string>

namespace nimbus::local {

/// Removes zips that no function has had for a while: instances that were asked for before a
/// function got other code may still unpack the old one. Used by one thread.
class CodeGarbage {
public:
    /// Both outlive it.
    CodeGarbage(FunctionRegistry& functions, BlobStore& code, Clock clock)
        : functions_(functions), code_(code), clock_(std::move(clock))
    {
    }

    /// As a HousekeepingStep.
    bool collect();

    static constexpr std::chrono::minutes kept_for{10};
    static constexpr std::chrono::minutes between_looks{1};

private:
    FunctionRegistry& functions_;
    BlobStore& code_;
    Clock clock_;
    SystemTime next_look_{};
    std::map<std::string, SystemTime> unused_since_; ///< by hash
};

} // namespace nimbus::local
