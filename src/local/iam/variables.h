#pragma once

#include "local/iam/evaluate.h"
#include "local/iam/pattern.h"

#include <string>
#include <string_view>

namespace nimbus::local::iam {

/// What a condition key has, also where the principal itself says it; empty where nothing does.
std::string value_of_key(const Question& question, std::string_view key);

/// Replaces `${key}` and `${key, 'default'}` by the key's value, `${*}`, `${?}` and `${$}` by the
/// character. A variable without value stays as it is, and so matches nothing that exists.
/// Source: AWS IAM User Guide, "IAM policy elements: Variables and tags".
Pattern expand(std::string_view text, const Question& question);

} // namespace nimbus::local::iam
