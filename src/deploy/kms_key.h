#pragma once

#include <string_view>

/// Names of keys of AWS KMS.
namespace nimbus::deploy {

/// A UUID, or one that begins with mrk-.
bool is_kms_key_id(std::string_view text);

/// An alias's ARN is none: IAM knows keys by their own ARNs only, and takes wildcards in them.
bool is_kms_key_arn(std::string_view text);

} // namespace nimbus::deploy
