#pragma once

#include "aws/credentials/context.h"

#include <string>

namespace nimbus::aws {

/// A sign-in to IAM Identity Center.
struct SsoSession {
    std::string name; ///< of the [sso-session] section; empty: the older form, without one
    std::string start_url;
    std::string region;
};

/// The access token that `aws sso login` has put into ~/.aws/sso/cache. One of a session with a
/// name is renewed with its refresh token when it has less than 15 minutes left, and kept there.
/// Throws Error that says how to sign in for `profile` when there is none, or it has expired.
/// Source: botocore 1.43, tokens.py and utils.py.
std::string sso_access_token(const ProviderContext& context, const SsoSession& session,
                             const std::string& profile);

/// "The AWS profile 'dev' <problem> SSO session 'corp'", and how to sign in.
[[noreturn]] void throw_sso_sign_in(const std::string& profile, const SsoSession& session,
                                    const std::string& problem);

/// "SSO session 'corp'" or "SSO start URL https://…".
std::string text_of(const SsoSession& session);

} // namespace nimbus::aws
