#include "aws/credentials/json_credentials.h"

#include "aws/credentials/timestamp.h"
#include "base/error.h"

namespace nimbus::aws {

Credentials credentials_from(const json::object& document, const CredentialNames& names,
                             const std::string& subject)
{
    Credentials credentials{
        .keys = {.access_key_id = string_or_empty(document, names.access_key_id),
                 .secret_access_key = string_or_empty(document, names.secret_access_key),
                 .session_token = string_or_empty(document, names.session_token)}};
    if (credentials.keys.access_key_id.empty() || credentials.keys.secret_access_key.empty())
        throw Error(std::string(names.access_key_id) + " or " + names.secret_access_key +
                    " is missing in " + subject);
    if (const auto expiration = string_member(document, names.expiration)) {
        credentials.expires = parse_timestamp(*expiration);
        if (!credentials.expires)
            throw Error(std::string(names.expiration) + " in " + subject + " is not a time");
    }
    return credentials;
}

} // namespace nimbus::aws
