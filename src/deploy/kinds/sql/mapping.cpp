#include "deploy/kinds/sql/mapping.h"

#include "aws/ops/dsql/clusters.h"
#include "deploy/kinds/function/names.h"
#include "deploy/kinds/function/role.h"
#include "deploy/kinds/sql/database.h"
#include "deploy/kinds/sql/schema_reads.h"

#include <algorithm>
#include <set>

namespace nimbus::deploy::sql {
namespace {

/// How long DSQL may not know a new IAM role.
constexpr std::chrono::milliseconds new_role_time{500};
constexpr std::chrono::seconds new_role_limit{60};

DatabaseNames names_of(const SchemaOutputs& schema)
{
    return {.schema = schema.schema, .role = schema.db_role};
}

/// Under which RoleId the role was mapped, as far as the state knows; or "".
std::string recorded_role_id(const Mapping::Subject& subject)
{
    if (!subject.outputs.role_id.empty() || !subject.parent->mappings)
        return subject.outputs.role_id;
    const auto found = subject.parent->mappings->find(subject.outputs.arn);
    return found == subject.parent->mappings->end() ? "" : found->second;
}

bool is_unknown_role(const SqlFailure& failure)
{
    const std::string message = failure.what();
    return message.find("IAM role") != std::string::npos &&
           message.find("does not exist") != std::string::npos;
}

void map_when_known(World& world, SqlSession& session, const DatabaseNames& names,
                    const std::string& arn)
{
    const auto deadline = Deadline::after(new_role_limit);
    world.wait({.what = "DSQL to know " + arn,
                .kind = "role in DSQL",
                .usual = new_role_time,
                .limit = 2 * new_role_limit},
               [&] {
                   try {
                       map_role(world, session, names, arn);
                       return true;
                   } catch (const SqlFailure& failure) {
                       if (is_unknown_role(failure) && !deadline.reached())
                           return false;
                       throw;
                   }
               });
}

MappingOutputs establish(World& world, const Mapping::Subject& subject, const MappingInputs& inputs)
{
    const auto& schema = subject.parent.value();
    const auto names = names_of(schema);
    auto session = connect(world, schema.endpoint);
    // A role that was deleted and made again no longer matches its mapping.
    if (look(session, names).mapped_arns.contains(inputs.arn))
        unmap_role(world, session, names, inputs.arn);
    map_when_known(world, session, names, inputs.arn);
    return {.arn = inputs.arn, .role_id = inputs.role_id};
}

Node mapping_node(const Application& application, const Database& database, const std::string& role)
{
    const auto arn = function::iam_role_arn(application, role);
    const auto schema = key_of<Schema>(schema_name(database));
    NodeOf<Mapping> node{
        .name = mapping_name(database, role),
        .identity = {.arn = arn, .role_id = {}},
        .inputs = {.arn = arn,
                   .role_id = output_of<function::Role>(role, &function::RoleOutputs::role_id)},
        .depends_on = {schema, key_of<function::Role>(role)},
        .parent = schema};
    return std::move(node).node();
}

} // namespace

std::string mapping_name(const Database& database, const std::string& role)
{
    return schema_name(database) + ' ' + role;
}

std::vector<Node> mapping_nodes(const Application& application)
{
    const auto& manifest = application.manifest;
    std::vector<Node> nodes;
    std::set<std::string> names;
    for (const auto& function : manifest.functions)
        for (const auto& used : function.uses) {
            const auto* database = find(manifest, used);
            if (database == nullptr)
                continue;
            const auto role = function::role_name(application, function);
            if (names.insert(mapping_name(*database, role)).second)
                nodes.push_back(mapping_node(application, *database, role));
        }
    return nodes;
}

std::optional<Mapping::Observed> Mapping::read(World&, Reads& reads, const Subject& subject)
{
    if (!subject.parent)
        return {};
    const auto& found =
        reads.of<SchemaReads>().found(subject.parent->endpoint, names_of(*subject.parent));
    const auto& arn = subject.outputs.arn;
    if (!found.mapped_arns.contains(arn))
        return {};
    const auto role_id = recorded_role_id(subject);
    return Observed{.inputs = {.arn = arn, .role_id = role_id},
                    .outputs = {.arn = arn, .role_id = role_id}};
}

MappingOutputs Mapping::create(World& world, const Subject& subject, const Inputs& inputs)
{
    return establish(world, subject, inputs);
}

MappingOutputs Mapping::update(World& world, const Subject& subject, const Inputs& inputs,
                               const Observed&)
{
    return establish(world, subject, inputs);
}

void Mapping::destroy(World& world, const Subject& subject)
{
    if (!subject.parent)
        return;
    const auto& schema = *subject.parent;
    const auto cluster = world.find(aws::dsql::GetCluster{.identifier = schema.identifier});
    if (!cluster || !is_alive(*cluster))
        return;
    wait_until_usable(world, schema.identifier);
    auto session = connect(world, schema.endpoint);
    if (look(session, names_of(schema)).mapped_arns.contains(subject.outputs.arn))
        unmap_role(world, session, names_of(schema), subject.outputs.arn);
}

} // namespace nimbus::deploy::sql
