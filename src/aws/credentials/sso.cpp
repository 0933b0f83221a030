#include "aws/credentials/sso.h"

#include "aws/credentials/sso_token.h"
#include "aws/ops/sso/role_credentials.h"
#include "base/error.h"
#include "base/text.h"

#include <initializer_list>
#include <vector>

namespace nimbus::aws {
namespace {

/// The profile with what its [sso-session] section says; the two may not contradict each other.
Profile with_session(const ProviderContext& context, const std::string& name,
                     const Profile& profile)
{
    const auto session_name = setting(profile, "sso_session");
    if (session_name.empty())
        return profile;
    const auto* session = context.config.sso_session(session_name);
    if (session == nullptr)
        throw Error("The AWS profile '" + name + "' names the SSO session '" + session_name +
                        "', which is not in " + context.config.config_path(),
                    "Run `aws configure sso-session` to make it.");
    Profile whole = profile;
    for (const auto& [key, value] : *session)
        if (const auto& kept = whole.emplace(key, value).first->second; kept != value)
            throw Error("The AWS profile '" + name + "' and its SSO session '" + session_name +
                            "' disagree about " + key,
                        "Remove it from the profile in " + context.config.config_path() + ".");
    return whole;
}

void check_complete(const std::string& name, const Profile& profile)
{
    std::vector<std::string> missing;
    for (const char* key : {"sso_start_url", "sso_region", "sso_account_id", "sso_role_name"})
        if (setting(profile, key).empty())
            missing.emplace_back(key);
    if (!missing.empty())
        throw Error("The AWS profile '" + name + "' takes its credentials from SSO, but has no " +
                        join(missing, " and no "),
                    "Run `aws configure sso --profile " + name + "`.");
}

} // namespace

bool uses_sso(const Profile& profile)
{
    return !setting(profile, "sso_account_id").empty() ||
           !setting(profile, "sso_role_name").empty();
}

Credentials sso_credentials(const ProviderContext& context, const std::string& name,
                            const Profile& profile)
{
    const auto whole = with_session(context, name, profile);
    check_complete(name, whole);
    const SsoSession session{.name = setting(whole, "sso_session"),
                             .start_url = setting(whole, "sso_start_url"),
                             .region = setting(whole, "sso_region")};
    const sso::GetRoleCredentials operation{.role_name = setting(whole, "sso_role_name"),
                                            .account_id = setting(whole, "sso_account_id"),
                                            .access_token =
                                                sso_access_token(context, session, name)};
    try {
        const auto role = client_for(context, session.region).call(operation);
        return {.keys = {.access_key_id = role.access_key_id,
                         .secret_access_key = role.secret_access_key,
                         .session_token = role.session_token},
                .expires = role.expiration,
                .origin = "profile '" + name + "', " + text_of(session)};
    } catch (const ApiError& error) {
        if (error.is("UnauthorizedException"))
            throw_sso_sign_in(name, session, "has an expired sign-in to");
        if (error.is("ForbiddenException") || error.is_not_found())
            throw Error("IAM Identity Center gives the AWS profile '" + name + "' no role '" +
                            operation.role_name + "' in account " + operation.account_id,
                        "Check sso_role_name and sso_account_id of the profile, or ask for the "
                        "role.");
        throw;
    }
}

} // namespace nimbus::aws
