#include "aws/credentials/login.h"

#include "aws/credentials/dpop.h"
#include "aws/credentials/json_cache.h"
#include "aws/credentials/json_credentials.h"
#include "aws/expanded_path.h"
#include "aws/ops/signin/token.h"
#include "base/error.h"
#include "base/random.h"
#include "crypto/digest.h"

#include <chrono>

namespace nimbus::aws {
namespace {

constexpr std::chrono::minutes renewal_margin{5};

std::filesystem::path cache_file(const ProviderContext& context, const std::string& session)
{
    const auto directory =
        context.environment("AWS_LOGIN_CACHE_DIRECTORY").value_or("~/.aws/login/cache");
    return expanded_path(directory, context.environment) + "/" + crypto::sha256_hex(session) +
           ".json";
}

[[noreturn]] void throw_sign_in(const std::string& name, const std::string& problem)
{
    throw Error("The AWS profile '" + name + "' " + problem,
                "Run `aws login --profile " + name + "`.");
}

[[noreturn]] void throw_damaged(const std::string& name, const std::filesystem::path& file,
                                const std::string& damage)
{
    throw_sign_in(name, "has a damaged login session in " + file.string() + ": " + damage);
}

Credentials credentials_in(const json::object& token, const std::string& name,
                           const std::filesystem::path& file)
{
    const auto* credentials = object_member(token, "accessToken");
    if (credentials == nullptr)
        throw_damaged(name, file, "it has no credentials");
    try {
        auto found = credentials_from(*credentials, login_names, "its accessToken");
        found.origin = "profile '" + name + "', login session";
        return found;
    } catch (const Error& error) {
        throw_damaged(name, file, error.what());
    }
}

crypto::EcdsaP256Key key_in(const json::object& token, const std::string& name,
                            const std::filesystem::path& file)
{
    try {
        return crypto::EcdsaP256Key::from_pem(string_or_empty(token, "dpopKey"));
    } catch (const Error&) {
        throw_damaged(name, file, "its dpopKey is no private key of the curve P-256");
    }
}

signin::CreateOAuth2Token::Response ask_for_renewal(const ProviderContext& context,
                                                    const Profile& profile,
                                                    const json::object& token,
                                                    const crypto::EcdsaP256Key& key)
{
    const auto region = region_for(context, profile);
    const auto url = endpoint_of(services::signin, region, context.endpoints).origin +
                     std::string(signin::token_path);
    auto options = client_options(context, region);
    options.retry.max_attempts = 1; // a proof is good for one request
    return Client(context.http, fixed_credentials({}), std::move(options))
        .call(signin::CreateOAuth2Token{.client_id = string_or_empty(token, "clientId"),
                                        .refresh_token = string_or_empty(token, "refreshToken"),
                                        .dpop_proof =
                                            dpop_proof(key, url, context.clock(), random_uuid())});
}

[[noreturn]] void throw_refusal(const std::string& name, const ApiError& error)
{
    if (error.reason() == "INSUFFICIENT_PERMISSIONS")
        throw Error("AWS Sign-In may not renew the login session of the AWS profile '" + name + "'",
                    "The signed-in identity has to be allowed signin:CreateOAuth2Token.");
    if (error.reason() == "USER_CREDENTIALS_CHANGED")
        throw_sign_in(name, "has a login session whose user has changed");
    throw_sign_in(name, "has an expired login session");
}

/// `token` with new credentials.
void renew(const ProviderContext& context, const std::string& name, const Profile& profile,
           const std::filesystem::path& file, json::object& token)
{
    const auto key = key_in(token, name, file);
    const auto renewed = [&] {
        try {
            return ask_for_renewal(context, profile, token, key);
        } catch (const ApiError& error) {
            if (error.is("AccessDeniedException"))
                throw_refusal(name, error);
            throw;
        }
    }();
    auto& credentials = token["accessToken"].as_object(); // its accountId stays
    credentials["accessKeyId"] = renewed.access_key_id;
    credentials["secretAccessKey"] = renewed.secret_access_key;
    credentials["sessionToken"] = renewed.session_token;
    credentials["expiresAt"] = format_iso8601_seconds(context.clock() + renewed.expires_in);
    token["refreshToken"] = renewed.refresh_token;
}

} // namespace

Credentials login_credentials(const ProviderContext& context, const std::string& name,
                              const Profile& profile)
{
    const auto file = cache_file(context, setting(profile, "login_session"));
    auto token = read_json_cache(file);
    if (!token)
        throw_sign_in(name, "is not signed in");
    auto current = credentials_in(*token, name, file);
    const auto now = context.clock();
    if (current.expires && *current.expires - now > renewal_margin)
        return current;
    try {
        renew(context, name, profile, file, *token);
    } catch (const Error&) {
        if (current.expires && *current.expires > now)
            return current;
        throw;
    }
    write_json_cache(file, *token);
    return credentials_in(*token, name, file);
}

} // namespace nimbus::aws
