#include "io/environment.h"

#include "base/text.h"

#include <cstdlib>

namespace nimbus::detail {

std::optional<std::string> environment_variable(const std::string& name)
{
    const char* value = std::getenv(name.c_str());
    return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

std::optional<std::string> manifest_out()
{
    return environment_variable("NIMBUS_MANIFEST_OUT");
}

std::string variable_prefix(const std::string& kind, const std::string& name)
{
    return kind + '_' + replace_all(to_upper(name), "-", "_") + '_';
}

std::optional<sigv4::Credentials> environment_credentials()
{
    auto access_key_id = environment_variable("AWS_ACCESS_KEY_ID");
    auto secret_access_key = environment_variable("AWS_SECRET_ACCESS_KEY");
    if (!access_key_id || !secret_access_key)
        return std::nullopt;
    return sigv4::Credentials{*std::move(access_key_id), *std::move(secret_access_key),
                              environment_variable("AWS_SESSION_TOKEN").value_or("")};
}

} // namespace nimbus::detail
