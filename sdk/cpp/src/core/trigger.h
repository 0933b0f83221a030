#pragma once

#include "core/invocation.h"

#include <memory>
#include <nimbus/json.hpp>
#include <string>
#include <string_view>

namespace nimbus::detail {

/// One event, decoded, and the handler that it is for.
class Call {
public:
    virtual ~Call() = default;

    /// What log lines about the call say that it is: {"route", "GET /users"}.
    virtual field subject() const = 0;
    /// Runs the handler. Returns its answer as JSON text; what the handler throws passes.
    virtual std::string run() = 0;
};

/// What calls a function: a source of events, and what the function does with one of them.
class Trigger {
public:
    virtual ~Trigger() = default;

    /// The source, as messages name it.
    virtual std::string_view source() const noexcept = 0;
    /// Does `event` come from this source? Says what it looks like, not whether it is complete.
    virtual bool sends(const json::object& event) const noexcept = 0;
    /// Throws json_error when `event` is not what the source sends after all.
    virtual std::unique_ptr<Call> decode(json::object event,
                                         const InvocationContext& context) const = 0;
};

} // namespace nimbus::detail
