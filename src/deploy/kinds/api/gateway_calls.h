#pragma once

#include "deploy/world.h"

#include <chrono>
#include <optional>
#include <string>

namespace nimbus::deploy::api {

/// A change of an HTTP API, tried again while another one of the same API is under way: API Gateway
/// refuses it then with ConflictException, "Unable to complete operation due to concurrent
/// modification". Routes of one API are made in parallel.
template <class Operation>
typename Operation::Response change_api(World& world, const Operation& operation)
{
    constexpr std::chrono::seconds limit{60};
    std::optional<typename Operation::Response> answer;
    const auto deadline = Deadline::after(limit);
    world.wait("API Gateway to take " + std::string(Operation::info.name), 2 * limit, [&] {
        try {
            answer = world.call(operation);
            return true;
        } catch (const aws::ApiError& error) {
            if (error.is("ConflictException") && !deadline.reached() &&
                error.message().find("concurrent modification") != std::string::npos)
                return false;
            throw;
        }
    });
    return std::move(*answer);
}

/// The same for a deletion; what is not there is deleted.
template <class Operation>
void delete_from_api(World& world, const Operation& operation)
{
    try {
        change_api(world, operation);
    } catch (const aws::ApiError& error) {
        if (!error.is_not_found())
            throw;
    }
}

} // namespace nimbus::deploy::api
