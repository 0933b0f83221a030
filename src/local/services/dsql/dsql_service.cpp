#include "local/services/dsql/dsql_service.h"

#include "base/encoding.h"
#include "base/number.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "local/services/answers.h"
#include "local/services/inputs.h"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace nimbus::local {
namespace {

constexpr std::string_view validation = "ValidationException";
constexpr std::size_t most_clusters = 20;
/// Source: Aurora DSQL User Guide, "Using service-linked roles in Aurora DSQL".
const ServiceLinkedRole own_role{.service = "dsql.amazonaws.com",
                                 .name = "AWSServiceRoleForAuroraDsql"};

[[noreturn]] void throw_validation(const std::string& message,
                                   std::string_view reason = "fieldValidationFailed")
{
    throw ServiceError(400, std::string(validation), message, {{"reason", reason}});
}

[[noreturn]] void throw_conflict(const std::string& message, const std::string& id)
{
    throw ServiceError(409, "ConflictException", message,
                       {{"resourceId", id}, {"resourceType", "cluster"}});
}

bool is_identifier(std::string_view text)
{
    return text.size() == 26 && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
           });
}

ClusterRecord need_cluster(ClusterStore& store, const Call& call, const std::string& id)
{
    if (!is_identifier(id))
        throw_validation("The cluster identifier \"" + id +
                         "\" is invalid: it has 26 characters of a-z and 0-9.");
    auto record = store.find(call.region, id);
    if (!record)
        throw ServiceError(404, "ResourceNotFoundException", "Cluster " + id + " was not found.",
                           {{"resourceId", id}, {"resourceType", "cluster"}});
    return std::move(*record);
}

ClusterRecord named_cluster(ClusterStore& store, const Call& call)
{
    return need_cluster(store, call, call.label("identifier"));
}

json::object summary(const ClusterStore& store, const ClusterRecord& record)
{
    return {{"identifier", record.id},
            {"arn", store.arn(record)},
            {"status", record.status},
            {"creationTime", epoch_seconds(record.created)}};
}

json::object description(const ClusterStore& store, const ClusterRecord& record)
{
    auto body = summary(store, record);
    body["deletionProtectionEnabled"] = record.deletion_protection;
    body["endpoint"] = cluster_host_name(record.id, record.region);
    body["encryptionDetails"] =
        json::object{{"encryptionType", "AWS_OWNED_KMS_KEY"}, {"encryptionStatus", "ENABLED"}};
    return body;
}

std::map<std::string, std::string> checked_tags(const std::map<std::string, std::string>& tags)
{
    if (tags.size() > 50)
        throw ServiceError(402, "ServiceQuotaExceededException", "A cluster has at most 50 tags.",
                           {{"serviceCode", "dsql"},
                            {"quotaCode", "tags"},
                            {"resourceId", ""},
                            {"resourceType", "cluster"}});
    for (const auto& [key, value] : tags)
        if (key.empty() || key.size() > 128 || value.size() > 256 || key.starts_with("aws:"))
            throw_validation("The tag \"" + key +
                             "\" is invalid: keys have 1 to 128 characters "
                             "and do not start with aws:, values have at most 256.");
    return tags;
}

void refuse_what_is_not_here(const Input& input)
{
    if (input.has("multiRegionProperties"))
        throw_validation("The local cloud has single-Region clusters only.");
    if (input.has("policy"))
        throw_validation("The local cloud has no cluster policies.");
    if (input.text("kmsEncryptionKey").value_or("AWS_OWNED_KMS_KEY") != "AWS_OWNED_KMS_KEY")
        throw_validation("The local cloud has no KMS keys: leave out kmsEncryptionKey.");
}

void check_token(const std::string& token)
{
    const auto printable = std::ranges::all_of(token, [](char c) { return c >= '!' && c <= '~'; });
    if (token.empty() || token.size() > 128 || !printable)
        throw_validation("The client token is invalid: it has 1 to 128 printable characters.");
}

/// Of the cluster that the call names, by itself or by its ARN; "" when it names none.
std::string identifier(const Call& call)
{
    if (const auto arn = call.labels.find("resourceArn"); arn != call.labels.end())
        return arn->second.substr(arn->second.rfind('/') + 1);
    const auto id = call.labels.find("identifier");
    return id == call.labels.end() ? std::string() : id->second;
}

