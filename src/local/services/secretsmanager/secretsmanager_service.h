#pragma once

#include "local/iam/access_control.h"
#include "local/services/inputs.h"
#include "local/services/secretsmanager/secret_store.h"
#include "local/services/secretsmanager/secrets_error.h"
#include "local/services/service.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::local {

/// Secrets Manager, without rotation, replicas and resource policies. The references outlive the
/// service. Sources: AWS Secrets Manager API Reference and User Guide; botocore's service model.
Service make_secretsmanager_service(SecretStore& store, AccessControl& access);
/// What its operations do with their input.
std::vector<InputMembers> secretsmanager_inputs();

std::vector<Operation> secretsmanager_secret_operations(SecretStore& store, AccessControl& access);
std::vector<Operation> secretsmanager_value_operations(SecretStore& store, AccessControl& access);
std::vector<Operation> secretsmanager_version_operations(SecretStore& store);
std::vector<Operation> secretsmanager_list_operations(SecretStore& store);
std::vector<Operation> secretsmanager_tag_operations(SecretStore& store);
std::vector<Operation> secretsmanager_password_operations();
/// What the local cloud has not got, refused by name.
std::vector<Operation> secretsmanager_missing_operations(SecretStore& store);

/// What those files share.
namespace secretsmanager_api {

/// An operation on the secret that SecretId names: asks for the permission on its ARN, with the
/// keys of its tags and of the request.
Operation on_secret(SecretStore& store, std::string_view name, std::string_view action,
                    Answer answer);
/// An operation on no secret in particular.
Operation on_all(std::string_view name, std::string_view action, Answer answer);

/// Checks the caller's permission for an action that goes along with the operation's own.
/// Throws AccessDeniedException.
void need_permission(AccessControl& access, const Call& call, const std::string& action,
                     const std::string& resource, const ConditionContext& context);
/// The ARN that a permission on the secret is asked for: as IAM sees it, with its random
/// characters; of one that does not exist, as much as its name tells.
std::string secret_resource(SecretStore& store, const std::string& region, const std::string& id);
/// What conditions may test of a secret.
ConditionContext secret_context(const Secret& secret);

Input input_of(const Call& call);
/// Nothing when it is not there; throws ValidationException outside [least, most] bytes.
std::optional<std::string> text_of(const Input& input, std::string_view member, std::size_t least,
                                   std::size_t most);
/// SecretId's value; throws ValidationException when it is missing or no name or ARN may look so.
std::string secret_id(const Call& call);
bool is_name(std::string_view text);
[[noreturn]] void throw_bad_name();

/// Throws ResourceNotFoundException.
Secret need_secret(SecretStore& store, const Call& call);
/// Throws InvalidRequestException, too, while it is scheduled for deletion.
Secret need_live_secret(SecretStore& store, const Call& call);
void require_live(const Secret& secret);

/// The input's Tags, checked.
std::map<std::string, std::string> tags_of(const Call& call);
json::array tags_to_json(const std::map<std::string, std::string>& tags);
/// Throws InvalidParameterException beyond 50.
void check_tag_count(const std::map<std::string, std::string>& tags);

/// {"ARN": …, "Name": …}
json::object identity(const Secret& secret);
/// Each version's stages; deprecated versions are left out.
json::object versions_to_stages(const Secret& secret);

/// ClientRequestToken. Throws InvalidRequestException when it is missing, as Secrets Manager does:
/// AWS's SDKs fill it in.
std::string request_token(const Call& call);

/// One page of `count` items by the input's MaxResults and NextToken.
struct Page {
    std::size_t first = 0;
    std::size_t last = 0;
    std::string next_token; ///< empty: there are no more

    void add_token(json::object& body) const;
};
/// Throws InvalidNextTokenException.
Page page_of(const Call& call, std::size_t count, std::int64_t most);

} // namespace secretsmanager_api
} // namespace nimbus::local
