#include "aws/credentials/sso_token.h"

#include "aws/credentials/json_cache.h"
#include "aws/credentials/timestamp.h"
#include "aws/ops/sso_oidc/token.h"
#include "base/control_character.h"
#include "base/error.h"
#include "crypto/digest.h"

#include <chrono>

namespace nimbus::aws {
namespace {

constexpr std::chrono::minutes renewal_margin{15};

std::filesystem::path cache_file(const ProviderContext& context, const SsoSession& session)
{
    const auto& key = session.name.empty() ? session.start_url : session.name;
    return expand_home("~/.aws/sso/cache/" + crypto::sha1_hex(key) + ".json", context.environment);
}

std::optional<SystemTime> time_member(const json::object& object, std::string_view key)
{
    return parse_timestamp(string_or_empty(object, key));
}

/// Has it what a renewal takes, and is the registration of the AWS CLI as a client still good?
bool is_renewable(const json::object& token, SystemTime now)
{
    const auto registration_ends = time_member(token, "registrationExpiresAt");
    return registration_ends && *registration_ends > now && string_member(token, "clientId") &&
           string_member(token, "clientSecret") && string_member(token, "refreshToken");
}

/// Puts a new access token into `token`. Throws what the call throws.
void renew(const ProviderContext& context, const SsoSession& session, json::object& token)
{
    const auto renewed =
        client_for(context, session.region)
            .call(sso_oidc::CreateToken{.client_id = string_or_empty(token, "clientId"),
                                        .client_secret = string_or_empty(token, "clientSecret"),
                                        .refresh_token = string_or_empty(token, "refreshToken")});
    token["startUrl"] = session.start_url;
    token["region"] = session.region;
    token["accessToken"] = renewed.access_token;
    token["expiresAt"] = format_iso8601_seconds(context.clock() + renewed.expires_in);
    if (!renewed.refresh_token.empty())
        token["refreshToken"] = renewed.refresh_token;
}

} // namespace

std::string text_of(const SsoSession& session)
{
    return session.name.empty() ? "SSO start URL " + session.start_url
                                : "SSO session '" + session.name + "'";
}

void throw_sso_sign_in(const std::string& profile, const SsoSession& session,
                       const std::string& problem)
{
    throw Error("The AWS profile '" + profile + "' " + problem + " " + text_of(session),
                "Run `aws sso login --profile " + profile + "`.");
}

std::string sso_access_token(const ProviderContext& context, const SsoSession& session,
                             const std::string& profile)
{
    const auto file = cache_file(context, session);
    auto token = read_json_cache(file);
    const auto expires = token ? time_member(*token, "expiresAt") : std::nullopt;
    if (!expires || string_or_empty(*token, "accessToken").empty())
        throw_sso_sign_in(profile, session, "is not signed in to");
    if (has_control_character(string_or_empty(*token, "accessToken")))
        throw_sso_sign_in(profile, session, "has a damaged token in " + file.string() + " for");
    const auto now = context.clock();
    const bool is_good = *expires > now;
    const bool ends_soon = *expires - now < renewal_margin;
    if (ends_soon && !session.name.empty() && is_renewable(*token, now)) {
        try {
            renew(context, session, *token);
            write_json_cache(file, *token);
            return string_or_empty(*token, "accessToken");
        } catch (const ApiError&) {
            // Refused: the old one is used to its end.
        } catch (const Error&) {
            if (!is_good)
                throw;
        }
    }
    if (!is_good)
        throw_sso_sign_in(profile, session, "has an expired sign-in to");
    return string_or_empty(*token, "accessToken");
}

} // namespace nimbus::aws
