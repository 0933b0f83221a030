#pragma once

#include "base/time.h"
#include "local/dsql/cluster_host.h"
#include "local/dsql/refusal.h"
#include "local/iam/access_control.h"

#include <expected>
#include <string>
#include <string_view>

namespace nimbus::local::dsql {

inline constexpr std::string_view admin_user = "admin";

/// `unable to accept connection, access denied`, and why.
Refusal access_denied(std::string hint);

/// What a client with a token that has expired is told.
Refusal token_expired(SystemTime expired, SystemTime now);

/// Checks the token that a client gave for a password: that it is a presigned request to connect
/// to this cluster, whole, signed by a key of the account and still valid; that its action is the
/// one for `user`; that IAM lets its signer do it. In this order. Says who signed it.
/// Source: Aurora DSQL User Guide, "Generating an authentication token", "Troubleshooting".
std::expected<Principal, Refusal> verify_token(std::string_view token, const std::string& user,
                                               const Cluster& cluster, AccessControl& access,
                                               SystemTime now);

} // namespace nimbus::local::dsql
