#pragma once

#include "base/time.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace nimbus::local {

/// One state of a function: a value, replaced as a whole by each update.
struct Function {
    std::string name;
    std::string arn; ///< unqualified
    std::string runtime;
    std::string handler;
    std::string role_arn;
    std::string architecture; ///< x86_64 or arm64
    int memory_megabytes = 128;
    int timeout_seconds = 3;
    int ephemeral_storage_megabytes = 512; ///< of /tmp
    std::map<std::string, std::string> environment;
    std::string code_sha256;        ///< hexadecimal digest of the zip
    std::filesystem::path code_zip; ///< on disk, never changed in place
    std::string revision_id;        ///< new with each change of configuration or code
    std::string log_group;          ///< /aws/lambda/<name>
};

struct InvocationResult {
    enum class Kind {
        success,        ///< payload is what the function answered
        function_error, ///< payload is Lambda's error document {"errorMessage":…,"errorType":…}
        crashed,        ///< the same document, of a function that exited or was killed
        timed_out,      ///< the same document, of a function that was ended at its timeout
        throttled,      ///< no instance was free in time and none may be added
        unavailable,    ///< the platform could not run it; `payload` is a sentence
    };

    Kind kind = Kind::unavailable;
    std::string payload;
    std::string request_id; ///< the invocation's, as the function knows it
    std::string log_tail;   ///< the last 4 KB of the invocation's log
    /// Why it is no success, for the cloud's log: the platform's words, none of the function's.
    std::string reason;
};

/// Whom an invocation is for.
struct Caller {
    std::string request_id; ///< what the caller was given; empty where that is the invocation's own
    /// When the caller gives up. An invocation that has not begun by then does not begin; one that
    /// has goes on until the function's own timeout, as on AWS.
    Deadline deadline = Deadline::never();
    std::string client_context{}; ///< JSON on one line of ASCII, or empty
};

/// Runs functions. Thread-safe; `done` is called once, on the event loop's thread.
class Invoker {
public:
    using Done = std::move_only_function<void(InvocationResult)>;

    virtual ~Invoker() = default;
    virtual void invoke(std::shared_ptr<const Function> function, std::string payload,
                        Caller caller, Done done) = 0;
    /// The function was updated or deleted: instances of other revisions stop when they are idle.
    virtual void retire(const std::string& function_arn, const std::string& current_revision) = 0;
};

/// Finds functions by ARN (qualified or not) or name. Thread-safe and fast: the gateway asks for
/// each request.
class FunctionDirectory {
public:
    virtual ~FunctionDirectory() = default;
    virtual std::shared_ptr<const Function> find_function(const std::string& arn_or_name) = 0;
    /// Does the function's resource policy let API Gateway invoke it for `source_arn`
    /// (arn:aws:execute-api:<region>:<account>:<api>/<stage>/<METHOD>/<path>)?
    virtual bool api_gateway_may_invoke(const std::string& function_arn,
                                        const std::string& source_arn) = 0;
};

} // namespace nimbus::local
