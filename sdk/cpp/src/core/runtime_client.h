#pragma once

#include "base/unique_fd.h"
#include "core/invocation.h"
#include "io/http_answer.h"

#include <cstdint>
#include <string>
#include <string_view>

/// The client's side of Lambda's Runtime API: Lambda Developer Guide, "Using the Lambda runtime API
/// for custom runtimes", version 2018-06-01.
namespace nimbus::detail {

/// What became of an invocation.
struct InvocationOutcome {
    bool succeeded = true;
    std::string payload;    ///< the answer, or Lambda's error document
    std::string error_type; ///< for failures: Lambda-Runtime-Function-Error-Type
};

/// Lambda's error document.
std::string error_document(std::string_view message, std::string_view type);

/// Speaks HTTP/1.1 over one kept connection. An outcome and the question for the next event leave
/// in a single write, so an invocation costs one write and, as a rule, one read. libcurl would do
/// neither the pipelining nor the size of a static executable.
class RuntimeClient {
public:
    /// `address` is AWS_LAMBDA_RUNTIME_API: host:port. Throws Error when it does not parse;
    /// connects on the first call.
    explicit RuntimeClient(std::string_view address);

    /// Waits for the first event, for as long as it takes. Throws Error after three failures.
    Invocation next();
    /// Hands in what became of `request_id` and waits for the next event. When the API refuses the
    /// outcome, says so on stderr and goes on.
    Invocation report_and_next(std::string_view request_id, const InvocationOutcome& outcome);
    /// The process cannot serve. Throws Error when even that cannot be told.
    void report_init_error(std::string_view message, std::string_view type);

private:
    void connect();
    void send(std::string_view head, std::string_view body, std::string_view tail);
    HttpAnswer read_answer();
    void receive(std::string& to) const;
    std::string get_next_request() const;
    std::string outcome_head(std::string_view request_id, const InvocationOutcome& outcome) const;
    Invocation take(HttpAnswer answer) const;

    std::string host_;
    std::uint16_t port_;
    UniqueFd socket_; ///< blocks: between two events there is nothing else to do
    HttpAnswerReader reader_;
};

} // namespace nimbus::detail
