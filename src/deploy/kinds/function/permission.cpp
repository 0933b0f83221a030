#include "deploy/kinds/function/permission.h"

#include "aws/ops/lambda/permissions.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "deploy/kind.h"
#include "deploy/kinds/function/log_group.h"
#include "deploy/kinds/function/names.h"
#include "deploy/memo.h"
#include "manifest/names.h"

#include <boost/json/serialize.hpp>

namespace nimbus::deploy::function {
namespace {

constexpr std::size_t digest_characters = 16;

/// {"Service": "apigateway.amazonaws.com"}
std::string service_of(const json::object& statement)
{
    const auto* principal = object_member(statement, "Principal");
    return principal != nullptr && principal->size() == 1 ? string_or_empty(*principal, "Service")
                                                          : "";
}

/// {"ArnLike": {"AWS:SourceArn": "…"}}
std::string source_arn_of(const json::object& statement)
{
    const auto* conditions = object_member(statement, "Condition");
    const auto* like = conditions != nullptr && conditions->size() == 1
                           ? object_member(*conditions, "ArnLike")
                           : nullptr;
    if (like == nullptr || like->size() != 1)
        return {};
    const auto& only = *like->begin();
    return iequals(only.key(), "AWS:SourceArn") && only.value().is_string()
               ? std::string(only.value().get_string())
               : "";
}

/// As Lambda writes what AddPermission asks for. Somebody may have put another one in its place,
/// which allows more: all of it stands in `principal` then.
PolicyStatement read_statement(json::object statement)
{
    statement.erase("Sid");
    statement.erase("Resource");
    PolicyStatement read{.source_arn = source_arn_of(statement),
                         .principal = service_of(statement)};
    const bool is_ours = statement.size() == 4 && string_or_empty(statement, "Effect") == "Allow" &&
                         string_or_empty(statement, "Action") == "lambda:InvokeFunction" &&
                         !read.source_arn.empty() && !read.principal.empty();
    if (!is_ours)
        read.principal = json::serialize(statement);
    return read;
}

class PolicyReads {
public:
    explicit PolicyReads(World& world) : world_(world) {}

    /// Of a function's resource policy, by their ids. Empty when there is none.
    const PolicyStatements& statements(const std::string& function_name)
    {
        return statements_.get(function_name, [&] { return read(function_name); });
    }

private:
    PolicyStatements read(const std::string& function_name)
    {
        PolicyStatements found;
        const auto answer = world_.find(aws::lambda::GetPolicy{.function_name = function_name});
        if (!answer)
            return found;
        const JsonDocument policy(answer->policy, "The resource policy of " + function_name);
        const auto* object = policy.root().if_object();
        const auto* statements = object == nullptr ? nullptr : array_member(*object, "Statement");
        if (statements != nullptr)
            for (const auto& statement : *statements)
                if (statement.is_object())
                    found[string_or_empty(statement.get_object(), "Sid")] =
                        read_statement(statement.get_object());
        return found;
    }

    World& world_;
    Memo<PolicyStatements> statements_;
};

std::string permission_name(const std::string& function, const std::string& source)
{
    return function + " by " + source;
}

Node permission_node(const Application& application, const manifest::Function& function,
                     const EventSource& source)
{
    const auto function_name = manifest::lambda_function_name(application.manifest, function);
    const auto statement_id =
        "nimbus-" + crypto::sha256_hex(source.name).substr(0, digest_characters);
    const auto& permission = *source.permission;
    NodeOf<Permission> node{
        .name = permission_name(function.name, source.name),
        .identity = {.function_name = function_name, .statement_id = statement_id},
        .inputs = {.function_name = function_name,
                   .source_arn = permission.source_arn,
                   .statement_id = statement_id,
                   .principal = permission.principal},
        // Nobody calls a function whose log group is not there yet.
        .depends_on = {key_of<Function>(function.name), key_of<LogGroup>(function.name)},
        .parent = key_of<Function>(function.name)};
    for (const auto& key : permission.depends_on)
        node.depend_on(key);
    return std::move(node).node();
}

} // namespace

std::string permission_key(const std::string& function, const std::string& source)
{
    return key_of<Permission>(permission_name(function, source));
}

const PolicyStatements& policy_statements(Reads& reads, const std::string& function_name)
{
    return reads.of<PolicyReads>().statements(function_name);
}

std::vector<Node> permission_nodes(const Application& application)
{
    const FunctionsByName functions(application.manifest);
    std::vector<Node> nodes;
    std::map<std::string, std::string> last; // by function: the key of its last permission so far
    for (const auto& kind : application.kinds) {
        if (kind.event_sources == nullptr)
            continue;
        for (const auto& source : kind.event_sources(application)) {
            if (!source.permission)
                continue;
            auto node = permission_node(application, functions.at(source.function), source);
            // Lambda refuses two changes of one resource policy at a time, or loses one of them.
            auto& before = last[source.function];
            if (!before.empty())
                node.depends_on.push_back(before);
            before = node.key();
            nodes.push_back(std::move(node));
        }
    }
    return nodes;
}

std::optional<ObservedOf<Permission>> Permission::read(World&, Reads& reads,
                                                       const SubjectOf<Permission>& subject)
{
    const auto& function_name = subject.outputs.function_name;
    const auto& statements = policy_statements(reads, function_name);
    const auto found = statements.find(subject.outputs.statement_id);
    if (found == statements.end())
        return {};
    return ObservedOf<Permission>{.inputs = {.function_name = function_name,
                                             .source_arn = found->second.source_arn,
                                             .statement_id = {},
                                             .principal = found->second.principal}};
}

PermissionOutputs Permission::create(World& world, const SubjectOf<Permission>&,
                                     const Inputs& inputs)
{
    world.call(aws::lambda::AddPermission{.function_name = inputs.function_name,
                                          .statement_id = inputs.statement_id.value(),
                                          .principal = inputs.principal.value(),
                                          .source_arn = inputs.source_arn});
    return {};
}

PermissionOutputs Permission::update(World& world, const SubjectOf<Permission>& subject,
                                     const Inputs& inputs, const ObservedOf<Permission>&)
{
    destroy(world, subject);
    return create(world, subject, inputs);
}

void Permission::destroy(World& world, const SubjectOf<Permission>& subject)
{
    world.find(aws::lambda::RemovePermission{.function_name = subject.outputs.function_name,
                                             .statement_id = subject.outputs.statement_id});
}

} // namespace nimbus::deploy::function
