#pragma once

#include "local/iam/identity_access.h"
#include "local/lambda/function_registry.h"
#include "local/services/blob_store.h"
#include "local/services/s3_store.h"
#include "local/services/service.h"

namespace nimbus::local {

/// What Lambda's operations work with; outlives the service.
struct LambdaParts {
    FunctionRegistry& functions;
    iam::IdentityStore& identities;
    iam::IdentityAccess& access;
    S3Store& objects;
    BlobStore& code; ///< the zips
    Clock clock;
    /// Unset until the data plane is attached; read for each request.
    std::function<Invoker*()> invoker;
};

/// Lambda: functions without versions and aliases ($LATEST alone).
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
