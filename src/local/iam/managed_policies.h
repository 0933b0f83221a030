#pragma once

#include "local/iam/identity_store.h"

#include <optional>
#include <string>
#include <vector>

namespace nimbus::local::iam {

/// AWS's own policies that people attach most. Their documents have what is about services that are
/// served here. Source: AWS Managed Policy Reference.
std::vector<ManagedPolicy> aws_managed_policies();
std::optional<ManagedPolicy> find_aws_managed_policy(const std::string& arn);

} // namespace nimbus::local::iam
