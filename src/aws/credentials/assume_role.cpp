#include "aws/credentials/assume_role.h"

#include "aws/credentials/role_cache.h"
#include "aws/ops/sts/identity.h"
#include "base/error.h"
#include "base/number.h"

namespace nimbus::aws {
namespace {

int duration_of(const std::string& name, const Profile& profile)
{
    const auto text = setting(profile, "duration_seconds");
    if (text.empty())
        return 0;
    const auto seconds = parse_number<int>(text);
    if (!seconds)
        throw Error("duration_seconds of the AWS profile '" + name + "' is not a number",
                    "Write a number of seconds there, such as 3600.");
    return *seconds;
}

Credentials credentials_of(const sts::AssumedRole& role)
{
    return {.keys = {.access_key_id = role.access_key_id,
                     .secret_access_key = role.secret_access_key,
                     .session_token = role.session_token},
            .expires = role.expiration};
}

} // namespace

Credentials role_credentials(const ProviderContext& context, const std::string& name,
                             const Profile& profile, const RoleSource& source)
{
    const auto own_session_name = setting(profile, "role_session_name");
    sts::AssumeRole call{.role_arn = setting(profile, "role_arn"),
                         .role_session_name = own_session_name.empty()
                                                  ? default_session_name(context)
                                                  : own_session_name,
                         .external_id = setting(profile, "external_id"),
                         .duration_seconds = duration_of(name, profile),
                         .serial_number = setting(profile, "mfa_serial")};
    const bool has_mfa = !call.serial_number.empty();
    const auto file = role_cache_file(context.environment, call, !own_session_name.empty());
    const auto get = [&] {
        if (has_mfa)
            if (auto kept = read_role_cache(file, context.clock()))
                return *kept;
        const auto keys = source.get();
        if (has_mfa)
            call.token_code = context.mfa->code(call.serial_number, name);
        const auto role = client_for(context, region_for(context, profile, call.role_arn),
                                     fixed_credentials(keys.keys, keys.origin))
                              .call(call);
        if (has_mfa)
            write_role_cache(file, role);
        return credentials_of(role);
    };
    auto credentials = get();
    credentials.origin =
        "profile '" + name + "', role " + call.role_arn + " assumed by " + source.name;
    return credentials;
}

} // namespace nimbus::aws
