#pragma once

#include "local/iam/identity_store.h"

namespace nimbus::local::iam {

/// AWS's own policies that applications attach: AdministratorAccess, AWSLambdaBasicExecutionRole.
/// Source of the documents: AWS Managed Policy Reference.
std::optional<ManagedPolicy> find_aws_managed_policy(const std::string& arn);

} // namespace nimbus::local::iam
