#pragma once

#include "aws/operation.h"
#include "base/json.h"
#include "local/faults/fault_settings.h"

#include <string>
#include <string_view>

namespace nimbus::aws {
class Client;
}

/// Faults on demand, as the running local cloud tells of them: a document such as
///
///     {"on": true, "faults": [{"fault": "conflicts", "percent": 5, "events": 61, "injected": 3}],
///      "delayMilliseconds": 500, "seed": 7}
namespace nimbus::cli {

/// The local cloud's own service, beside AWS's.
inline constexpr aws::Service nimbus_service{"the local cloud",        "nimbus", "nimbus", "NIMBUS",
                                             aws::Protocol::rest_json, "",       ""};

struct GetFaults {
    static constexpr aws::OperationInfo info{nimbus_service, "GetFaults", aws::Effect::read};

    using Response = json::object;
    aws::Encoded encode() const;
    static Response decode(const http::Response& response);
};

struct PutFaults {
    static constexpr aws::OperationInfo info{nimbus_service, "PutFaults", aws::Effect::change};

    local::FaultSettings settings;

    using Response = json::object;
    aws::Encoded encode() const;
    static Response decode(const http::Response& response);
};

/// The document of a cloud that does not run.
json::object no_faults();

/// What is on, in a sentence, and how to end it.
std::string faults_sentence(const json::object& document);

/// The same while the cloud injects the fault of that name, else ""; also where nobody answers.
std::string injected_fault(const aws::Client& client, std::string_view fault);

/// The same with a line for each fault: how many there were.
std::string describe_faults(const json::object& document);

} // namespace nimbus::cli
