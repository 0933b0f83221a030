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

} // namespace

json::object policy_document(const std::vector<Statement>& statements)
{
    std::vector<Statement> joined;
    for (const auto& statement : statements) {
        const auto twin = std::ranges::find_if(joined, [&](const Statement& earlier) {
            return earlier.effect == statement.effect && earlier.actions == statement.actions;
        });
        auto& target =
            twin != joined.end()
                ? *twin
                : joined.emplace_back(Statement{
                      .effect = statement.effect, .actions = statement.actions, .resources = {}});
        for (const auto& resource : statement.resources)
            if (std::ranges::find(target.resources, resource) == target.resources.end())
                target.resources.push_back(resource);
    }
    json::array array;
    for (const auto& statement : joined)
        array.emplace_back(json::object{{"Effect", statement.effect},
                                        {"Action", array_of(statement.actions)},
                                        {"Resource", array_of(statement.resources)}});
    return document(std::move(array));
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
        json::object{{"StringEquals", json::object{{"aws:SourceAccount", account_id},
                                                   {"aws:SourceArn", source_arn}}}};
    return document({std::move(statement)});
}

} // namespace nimbus::deploy
