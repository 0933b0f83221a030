#pragma once

#include "aws/operation.h"
#include "base/error.h"

#include <string>
#include <string_view>

namespace nimbus::aws {

/// What an answer that is not a success says about itself.
struct ErrorDetails {
    std::string code; ///< "ResourceNotFoundException": without namespace, prefix and URL
    std::string message;
    std::string request_id;
    std::string reason; ///< a finer code, where a service sends one: `reason`, OAuth's `error`
    /// An earlier attempt of the same call may have been carried out.
    bool after_lost_answer = false;
};

/// AWS refused a call, or failed at it. `what()` names the service, the operation, the code and
/// AWS's message.
class ApiError : public Error {
public:
    /// `hint`: knows more than what the code alone tells.
    ApiError(const OperationInfo& operation, int http_status, ErrorDetails details,
             const std::string& hint = {});

    const OperationInfo& operation() const noexcept { return operation_; }
    int http_status() const noexcept { return http_status_; }
    const std::string& code() const noexcept { return details_.code; }
    const std::string& message() const noexcept { return details_.message; }
    const std::string& request_id() const noexcept { return details_.request_id; }
    const std::string& reason() const noexcept { return details_.reason; }

    bool is(std::string_view wanted_code) const noexcept { return details_.code == wanted_code; }
    /// The thing that was asked for does not exist, in any service's words.
    bool is_not_found() const noexcept;
    /// It exists already, in any service's words; also ConflictException and
    /// ResourceConflictException, which have other meanings, too.
    bool is_conflict() const noexcept;
    /// AWS may have done what it was asked all the same: it failed at something that must not be
    /// done twice, or it refused a repetition after the answer to an earlier attempt was lost.
    bool outcome_is_unknown() const noexcept
    {
        return details_.after_lost_answer || (http_status_ >= 500 && !operation_.is_idempotent());
    }

private:
    OperationInfo operation_;
    int http_status_;
    ErrorDetails details_;
};

/// Finds code, message and request id in an answer, as the service's protocol writes them. Without
/// a body (HEAD) or with one that is no AWS error (a proxy's page), the code is made from the
/// status: NotFound, Forbidden, …
ErrorDetails parse_error(Protocol protocol, const http::Response& response);

} // namespace nimbus::aws
