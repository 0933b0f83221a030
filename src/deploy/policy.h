#pragma once

#include "base/json.h"

#include <string>
#include <string_view>
#include <vector>

namespace nimbus::deploy {

/// A statement of IAM's policy language. Strings may hold placeholders.
struct Statement {
    std::string effect = "Allow";
    std::vector<std::string> actions;
    std::vector<std::string> resources;
    json::object condition; ///< operators, keys and values; empty: none
    std::string id;         ///< Sid: letters and digits; empty: none

    bool operator==(const Statement&) const = default;
};

/// Statements that allow, or deny, the same actions under the same condition become one with the
/// resources of all.
json::object policy_document(const std::vector<Statement>& statements);

/// A condition: these keys of the request have these values.
json::object string_equals(json::object keys);

/// The trust policy of a role that `service`, such as lambda.amazonaws.com, may assume. With a
/// `source_arn` only on behalf of that resource of that account: see IAM User Guide, "The confused
/// deputy problem".
json::object trust_in(std::string_view service);
json::object trust_in(std::string_view service, const std::string& account_id,
                      const std::string& source_arn);

} // namespace nimbus::deploy
