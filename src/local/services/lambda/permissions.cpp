#include "base/arn.h"
#include "base/error.h"
#include "local/services/answers.h"
#include "local/services/inputs.h"
#include "local/services/lambda/lambda_service.h"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace nimbus::local {
namespace {

using namespace lambda_api;

constexpr std::size_t most_policy_bytes = 20'480;

json::value principal_of(const Input& input)
{
    const auto principal = input.required_text("Principal");
    if (principal == "*")
        return "*";
    const auto account = principal.size() == 12 && std::ranges::all_of(principal, [](char c) {
                             return c >= '0' && c <= '9';
                         });
    if (account)
        return json::object{
            {"AWS", Arn{.service = "iam", .account = principal, .resource = "root"}.to_string()}};
    if (principal.starts_with("arn:"))
        return json::object{{"AWS", principal}};
    if (principal.find('.') == std::string::npos)
        throw_invalid("The provided principal was invalid. Please check the principal and try "
                      "again.");
    return json::object{{"Service", principal}};
}

json::object make_statement(const Call& call, const Input& input, const FunctionRecord& record)
{
    const auto id = input.required_text("StatementId");
    const auto fine =
        !id.empty() && id.size() <= 100 && std::ranges::all_of(id, [](unsigned char c) {
            return std::isalnum(c) || c == '-' || c == '_';
        });
    if (!fine)
        input.refuse("1 validation error detected: Value '" + id +
                     "' at 'statementId' failed to satisfy constraint: Member must satisfy "
                     "regular expression pattern: ([a-zA-Z0-9-_]+)");
    const auto action = input.required_text("Action");
    if (action != "lambda:*" && !action.starts_with("lambda:"))
        input.refuse("1 validation error detected: Value '" + action +
                     "' at 'action' failed to satisfy constraint: Member must satisfy regular "
                     "expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])");
    json::object condition;
    if (const auto arn = input.text("SourceArn"))
        condition["ArnLike"] = json::object{{"AWS:SourceArn", *arn}};
    json::object equals;
    if (const auto account = input.text("SourceAccount"))
        equals["AWS:SourceAccount"] = *account;
    if (const auto organization = input.text("PrincipalOrgID"))
        equals["aws:PrincipalOrgID"] = *organization;
    if (!equals.empty())
        condition["StringEquals"] = equals;
    json::object statement{{"Sid", id},
                           {"Effect", "Allow"},
                           {"Principal", principal_of(input)},
                           {"Action", action},
                           {"Resource", function_arn(call, record.function->name)}};
    if (!condition.empty())
        statement["Condition"] = condition;
    return statement;
}

http::Response add_permission(const LambdaParts& parts, Call& call)
{
    const Input input(call.input, "ValidationException");
    json::object statement;
    parts.functions.database().transaction([&] {
        auto record = need_function_to_change(parts.functions, call);
        statement = make_statement(call, input, record);
        const auto id = statement.at("Sid");
        for (const auto& present : record.policy_statements)
            if (present.as_object().at("Sid") == id)
                throw ServiceError(409, "ResourceConflictException",
                                   "The statement id (" + std::string(id.as_string()) +
                                       ") provided already exists. Please provide a new statement "
                                       "id, or remove the existing statement.",
                                   {{"Type", "User"}});
        record.policy_statements.emplace_back(statement);
        const auto policy = record.policy();
        if (policy.size() > most_policy_bytes)
            throw ServiceError(400, "PolicyLengthExceededException",
                               "The final policy size (" + std::to_string(policy.size()) +
                                   ") is bigger than the limit (20480).",
                               {{"Type", "User"}});
        try {
            static_cast<void>(iam::parse_policy(policy, iam::PolicyUse::resource));
        } catch (const Error& error) {
            throw_invalid(error.what());
        }
        parts.functions.put(record);
    });
    return json_answer({{"Statement", json::serialize(statement)}}, 201);
}

http::Response remove_permission(const LambdaParts& parts, Call& call)
{
    parts.functions.database().transaction([&] {
        auto record = need_function_to_change(parts.functions, call);
        const auto& id = call.label("StatementId");
        auto& statements = record.policy_statements;
        const auto found = std::ranges::find_if(statements, [&](const json::value& statement) {
            return statement.as_object().at("Sid") == json::string_view(id);
        });
        if (found == statements.end())
            throw ServiceError(404, "ResourceNotFoundException",
                               "Statement " + id + " is not found in resource policy.",
                               {{"Type", "User"}});
        statements.erase(found);
        parts.functions.put(record);
    });
    return no_content();
}

http::Response get_policy(const LambdaParts& parts, Call& call)
{
    const auto record = need_function(parts.functions, call);
    const auto policy = record->policy();
    if (policy.empty())
        throw ServiceError(404, "ResourceNotFoundException",
                           "The resource you requested does not exist.", {{"Type", "User"}});
    return json_answer({{"Policy", policy}, {"RevisionId", record->function->revision_id}});
}

} // namespace

std::vector<Operation> lambda_permission_operations(const LambdaParts& parts)
{
    const auto entry = [&](std::string_view name, std::string_view method, std::string_view path,
                           std::string_view action,
                           http::Response (*answer_call)(const LambdaParts&, Call&)) {
        return Operation{.name = name,
                         .method = method,
                         .path = path,
                         .action = action,
                         .resource = function_resource,
                         .context = function_context(parts.functions),
                         .answer = Answer([parts, answer_call](Call& call) {
                             return answer_call(parts, call);
                         })};
    };
    constexpr std::string_view policy = "/2015-03-31/functions/{FunctionName}/policy";
    return {
        entry("AddPermission", "POST", policy, "lambda:AddPermission", add_permission),
        entry("RemovePermission", "DELETE",
              "/2015-03-31/functions/{FunctionName}/policy/{StatementId}",
              "lambda:RemovePermission", remove_permission),
        entry("GetPolicy", "GET", policy, "lambda:GetPolicy", get_policy),
    };
}

} // namespace nimbus::local