std::string resource(const Call& call)
{
    if (const auto arn = call.labels.find("resourceArn"); arn != call.labels.end())
        return arn->second;
    const auto id = identifier(call);
    return arn_in(call, "dsql", "cluster/" + (id.empty() ? "*" : id));
}

http::Response create_cluster(ClusterStore& store, AccessControl& access, Call& call)
{
    const Input input(call.input, validation);
    refuse_what_is_not_here(input);
    ClusterRecord record{.region = call.region};
    record.deletion_protection = input.boolean("deletionProtectionEnabled").value_or(true);
    record.tags = checked_tags(input.map("tags").value_or(std::map<std::string, std::string>{}));
    if (const auto token = input.text("clientToken")) {
        check_token(*token);
        record.client_token = *token;
    }
    const auto decision = access.ensure_service_linked_role(call.caller, own_role);
    if (!decision.allowed)
        throw ServiceError(403, "AccessDeniedException", decision.explanation);
    record.request = json::serialize(json::object{{"protection", record.deletion_protection},
                                                  {"tags", map_to_json(record.tags)}});
    record = store.create(
        record, [&](const std::vector<ClusterRecord>& present) -> std::optional<ClusterRecord> {
            for (const auto& other : present) {
                if (record.client_token.empty() || other.client_token != record.client_token)
                    continue;
                if (other.request != record.request)
                    throw_conflict("The client token was used with other parameters before.",
                                   other.id);
                return other;
            }
            if (present.size() >= most_clusters)
                throw ServiceError(402, "ServiceQuotaExceededException",
                                   "You have reached the cluster limit.",
                                   {{"resourceId", ""},
                                    {"resourceType", "cluster"},
                                    {"serviceCode", "dsql"},
                                    {"quotaCode", "L-single-region-clusters"}});
            return std::nullopt;
        });
    return json_answer(description(store, record));
}

http::Response get_cluster(ClusterStore& store, Call& call)
{
    const auto record = named_cluster(store, call);
    auto body = description(store, record);
    body["tags"] = map_to_json(record.tags);
    return json_answer(body);
}

http::Response update_cluster(ClusterStore& store, Call& call)
{
    const Input input(call.input, validation);
    refuse_what_is_not_here(input);
    const auto record = store.database().transaction([&] {
        auto changed = named_cluster(store, call);
        if (changed.status == "DELETING")
            throw_conflict("Cluster " + changed.id + " is being deleted.", changed.id);
        changed.deletion_protection =
            input.boolean("deletionProtectionEnabled").value_or(changed.deletion_protection);
        store.put(changed);
        return changed;
    });
    return json_answer(summary(store, record));
}

http::Response delete_cluster(ClusterStore& store, ClusterCopies& copies, Call& call)
{
    auto record = named_cluster(store, call);
    if (record.status == "DELETING")
        return json_answer(summary(store, record));
    if (record.deletion_protection)
        throw_validation("Cluster " + record.id +
                             " has deletion protection enabled: disable it first.",
                         "deletionProtectionEnabled");
    if (record.status == "CREATING")
        throw_conflict("Cluster " + record.id + " is being created.", record.id);
    copies.forget(record.id);
    return json_answer(summary(store, store.remove(std::move(record))));
}

http::Response list_clusters(ClusterStore& store, Call& call)
{
    std::size_t limit = 100;
    if (const auto text = call.parameter("max-results")) {
        const auto wanted = parse_number<std::size_t>(*text);
        if (!wanted || *wanted < 1 || *wanted > 100)
            throw_validation("maxResults is between 1 and 100.");
        limit = *wanted;
    }
    std::string after;
    if (const auto token = call.parameter("next-token")) {
        const auto decoded = base64_decode(*token);
        if (!decoded || !is_identifier(*decoded))
            throw_validation("The next token is invalid.");
        after = *decoded;
    }
    json::array clusters;
    json::object body;
    std::string last;
    for (const auto& record : store.list(call.region)) {
        if (record.id <= after)
            continue;
        if (clusters.size() == limit) {
            body["nextToken"] = base64_encode(last);
            break;
        }
        clusters.emplace_back(json::object{{"identifier", record.id}, {"arn", store.arn(record)}});
        last = record.id;
    }
    body["clusters"] = std::move(clusters);
    return json_answer(body);
}

http::Response get_service_name(ClusterStore& store, Call& call)
{
    const auto record = named_cluster(store, call);
    return json_answer({{"serviceName", "com.amazonaws." + record.region + ".dsql-" +
                                            crypto::sha256_hex(record.id).substr(0, 6)}});
}

