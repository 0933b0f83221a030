#pragma once

#include "local/iam/access_control.h"
#include "local/services/blob_store.h"
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
    Clock clock;
    std::atomic<Invoker*>& invoker; ///< null while no data plane is attached
};

/// Lambda: functions without versions and aliases ($LATEST alone). Removes the zips that no
/// function has, which a crash may have left.
Service make_lambda_service(const LambdaParts& parts);

std::vector<Operation> lambda_function_operations(const LambdaParts& parts);
std::vector<Operation> lambda_permission_operations(const LambdaParts& parts);
std::vector<Operation> lambda_invoke_operations(const LambdaParts& parts);

/// What those files share.
namespace lambda_api {

/// The function's own name out of a name, a partial ARN or an ARN; throws ValidationException.
/// A qualifier has to be $LATEST.
std::string function_name(const Call& call, const std::string& given);
/// Throws ResourceNotFoundException.
FunctionRecord need_function(FunctionRegistry& functions, const Call& call);
std::string function_arn(const Call& call, const std::string& name);
/// The ARN that permissions are asked for: the FunctionName label's, or the input's.
std::string function_resource(const Call& call);
/// Throws InvalidParameterValueException.
[[noreturn]] void throw_invalid(const std::string& message);

} // namespace lambda_api
} // namespace nimbus::local
