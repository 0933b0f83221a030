#include "aws/credentials/role_cache.h"

#include "aws/credentials/json_cache.h"
#include "aws/credentials/json_credentials.h"
#include "base/error.h"
#include "crypto/digest.h"

#include <chrono>

namespace nimbus::aws {
namespace {

constexpr std::chrono::minutes least_time_left{15};

/// As Python's json.dumps(…, sort_keys=True) writes it, whose digest names the file.
class PythonObject {
public:
    void add(std::string_view key, const std::string& value)
    {
        if (value.empty())
            return;
        add_key(key);
        append_json_string(text_, value);
    }
    void add(std::string_view key, int value)
    {
        if (value == 0)
            return;
        add_key(key);
        text_ += std::to_string(value);
    }
    std::string text() const { return text_ + '}'; }

private:
    void add_key(std::string_view key)
    {
        if (text_.size() > 1)
            text_ += ", ";
        append_json_string(text_, key);
        text_ += ": ";
    }

    std::string text_ = "{";
};

} // namespace

std::string role_cache_file(const Environment& environment, const sts::AssumeRole& call,
                            bool has_own_session_name)
{
    PythonObject arguments; // in alphabetical order
    arguments.add("DurationSeconds", call.duration_seconds);
    arguments.add("ExternalId", call.external_id);
    arguments.add("RoleArn", call.role_arn);
    if (has_own_session_name)
        arguments.add("RoleSessionName", call.role_session_name);
    arguments.add("SerialNumber", call.serial_number);
    return expand_home("~/.aws/cli/cache/" + crypto::sha1_hex(arguments.text()) + ".json",
                       environment);
}

std::optional<Credentials> read_role_cache(const std::string& file, SystemTime now)
{
    const auto session = read_json_cache(file);
    const auto* document = session ? object_member(*session, "Credentials") : nullptr;
    if (document == nullptr)
        return {};
    try {
        auto credentials = credentials_from(*document, sts_names, file);
        if (credentials.expires && *credentials.expires - now >= least_time_left)
            return credentials;
    } catch (const Error&) {
        // Damaged: replaced by the next session.
    }
    return {};
}

void write_role_cache(const std::string& file, const sts::AssumedRole& role)
{
    write_json_cache(file, {{"Credentials",
                             json::object{{"AccessKeyId", role.access_key_id},
                                          {"SecretAccessKey", role.secret_access_key},
                                          {"SessionToken", role.session_token},
                                          {"Expiration", format_iso8601_seconds(role.expiration)}}},
                            {"AssumedRoleUser", json::object{{"Arn", role.assumed_role_arn}}}});
}

} // namespace nimbus::aws