// --- tags -----------------------------------------------------------------------------------

ClusterRecord tagged_cluster(ClusterStore& store, const Call& call)
{
    const auto& arn = call.label("resourceArn");
    const auto prefix = "arn:aws:dsql:" + call.region + ":" + call.account_id + ":cluster/";
    if (!arn.starts_with(prefix))
        throw_validation("The resource ARN \"" + arn +
                         "\" is not one of a cluster of this Region "
                         "and account.");
    return need_cluster(store, call, arn.substr(prefix.size()));
}

http::Response list_tags(ClusterStore& store, Call& call)
{
    return json_answer({{"tags", map_to_json(tagged_cluster(store, call).tags)}});
}

http::Response tag_resource(ClusterStore& store, Call& call)
{
    const auto tags =
        Input(call.input, validation).map("tags").value_or(std::map<std::string, std::string>{});
    store.database().transaction([&] {
        auto record = tagged_cluster(store, call);
        for (const auto& [key, value] : tags)
            record.tags[key] = value;
        record.tags = checked_tags(record.tags);
        store.put(record);
    });
    return json_answer({});
}

http::Response untag_resource(ClusterStore& store, Call& call)
{
    store.database().transaction([&] {
        auto record = tagged_cluster(store, call);
        for (const auto& [name, value] : call.query)
            if (name == "tagKeys")
                record.tags.erase(value);
        store.put(record);
    });
    return json_answer({});
}

} // namespace

Service make_dsql_service(ClusterStore& store, ClusterCopies& copies, AccessControl& access)
{
    const auto context = [&store](const Call& call) {
        const auto cluster = store.find(call.region, identifier(call));
        return cluster ? resource_tags(cluster->tags) : ConditionContext{};
    };
    const auto entry = [&](std::string_view name, std::string_view method, std::string_view path,
                           std::string_view action,
                           http::Response (*answer_call)(ClusterStore&, Call&)) {
        return Operation{.name = name,
                         .method = method,
                         .path = path,
                         .action = action,
                         .resource = resource,
                         .context = context,
                         .answer = Answer([&store, answer_call](Call& call) {
                             return answer_call(store, call);
                         })};
    };
    constexpr std::string_view cluster = "/cluster/{identifier}";
    constexpr std::string_view tags = "/tags/{resourceArn+}";
    auto create = entry("CreateCluster", "POST", "/cluster", "dsql:CreateCluster", nullptr);
    create.tag_action = "dsql:TagResource";
    create.answer =
        Answer([&store, &access](Call& call) { return create_cluster(store, access, call); });
    auto remove = entry("DeleteCluster", "DELETE", cluster, "dsql:DeleteCluster", nullptr);
    remove.answer =
        Answer([&store, &copies](Call& call) { return delete_cluster(store, copies, call); });
    auto list = entry("ListClusters", "GET", "/cluster", "dsql:ListClusters", list_clusters);
    list.resource = nullptr; // of a list, IAM knows no resource
    return {
        .signing_name = "dsql",
        .protocol = Protocol::rest_json,
        .operations =
            {
                create,
                list,
                entry("GetCluster", "GET", cluster, "dsql:GetCluster", get_cluster),
                entry("UpdateCluster", "POST", cluster, "dsql:UpdateCluster", update_cluster),
                remove,
                entry("GetVpcEndpointServiceName", "GET",
                      "/clusters/{identifier}/vpc-endpoint-service-name",
                      "dsql:GetVpcEndpointServiceName", get_service_name),
                entry("ListTagsForResource", "GET", tags, "dsql:ListTagsForResource", list_tags),
                entry("TagResource", "POST", tags, "dsql:TagResource", tag_resource),
                entry("UntagResource", "DELETE", tags, "dsql:UntagResource", untag_resource),
            },
        .inputs = dsql_inputs(),
        .input_error = "ValidationException",
        .claims =
            [](const http::Request& request) {
                return request.path() == "/cluster" || request.path().starts_with("/cluster/");
            },
        .attach =
            [&store, &copies](const DataPlanes& planes) {
                store.attach(planes.clusters);
                copies.attach(planes.clusters);
            },
        .detach =
            [&store, &copies] {
                copies.detach();
                store.detach();
            }};
}

} // namespace nimbus::local
