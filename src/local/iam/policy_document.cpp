#include "local/iam/policy_document.h"

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "local/iam/duplicate_keys.h"

#include <boost/json/serialize.hpp>

#include <array>

namespace nimbus::local::iam {
namespace {

std::vector<std::string> strings(const json::value& value, std::string_view element)
{
    std::vector<std::string> result;
    const auto add = [&](const json::value& item) {
        if (item.is_string())
            result.emplace_back(item.get_string());
        else if (item.is_bool())
            result.emplace_back(item.get_bool() ? "true" : "false");
        else if (item.is_number())
            result.push_back(json::serialize(item));
        else
            throw Error("Syntax errors in policy: " + std::string(element) + " must hold strings.");
    };
    if (value.is_array())
        for (const auto& item : value.get_array())
            add(item);
    else
        add(value);
    return result;
}

Principals principals(const json::value& value)
{
    if (value.is_string()) {
        if (value.get_string() != "*")
            throw Error("Invalid principal in policy: a principal is \"*\" or an object.");
        return {{"*", {"*"}}};
    }
    if (!value.is_object())
        throw Error("Invalid principal in policy: a principal is \"*\" or an object.");
    Principals result;
    for (const auto& [kind, names] : value.get_object()) {
        const std::string_view known = kind;
        if (known != "AWS" && known != "Service" && known != "Federated" &&
            known != "CanonicalUser")
            throw Error("Invalid principal in policy: \"" + std::string(known) +
                        "\" is not a kind of principal.");
        result[std::string(known)] = strings(names, "Principal");
    }
    return result;
}

constexpr std::array<std::string_view, 27> known_tests{
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "Null",
};

Condition condition(std::string_view name, const std::string& key, const json::value& values)
{
    Condition result;
    auto test = name;
    if (test.starts_with("ForAnyValue:")) {
        result.set = Condition::Set::for_any_value;
        test.remove_prefix(12);
    } else if (test.starts_with("ForAllValues:")) {
        result.set = Condition::Set::for_all_values;
        test.remove_prefix(13);
    }
    if (test.ends_with("IfExists")) {
        result.if_exists = true;
        test.remove_suffix(8);
    }
    for (const auto known : known_tests)
        if (iequals(known, test))
            result.test = known;
    if (result.test.empty())
        throw Error("Syntax errors in policy: \"" + std::string(name) +
                    "\" is not a condition operator.");
    result.key = key;
    result.values = strings(values, "Condition");
    return result;
}

void read_element(Statement& statement, std::string_view name, const json::value& value)
{
    if (name == "Sid") {
        if (!value.is_string())
            throw Error("Syntax errors in policy: Sid must be a string.");
        statement.sid = value.get_string();
    } else if (name == "Effect") {
        if (value == "Allow")
            statement.effect = Effect::allow;
        else if (value == "Deny")
            statement.effect = Effect::deny;
        else
            throw Error("Syntax errors in policy: Effect must be Allow or Deny.");
    } else if (name == "Principal") {
        statement.principals = principals(value);
    } else if (name == "NotPrincipal") {
        statement.not_principals = principals(value);
    } else if (name == "Action") {
        statement.actions = strings(value, name);
    } else if (name == "NotAction") {
        statement.not_actions = strings(value, name);
    } else if (name == "Resource") {
        statement.resources = strings(value, name);
    } else if (name == "NotResource") {
        statement.not_resources = strings(value, name);
    } else if (name == "Condition") {
        if (!value.is_object())
            throw Error("Syntax errors in policy: Condition must be an object.");
        for (const auto& [test, keys] : value.get_object()) {
            if (!keys.is_object())
                throw Error("Syntax errors in policy: a condition operator holds an object.");
            for (const auto& [key, values] : keys.get_object())
                statement.conditions.push_back(condition(test, key, values));
        }
    } else {
        throw Error("Syntax errors in policy: \"" + std::string(name) +
                    "\" is not an element of a statement.");
    }
}

void check_actions(const std::vector<std::string>& actions)
{
    for (const auto& action : actions) {
        const auto colon = action.find(':');
        if (action != "*" && (colon == std::string::npos || colon == 0))
            throw Error("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, "
                        "etc.");
    }
}

void check_resources(const std::vector<std::string>& resources)
{
    for (const auto& resource : resources)
        if (resource != "*" && !resource.starts_with("arn:"))
            throw Error("Resource " + resource + " must be in ARN format or \"*\".");
}

Statement statement(const json::value& value, PolicyUse use)
{
    if (!value.is_object())
        throw Error("Syntax errors in policy: a statement must be an object.");
    const auto& object = value.get_object();
    if (!object.contains("Effect"))
        throw Error("Syntax errors in policy: a statement needs an Effect.");
    Statement result;
    for (const auto& [name, element] : object)
        read_element(result, name, element);

    if (result.actions.empty() == result.not_actions.empty())
        throw Error("Policy statement must contain actions.");
    check_actions(result.actions);
    check_actions(result.not_actions);
    check_resources(result.resources);
    check_resources(result.not_resources);
    const auto has_principal = !result.principals.empty() || !result.not_principals.empty();
    const auto has_resource = !result.resources.empty() || !result.not_resources.empty();
    if (use == PolicyUse::identity && has_principal)
        throw Error("Policy document should not specify a principal.");
    if (use != PolicyUse::identity && !has_principal)
        throw Error("Missing required field Principal.");
    if (use == PolicyUse::trust && has_resource)
        throw Error("Has prohibited field Resource.");
    if (use != PolicyUse::trust && !has_resource)
        throw Error("Policy statement must contain resources.");
    if (!result.resources.empty() && !result.not_resources.empty())
        throw Error("Syntax errors in policy: Resource and NotResource exclude each other.");
    return result;
}

} // namespace

PolicyDocument parse_policy(std::string_view text, PolicyUse use)
{
    const auto root = [&] {
        try {
            return parse_json(text, "policy");
        } catch (const Error&) {
            throw Error("This policy contains invalid Json");
        }
    }();
    if (!root.is_object() || has_duplicate_keys(text))
        throw Error("Syntax errors in policy.");
    PolicyDocument document;
    const json::value* statements = nullptr;
    for (const auto& [name, value] : root.get_object()) {
        if (name == "Version") {
            if (value != "2012-10-17" && value != "2008-10-17")
                throw Error("The policy must contain a valid version string.");
            document.version = value.get_string();
        } else if (name == "Statement") {
            statements = &value;
        } else if (name != "Id") {
            throw Error("Syntax errors in policy: \"" + std::string(name) +
                        "\" is not an element of a policy.");
        }
    }
    if (statements == nullptr)
        throw Error("Syntax errors in policy: Statement is missing.");
    if (statements->is_array())
        for (const auto& item : statements->get_array())
            document.statements.push_back(statement(item, use));
    else
        document.statements.push_back(statement(*statements, use));
    return document;
}

} // namespace nimbus::local::iam
