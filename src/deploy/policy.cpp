#include "deploy/policy.h"

#include <algorithm>

namespace nimbus::deploy {
namespace {

json::array array_of(const std::vector<std::string>& texts)
{
    return json::array(texts.begin(), texts.end());
}

json::object document(json::array statements)
{
    return {{"Version", "2012-10-17"}, {"Statement", std::move(statements)}};
}

json::object trust_statement(std::string_view service)
{
    return {{"Effect", "Allow"},
            {"Principal", json::object{{"Service", service}}},
            {"Action", "sts:AssumeRole"}};
}

/// The statement that says the same about other resources; a new one, without any, if there is
/// none.
Statement& twin_in(std::vector<Statement>& statements, const Statement& wanted)
{
    const auto twin = std::ranges::find_if(statements, [&](const Statement& one) {
        return one.effect == wanted.effect && one.actions == wanted.actions &&
               one.condition == wanted.condition && one.id == wanted.id;
    });
    if (twin != statements.end())
        return *twin;
    auto& added = statements.emplace_back(wanted);
    added.resources.clear();
    return added;
}

json::object to_json(const Statement& statement)
{
    json::object object;
    if (!statement.id.empty())
        object["Sid"] = statement.id;
    object["Effect"] = statement.effect;
    object["Action"] = array_of(statement.actions);
    object["Resource"] = array_of(statement.resources);
    if (!statement.condition.empty())
        object["Condition"] = statement.condition;
    return object;
}

} // namespace

json::object policy_document(const std::vector<Statement>& statements)
{
    std::vector<Statement> joined;
    for (const auto& statement : statements) {
        auto& target = twin_in(joined, statement);
        for (const auto& resource : statement.resources)
            if (std::ranges::find(target.resources, resource) == target.resources.end())
                target.resources.push_back(resource);
    }
    json::array array;
    for (const auto& statement : joined)
        array.emplace_back(to_json(statement));
    return document(std::move(array));
}

json::object string_equals(json::object keys)
{
    return {{"StringEquals", std::move(keys)}};
}

json::object trust_in(std::string_view service)
{
    return document({trust_statement(service)});
}

json::object trust_in(std::string_view service, const std::string& account_id,
                      const std::string& source_arn)
{
    auto statement = trust_statement(service);
    statement["Condition"] =
        string_equals({{"aws:SourceAccount", account_id}, {"aws:SourceArn", source_arn}});
    return document({std::move(statement)});
}

} // namespace nimbus::deploy
