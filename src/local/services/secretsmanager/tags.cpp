#include "local/services/answers.h"
#include "local/services/secretsmanager/secretsmanager_service.h"

namespace nimbus::local {
namespace {

using namespace secretsmanager_api;

http::Response change_tags(SecretStore& store, const Call& call,
                           const std::function<void(std::map<std::string, std::string>&)>& change)
{
    return store.database().transaction([&] {
        auto secret = need_live_secret(store, call);
        change(secret.tags);
        check_tag_count(secret.tags);
        secret.changed = store.now();
        store.put(secret);
        return json_1_1_answer({});
    });
}

http::Response tag_resource(SecretStore& store, Call& call)
{
    const auto added = tags_of(call);
    return change_tags(store, call, [&](auto& tags) {
        for (const auto& [key, value] : added)
            tags[key] = value;
    });
}

http::Response untag_resource(SecretStore& store, Call& call)
{
    const auto* keys = input_of(call).array("TagKeys");
    if (keys == nullptr)
        input_of(call).refuse("1 validation error detected: Value null at 'tagKeys' failed to "
                              "satisfy constraint: Member must not be null");
    return change_tags(store, call, [&](auto& tags) {
        for (const auto& key : *keys)
            if (key.is_string())
                tags.erase(std::string(key.get_string()));
    });
}

} // namespace

std::vector<Operation> secretsmanager_tag_operations(SecretStore& store)
{
    return {on_secret(store, "TagResource", "secretsmanager:TagResource",
                      [&store](Call& call) { return tag_resource(store, call); }),
            on_secret(store, "UntagResource", "secretsmanager:UntagResource",
                      [&store](Call& call) { return untag_resource(store, call); })};
}

} // namespace nimbus::local
