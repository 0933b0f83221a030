#include "local/services/dsql/cluster_copies_service.h"

#include "base/error.h"
#include "local/services/answers.h"
#include "local/services/inputs.h"

#include <limits>

namespace nimbus::local {
namespace {

constexpr std::string_view validation = "ValidationException";
/// The longest that a role's session lasts. Source: STS API Reference, AssumeRole.
constexpr std::chrono::hours credentials_lifetime{12};

ServiceError not_found(const std::string& what)
{
    return {404, "ResourceNotFoundException", what};
}

json::object credentials_of(const AccessKey& key)
{
    return {{"accessKeyId", key.access_key_id},
            {"secretAccessKey", key.secret_access_key},
            {"sessionToken", key.session_token}};
}

pid_t process_in(const json::object& input)
{
    const auto process = integer_member(input, "process").value_or(0);
    if (process < 1 || process > std::numeric_limits<pid_t>::max())
        throw ServiceError(400, std::string(validation), "process must be the number of a process");
    return static_cast<pid_t>(process);
}

http::Response copy_cluster(ClusterStore& store, ClusterCopies& copies, AccessControl& access,
                            Call& call)
{
    const Input input(call.input, validation);
    const auto owner = process_in(call.input);
    const auto id = input.text("cluster").value_or("");
    const auto cluster = store.find(call.region, id);
    if (!cluster)
        throw not_found("There is no cluster '" + id + "'");
    try {
        const auto copy = copies.take(*cluster, owner);
        json::object body{{"identifier", copy.id},
                          {"endpoint", cluster_host_name(copy.id, cluster->region)}};
        if (const auto role = input.text("role"))
            body["credentials"] = credentials_of(access.assume_role_for_service(
                *role, "lambda.amazonaws.com", "nimbus-test", credentials_lifetime));
        return json_answer(body, 201);
    } catch (const Error& error) {
        throw ServiceError(400, std::string(validation), error.what());
    }
}

http::Response back_up_cluster(ClusterStore& store, Call& call)
{
    const Input input(call.input, validation);
    const auto id = input.required_text("cluster");
    const std::filesystem::path directory = input.required_text("directory");
    const auto cluster = store.find(call.region, id);
    if (!cluster)
        throw not_found("There is no cluster '" + id + "'");
    if (!directory.is_absolute() || std::filesystem::exists(directory))
        throw ServiceError(400, std::string(validation),
                           "directory must be an absolute path that is not there yet");
    try {
        store.back_up(*cluster, directory);
    } catch (const Error& error) {
        throw ServiceError(400, std::string(validation), error.what());
    }
    return json_answer({}, 201);
}

http::Response remove_copy(ClusterCopies& copies, const Call& call)
{
    if (!copies.give_back(call.label("identifier")))
        throw not_found("There is no copy '" + call.label("identifier") + "'");
    return json_answer({});
}

http::Response list_copies(const ClusterCopies& copies)
{
    json::array list;
    for (const auto& each : copies.taken())
        list.push_back(
            {{"identifier", each.copy.id}, {"cluster", each.cluster_id}, {"process", each.owner}});
    return json_answer({{"copies", std::move(list)}});
}

} // namespace

Service make_cluster_copies_service(ClusterStore& store, ClusterCopies& copies,
                                    AccessControl& access)
{
    return {.signing_name = "nimbus-cluster-copies",
            .protocol = Protocol::rest_json,
            .operations = {
                {.name = "CopyCluster",
                 .method = "POST",
                 .path = "/cluster-copies",
                 .action = "nimbus:CopyCluster",
                 .answer = Answer([&store, &copies, &access](Call& call) {
                     return copy_cluster(store, copies, access, call);
                 })},
                {.name = "RemoveClusterCopy",
                 .method = "DELETE",
                 .path = "/cluster-copies/{identifier}",
                 .action = "nimbus:RemoveClusterCopy",
                 .answer = Answer([&copies](Call& call) { return remove_copy(copies, call); })},
                {.name = "BackUpCluster",
                 .method = "POST",
                 .path = "/cluster-backups",
                 .action = "nimbus:BackUpCluster",
                 .answer = Answer([&store](Call& call) { return back_up_cluster(store, call); })},
                {.name = "ListClusterCopies",
                 .method = "GET",
                 .path = "/cluster-copies",
                 .action = "nimbus:ListClusterCopies",
                 .answer = Answer([&copies](Call&) { return list_copies(copies); })},
            }};
}

} // namespace nimbus::local
