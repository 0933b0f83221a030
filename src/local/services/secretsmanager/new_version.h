#pragma once

#include "local/services/secretsmanager/secret_store.h"
#include "local/services/service.h"

#include <optional>
#include <string>
#include <vector>

/// What CreateSecret, UpdateSecret and PutSecretValue share: the value that a request brings.
namespace nimbus::local::secretsmanager_api {

/// SecretString's or SecretBinary's; nothing when neither is there. Throws ServiceError when both
/// are, or the value is empty or too large.
std::optional<SecretValue> value_of(const Call& call);

/// Adds the value as the version `token`. A version of that token that holds the same value stays
/// as it is; returns false then. Throws ResourceExistsException when it holds another value,
/// LimitExceededException when the secret has too many stages. Changes `secret`, which the caller
/// stores, in a transaction around both.
bool add_value(SecretStore& store, Secret& secret, const std::string& token,
               const SecretValue& value, const std::vector<std::string>& stages);

/// Does the secret have the version `token`, holding the value? Throws ResourceExistsException when
/// it holds another one.
bool has_value(SecretStore& store, const Secret& secret, const std::string& token,
               const SecretValue& value);

/// Throws LimitExceededException when the secret has more stages than it may.
void check_stage_count(const Secret& secret);

} // namespace nimbus::local::secretsmanager_api
