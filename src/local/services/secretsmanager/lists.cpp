#include "local/services/answers.h"
#include "local/services/secretsmanager/describe.h"
#include "local/services/secretsmanager/filters.h"
#include "local/services/secretsmanager/secretsmanager_service.h"

namespace nimbus::local {
namespace {

using namespace secretsmanager_api;

constexpr std::int64_t most_secrets_a_page = 100;

http::Response list_secrets(SecretStore& store, Call& call)
{
    const auto secrets = matching_secrets(store, call);
    const auto page = page_of(call, secrets.size(), most_secrets_a_page);
    json::array list;
    for (auto i = page.first; i < page.last; ++i)
        list.push_back(describe(secrets[i], "SecretVersionsToStages"));
    json::object body{{"SecretList", std::move(list)}};
    page.add_token(body);
    return json_1_1_answer(body);
}

} // namespace

std::vector<Operation> secretsmanager_list_operations(SecretStore& store)
{
    return {on_all("ListSecrets", "secretsmanager:ListSecrets",
                   [&store](Call& call) { return list_secrets(store, call); })};
}

} // namespace nimbus::local
