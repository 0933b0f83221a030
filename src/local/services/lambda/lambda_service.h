#pragma once

#include "local/iam/access_control.h"
#include "local/services/blob_store.h"
#include "local/services/lambda/event_invoker.h"
#include "local/services/lambda/event_queue.h"
#include "local/services/lambda/function_registry.h"
#include "local/services/s3/object_reader.h"
#include "local/services/service.h"

#include <atomic>

namespace nimbus::local {

/// What Lambda's operations work with; outlives the service.
struct LambdaParts {
    FunctionRegistry& functions;
    AccessControl& access;
    ObjectReader& objects;
    BlobStore& code; ///< the zips
    EventQueue& events;
    Clock clock;
    std::atomic<Invoker*>& invoker; ///< null while no data plane is attached
};

/// Lambda: functions without versions and aliases ($LATEST alone). Removes the zips that no
/// function has, which a crash may have left.
Service make_lambda_service(const LambdaParts& parts);
/// What its operations do with their input.
std::vector<InputMembers> lambda_inputs();

std::vector<Operation> lambda_function_operations(const LambdaParts& parts);
std::vector<Operation> lambda_permission_operations(const LambdaParts& parts);
std::vector<Operation> lambda_invoke_operations(const LambdaParts& parts);
std::vector<Operation> lambda_event_config_operations(const LambdaParts& parts);

/// Lambda as other services call it. The references outlive it.
class LambdaEventInvoker : public EventInvoker {
public:
    LambdaEventInvoker(FunctionRegistry& functions, AccessControl& access, EventQueue& events)
        : functions_(functions), access_(access), events_(events)
    {
    }

    void invoke_event(const Principal& caller, const std::string& function_arn,
                      std::string payload) override;

private:
    FunctionRegistry& functions_;
    AccessControl& access_;
    EventQueue& events_;
};

/// What those files share.
namespace lambda_api {

/// The function's own name out of a name, a partial ARN or an ARN; throws ValidationException.
/// A qualifier has to be $LATEST.
std::string function_name(const Call& call, const std::string& given);
/// Throws ResourceNotFoundException.
std::shared_ptr<const FunctionRecord> need_function(FunctionRegistry& functions, const Call& call);
/// The same from the table, in the transaction that changes it.
FunctionRecord need_function_to_change(FunctionRegistry& functions, const Call& call);
std::string function_arn(const Call& call, const std::string& name);
/// The ARN that permissions are asked for: the FunctionName label's, or the input's.
std::string function_resource(const Call& call);
/// What conditions may test of a call beside the request itself: the tags of the function that the
/// call names, by its name or its ARN. Source: Lambda Developer Guide, "Using attribute-based
/// access control in Lambda".
std::function<ConditionContext(const Call&)> function_context(FunctionRegistry& functions);
/// Throws InvalidParameterValueException.
[[noreturn]] void throw_invalid(const std::string& message);

} // namespace lambda_api
} // namespace nimbus::local
