#pragma once

#include "base/json.h"
#include "base/log.h"
#include "http/message.h"
#include "http/server.h"
#include "local/iam/access_control.h"
#include "local/services/data_planes.h"

#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

/// What an AWS service is to the local cloud: a protocol, a table of operations, and the data
/// planes that it drives.
namespace nimbus::local {

/// How requests and answers are written. Source: smithy.io, "AWS protocols".
enum class Protocol {
    query,     ///< form fields with Action, XML answers: IAM, STS
    rest_json, ///< method and path, JSON bodies: Lambda, API Gateway, DSQL
    rest_xml,  ///< method and path, XML bodies: S3
    json_1_1,  ///< X-Amz-Target, JSON bodies: CloudWatch Logs
};

/// A refusal in AWS's terms; written in the protocol of the service.
struct ServiceError : std::runtime_error {
    ServiceError(int http_status, std::string error_code, const std::string& message,
                 json::object more_members = {})
        : std::runtime_error(message), status(http_status), code(std::move(error_code)),
          members(std::move(more_members))
    {
    }

    int status;
    std::string code;
    json::object members; ///< further members of the modelled error
};

/// What the body of a REST operation's request is. Source: smithy.io, "HTTP bindings", httpPayload.
enum class Body {
    document, ///< the operation's input; Call::input has it, parsed
    blob,     ///< bytes that mean nothing to the protocol, such as a function's event
};

using Fields = std::vector<std::pair<std::string, std::string>>;

/// One authenticated request on its way to an operation.
struct Call {
    std::string request_id;
    std::string account_id;
    std::string region;
    std::string endpoint; ///< http://host:port, as the client wrote it
    Principal caller;
    bool is_signed_the_old_way = false;        ///< by Signature Version 2, which has no Region
    Log log{};                                 ///< with the request's id in each line
    http::Request request;                     ///< the body without aws-chunked framing
    Fields query;                              ///< decoded
    Fields form;                               ///< query protocol: the body's fields, decoded
    std::map<std::string, std::string> labels; ///< what {Name} in the path stands for, decoded
    json::object input;                        ///< JSON protocols: the body

    /// A query parameter or nothing.
    std::optional<std::string> parameter(std::string_view name) const;
    /// A label of the matched path.
    const std::string& label(const std::string& name) const;
};

/// Does the request give tags? They lie in the same place of all services' requests.
bool has_tags(const Call& call);

/// The ARN of something in the call's Region and account; with a resource such as "cluster/", what
/// the ARNs of all clusters there begin with.
std::string arn_in(const Call& call, std::string service, std::string resource);

/// What policies' conditions may test of the request itself.
ConditionContext condition_context(const Call& call);

/// Answers at once, on a worker's thread …
using Answer = std::function<http::Response(Call&)>;
/// … or later, from any thread.
using LaterAnswer = std::function<void(Call&, http::Responder)>;

struct Operation {
    std::string_view name;   ///< "CreateFunction"
    std::string_view method; ///< REST: "POST"
    /// REST: "/2015-03-31/functions/{FunctionName}"; `{Key+}` takes the rest; after `?`, query
    /// parameters that must be there, such as "?tagging" or "?list-type=2".
    std::string_view path;
    std::string_view header; ///< REST: one that must be there, such as "x-amz-copy-source", or none
    std::string_view action; ///< IAM's, "lambda:CreateFunction"; empty: no permission is needed
    /// The resource that the permission is asked for; unset: "*".
    std::function<std::string(const Call&)> resource;
    /// IAM's action that is needed, too, when the request gives the new thing tags:
    /// "lambda:TagResource"; empty: none. Source: IAM User Guide, "Controlling access to AWS
    /// resources using tags", and the services' guides.
    std::string_view tag_action;
    /// What conditions may test beside condition_context, such as aws:ResourceTag/…; unset:
    /// nothing.
    std::function<ConditionContext(const Call&)> context;
    Body body = Body::document;
    std::variant<Answer, LaterAnswer> answer;
};

/// A member of an input that changes nothing here, and why that is right.
struct HarmlessMember {
    std::string_view name;
    std::string_view reason;
};

/// What an operation does with the members of its input, by their names on the wire; a member of a
/// member is "Code.ZipFile", and elements of lists have no index. What is not listed is refused.
struct InputMembers {
    std::string_view operation;
    /// Those that it takes, with all that lies below them, or refuses in words of its own;
    /// separated by blanks. "*": it is refused as a whole.
    std::string taken;
    std::vector<HarmlessMember> harmless;
};

struct Service {
    std::string signing_name; ///< in the credential scope: "lambda"
    Protocol protocol = Protocol::rest_json;
    std::string api; ///< json_1_1: the prefix of X-Amz-Target; query: the XML namespace
    std::vector<Operation> operations;
    /// One for each operation; services of the local cloud's own, which AWS does not have, have
    /// none.
    std::vector<InputMembers> inputs;
    std::string input_error; ///< the code of the error with which it refuses a member of an input
    /// Is this request, which has no signature to tell, meant for the service? Unset: none is.
    std::function<bool(const http::Request&)> claims;
    /// Takes the data planes that the service drives, which stay until `detach`. Called once,
    /// before requests come. Unset: it drives none.
    std::function<void(const DataPlanes&)> attach;
    /// Lets go of the data planes; requests may still come. Unset: there is nothing to do.
    std::function<void()> detach;

    void add(std::vector<Operation> more);

    /// Finds the operation and fills in the call's labels, form or input. Throws ServiceError when
    /// there is none, the body does not parse, or a name or value is not UTF-8 or holds a NUL.
    const Operation& match(Call& call) const;

    /// Runs one operation; refusals are answered in the service's protocol, and what is not a
    /// refusal as an internal error (its text goes to the client: this cloud is its own operator).
    void run(const Operation& operation, Call& call, http::Responder respond) const;

    /// match and run, without authorization.
    void handle(Call call, http::Responder respond) const;

    http::Response error_response(const ServiceError& error, const std::string& request_id,
                                  const std::string& resource) const;

    /// Logs that the call gets this answer, and why, as far as that is ours to say: messages to
    /// callers may have what they sent in them. `operation` is empty where none was found.
    void log_refusal(const Call& call, std::string_view operation, const ServiceError& error) const;
};

/// Adds the headers that carry the request id in this protocol.
void add_request_id(http::Response& response, Protocol protocol, const std::string& request_id);

} // namespace nimbus::local
