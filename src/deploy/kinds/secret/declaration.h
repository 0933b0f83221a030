#pragma once

#include "deploy/target.h"
#include "manifest/section.h"

#include <string>
#include <string_view>

/// A secret: a value in AWS Secrets Manager, which people set and only functions that use it read.
namespace nimbus::deploy::secret {

/// As a program declares it: never with its value.
struct Secret {
    std::string name; ///< [a-z][a-z0-9-]{0,31}
    std::string description;
    std::string kms_key_id; ///< ARN or id of a KMS key; empty: the account's aws/secretsmanager

    bool operator==(const Secret&) const = default;
};

/// "secrets" in the manifest.
manifest::Section section();

/// Nothing when the manifest declares none of that name.
const Secret* find(const manifest::Manifest& manifest, std::string_view name);

/// <project>/<stage>/<name>: its name in Secrets Manager.
std::string full_name(const DeploymentId& deployment, std::string_view name);

/// The ARN that a secret of that full name will have, in its length. `account_id` has 12 digits.
std::string expected_arn(const std::string& region, const std::string& account_id,
                         const std::string& full_name);

/// Of the KMS key that it names.
std::string key_arn(const Target& target, const Secret& secret);

/// SECRET_<NAME>_ARN: the variable that functions using the secret find.
std::string arn_variable(std::string_view name);

} // namespace nimbus::deploy::secret
