#include "aws/credentials/web_identity.h"

#include "aws/ops/sts/identity.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace nimbus::aws {
namespace {

struct Found {
    std::string value;
    bool of_environment = false;
};

Found find(const ProviderContext& context, const Profile& profile, WebIdentitySettings settings,
           const std::string& variable, const std::string& name)
{
    if (settings == WebIdentitySettings::environment_first)
        if (auto value = context.environment(variable))
            return {.value = *value, .of_environment = true};
    return {.value = setting(profile, name)};
}

} // namespace

std::optional<Credentials> web_identity_credentials(const ProviderContext& context,
                                                    const std::string& name, const Profile& profile,
                                                    WebIdentitySettings settings)
{
    const auto get = [&](const std::string& variable, const std::string& setting_name) {
        return find(context, profile, settings, variable, setting_name);
    };
    const auto file = get("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    if (file.value.empty())
        return {};
    const auto where = file.of_environment ? std::string("AWS_WEB_IDENTITY_TOKEN_FILE")
                                           : "The AWS profile '" + name + "'";
    const auto role = get("AWS_ROLE_ARN", "role_arn").value;
    if (role.empty())
        throw Error(where + " names a web identity, but there is no role for it",
                    file.of_environment ? "Set AWS_ROLE_ARN." : "Add role_arn to the profile.");
    auto session = get("AWS_ROLE_SESSION_NAME", "role_session_name").value;
    if (session.empty())
        session = default_session_name(context);
    const auto token = read_small_file_if_exists(expand_home(file.value, context.environment));
    if (!token || trim(*token).empty())
        throw Error(where + " names the web identity token '" + file.value + "', which " +
                        (token ? "is empty" : "is not there"),
                    "What runs this (the CI system, the cluster) has to write it.");
    const auto assumed =
        client_for(context, region_for(context, profile, role))
            .call(sts::AssumeRoleWithWebIdentity{.role_arn = role,
                                                 .role_session_name = session,
                                                 .web_identity_token = std::string(trim(*token))});
    return Credentials{.keys = {.access_key_id = assumed.access_key_id,
                                .secret_access_key = assumed.secret_access_key,
                                .session_token = assumed.session_token},
                       .expires = assumed.expiration,
                       .origin = (file.of_environment
                                      ? std::string("web identity (AWS_WEB_IDENTITY_TOKEN_FILE)")
                                      : "profile '" + name + "', web identity") +
                                 ", role " + role};
}

} // namespace nimbus::aws
