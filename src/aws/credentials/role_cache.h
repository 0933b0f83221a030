#pragma once

#include "aws/credentials.h"
#include "aws/environment.h"
#include "aws/ops/sts/identity.h"

#include <optional>
#include <string>

/// The sessions of roles that the AWS CLI keeps in ~/.aws/cli/cache, shared with it: who typed an
/// MFA code for one of the two is not asked by the other. Source: botocore 1.43, credentials.py,
/// CachedCredentialFetcher.
namespace nimbus::aws {

/// The file that both keep the session of such a call in. `has_own_session_name`: a person chose
/// it; the others differ each time, and are not part of the name.
std::string role_cache_file(const Environment& environment, const sts::AssumeRole& call,
                            bool has_own_session_name);

/// Nothing when there is no session, or it ends within 15 minutes.
std::optional<Credentials> read_role_cache(const std::string& file, SystemTime now);

void write_role_cache(const std::string& file, const sts::AssumedRole& role);

} // namespace nimbus::aws
