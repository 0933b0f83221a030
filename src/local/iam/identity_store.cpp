#include "local/iam/identity_store.h"

#include "base/arn.h"
#include "base/encoding.h"
#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "local/iam/managed_policies.h"

#include <algorithm>

namespace nimbus::local::iam {
namespace {

constexpr std::string_view id_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string unique_id(std::string_view prefix)
{
    return std::string(prefix) + random_text(17, id_alphabet);
}

std::string access_key_id(std::string_view prefix)
{
    return std::string(prefix) + random_text(16, id_alphabet);
}

std::string secret()
{
    return base64_encode(random_bytes(30));
}

json::object tags_to_json(const Tags& tags)
{
    json::object result;
    for (const auto& [key, value] : tags)
        result[key] = value;
    return result;
}

Tags tags_from_json(const json::object& document)
{
    Tags tags;
    if (const auto* object = object_member(document, "tags"))
        for (const auto& [key, value] : *object)
            tags[key] = value.as_string().c_str();
    return tags;
}

SystemTime time_member(const json::object& document, std::string_view key)
{
    return from_unix_milliseconds(integer_member(document, key).value_or(0));
}

json::object to_json(const Identity& identity)
{
    json::object policies;
    for (const auto& [name, text] : identity.inline_policies)
        policies[name] = text;
    return {{"name", identity.name},
            {"path", identity.path},
            {"id", identity.id},
            {"arn", identity.arn},
            {"created", to_unix_milliseconds(identity.created)},
            {"inline", policies},
            {"attached",
             json::array(identity.attached_policies.begin(), identity.attached_policies.end())},
            {"tags", tags_to_json(identity.tags)},
            {"description", identity.description},
            {"trust", identity.trust_policy},
            {"maxSession", identity.max_session_seconds},
            {"boundary", identity.permissions_boundary}};
}

Identity identity_from_json(Identity::Kind kind, const json::object& document)
{
    Identity identity;
    identity.kind = kind;
    identity.name = string_or_empty(document, "name");
    identity.path = string_or_empty(document, "path");
    identity.id = string_or_empty(document, "id");
    identity.arn = string_or_empty(document, "arn");
    identity.created = time_member(document, "created");
    if (const auto* policies = object_member(document, "inline"))
        for (const auto& [name, text] : *policies)
            identity.inline_policies[name] = text.as_string().c_str();
    if (const auto* attached = array_member(document, "attached"))
        for (const auto& arn : *attached)
            identity.attached_policies.emplace_back(arn.as_string());
    identity.tags = tags_from_json(document);
    identity.description = string_or_empty(document, "description");
    identity.trust_policy = string_or_empty(document, "trust");
    identity.max_session_seconds =
        static_cast<int>(integer_member(document, "maxSession").value_or(3600));
    identity.permissions_boundary = string_or_empty(document, "boundary");
    return identity;
}

ManagedPolicy policy_from_json(const json::object& document)
{
    return {.name = string_or_empty(document, "name"),
            .path = string_or_empty(document, "path"),
            .id = string_or_empty(document, "id"),
            .arn = string_or_empty(document, "arn"),
            .description = string_or_empty(document, "description"),
            .document = string_or_empty(document, "document"),
            .created = time_member(document, "created"),
            .tags = tags_from_json(document)};
}

UserKey key_from_json(const std::string& id, const json::object& document)
{
    return {.access_key_id = id,
            .secret_access_key = string_or_empty(document, "secret"),
            .user = string_or_empty(document, "user"),
            .created = time_member(document, "created"),
            .active = bool_member(document, "active").value_or(false)};
}

} // namespace

IdentityStore::IdentityStore(sqlite::Database& database, std::string account_id, Clock clock)
    : database_(database), account_id_(std::move(account_id)), clock_(std::move(clock)),
      users_(database, "iam_users"), roles_(database, "iam_roles"),
      policies_(database, "iam_policies"), keys_(database, "iam_access_keys"),
      sessions_(database, "iam_sessions")
{
}

sqlite::DocumentTable& IdentityStore::table(Identity::Kind kind)
{
    return kind == Identity::Kind::role ? roles_ : users_;
}

std::optional<Identity> IdentityStore::find(Identity::Kind kind, const std::string& name)
{
    if (const auto document = table(kind).find(to_lower(name)))
        return identity_from_json(kind, *document);
    return std::nullopt;
}

std::optional<Identity> IdentityStore::find_by_arn(const std::string& arn)
{
    const auto parsed = Arn::parse(arn);
    if (!parsed)
        return std::nullopt;
    const auto& resource = parsed->resource;
    const auto kind = resource.starts_with("role/") ? Identity::Kind::role : Identity::Kind::user;
    auto identity = find(kind, resource.substr(resource.rfind('/') + 1));
    if (!identity || identity->arn != arn)
        return std::nullopt;
    return identity;
}

void IdentityStore::put(const Identity& identity)
{
    table(identity.kind).put(to_lower(identity.name), to_json(identity));
}

bool IdentityStore::erase(Identity::Kind kind, const std::string& name)
{
    return table(kind).erase(to_lower(name));
}

std::vector<Identity> IdentityStore::list(Identity::Kind kind)
{
    std::vector<Identity> result;
    for (const auto& [key, document] : table(kind).list())
        result.push_back(identity_from_json(kind, document));
    return result;
}

std::string IdentityStore::arn_of(std::string resource) const
{
    return Arn{.service = "iam", .account = account_id_, .resource = std::move(resource)}
        .to_string();
}

Identity IdentityStore::make(Identity::Kind kind, std::string name, std::string path) const
{
    const auto role = kind == Identity::Kind::role;
    Identity identity;
    identity.kind = kind;
    identity.id = unique_id(role ? "AROA" : "AIDA");
    identity.arn = arn_of((role ? "role" : "user") + path + name);
    identity.name = std::move(name);
    identity.path = std::move(path);
    identity.created = clock_();
    return identity;
}

std::optional<ManagedPolicy> IdentityStore::find_policy(const std::string& arn)
{
    if (auto policy = find_aws_managed_policy(arn))
        return policy;
    if (const auto document = policies_.find(arn))
        return policy_from_json(*document);
    return std::nullopt;
}

void IdentityStore::put_policy(const ManagedPolicy& policy)
{
    policies_.put(policy.arn, {{"name", policy.name},
                               {"path", policy.path},
                               {"id", policy.id},
                               {"arn", policy.arn},
                               {"description", policy.description},
                               {"document", policy.document},
                               {"created", to_unix_milliseconds(policy.created)},
                               {"tags", tags_to_json(policy.tags)}});
}

bool IdentityStore::erase_policy(const std::string& arn)
{
    return policies_.erase(arn);
}

std::vector<ManagedPolicy> IdentityStore::list_policies()
{
    std::vector<ManagedPolicy> result;
    for (const auto& [arn, document] : policies_.list())
        result.push_back(policy_from_json(document));
    return result;
}

std::vector<ManagedPolicy> IdentityStore::list_aws_policies() const
{
    return aws_managed_policies();
}

ManagedPolicy IdentityStore::make_policy(std::string name, std::string path) const
{
    ManagedPolicy policy;
    policy.id = unique_id("ANPA");
    policy.arn = arn_of("policy" + path + name);
    policy.name = std::move(name);
    policy.path = std::move(path);
    policy.created = clock_();
    return policy;
}

std::size_t IdentityStore::attachment_count(const std::string& policy_arn)
{
    std::size_t count = 0;
    for (const auto kind : {Identity::Kind::user, Identity::Kind::role})
        for (const auto& identity : list(kind))
            count += static_cast<std::size_t>(
                std::ranges::count(identity.attached_policies, policy_arn));
    return count;
}

std::size_t IdentityStore::boundary_count(const std::string& policy_arn)
{
    const auto roles = list(Identity::Kind::role);
    return static_cast<std::size_t>(
        std::ranges::count(roles, policy_arn, &Identity::permissions_boundary));
}

std::optional<UserKey> IdentityStore::find_key(const std::string& id)
{
    if (const auto document = keys_.find(id))
        return key_from_json(id, *document);
    return std::nullopt;
}

void IdentityStore::put_key(const UserKey& key)
{
    keys_.put(key.access_key_id, {{"secret", key.secret_access_key},
                                  {"user", key.user},
                                  {"created", to_unix_milliseconds(key.created)},
                                  {"active", key.active}});
}

bool IdentityStore::erase_key(const std::string& id)
{
    return keys_.erase(id);
}

std::vector<UserKey> IdentityStore::keys_of(const std::string& user)
{
    std::vector<UserKey> result;
    for (const auto& [id, document] : keys_.list())
        if (auto key = key_from_json(id, document); iequals(key.user, user))
            result.push_back(std::move(key));
    return result;
}

UserKey IdentityStore::make_key(std::string user) const
{
    return {.access_key_id = access_key_id("AKIA"),
            .secret_access_key = secret(),
            .user = std::move(user),
            .created = clock_()};
}

Principal IdentityStore::session_principal(const Identity& role,
                                           const std::string& session_name) const
{
    return {.kind = Principal::Kind::assumed_role,
            .account_id = account_id_,
            .arn = Arn{.service = "sts",
                       .account = account_id_,
                       .resource = "assumed-role/" + role.name + "/" + session_name}
                       .to_string(),
            .identity_arn = role.arn,
            .unique_id = role.id,
            .user_id = role.id + ":" + session_name};
}

AccessKey IdentityStore::open_session(const Identity& role, const std::string& session_name,
                                      std::chrono::seconds duration)
{
    AccessKey key;
    key.access_key_id = access_key_id("ASIA");
    key.secret_access_key = secret();
    key.session_token = "IQoJ" + base64_encode(random_bytes(240));
    key.expires = std::chrono::floor<std::chrono::seconds>(clock_() + duration);
    key.principal = session_principal(role, session_name);
    const auto stale = to_unix_milliseconds(clock_() - std::chrono::hours(24));
    database_.transaction([&] {
        database_.execute("DELETE FROM iam_sessions WHERE json_extract(document, '$.expires') < ?",
                          {stale});
        sessions_.put(key.access_key_id, {{"secret", key.secret_access_key},
                                          {"token", key.session_token},
                                          {"expires", to_unix_milliseconds(*key.expires)},
                                          {"arn", key.principal.arn},
                                          {"role", key.principal.identity_arn},
                                          {"roleId", key.principal.unique_id},
                                          {"userId", key.principal.user_id}});
    });
    return key;
}

std::optional<AccessKey> IdentityStore::find_session(const std::string& id)
{
    const auto document = sessions_.find(id);
    if (!document)
        return std::nullopt;
    AccessKey key;
    key.access_key_id = id;
    key.secret_access_key = string_or_empty(*document, "secret");
    key.session_token = string_or_empty(*document, "token");
    key.expires = time_member(*document, "expires");
    key.principal = {.kind = Principal::Kind::assumed_role,
                     .account_id = account_id_,
                     .arn = string_or_empty(*document, "arn"),
                     .identity_arn = string_or_empty(*document, "role"),
                     .unique_id = string_or_empty(*document, "roleId"),
                     .user_id = string_or_empty(*document, "userId")};
    return key;
}

} // namespace nimbus::local::iam
