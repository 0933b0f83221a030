#include "local/services/scheduler/client_tokens.h"

#include "local/services/inputs.h"
#include "local/services/scheduler/errors.h"
#include "local/services/scheduler/settings.h"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace nimbus::local::scheduler {
namespace {

constexpr std::chrono::hours kept_for{8};

void check(const std::string& token)
{
    const bool good =
        !token.empty() && token.size() <= 64 && std::ranges::all_of(token, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '-' || c == '_';
        });
    if (!good)
        throw_validation(
            "1 validation error detected: Value '" + token +
            "' at 'clientToken' failed to satisfy constraint: Member must satisfy regular "
            "expression pattern: ^[a-zA-Z0-9-_]+$");
}

std::optional<std::string> token_of(const Call& call)
{
    const Input input(call.input, validation);
    auto token = input.text("ClientToken");
    if (!token)
        token = call.parameter("clientToken");
    if (token)
        check(*token);
    return token;
}

/// All of the request but its token.
std::string request_of(const Call& call)
{
    auto input = call.input;
    input.erase("ClientToken");
    json::object query;
    for (const auto& [name, value] : call.query)
        if (name != "clientToken")
            query[name] = value;
    return json::serialize(
        json::array{call.region, call.request.method, call.request.path(), query, input});
}

} // namespace

ClientTokens::ClientTokens(sqlite::Database& database, Clock clock)
    : database_(database), clock_(std::move(clock))
{
    database_.execute_script("CREATE TABLE IF NOT EXISTS scheduler_client_tokens (token TEXT "
                             "PRIMARY KEY, request TEXT NOT NULL, answer TEXT NOT NULL, "
                             "used INTEGER NOT NULL) STRICT");
}

json::object ClientTokens::once(const Call& call, const std::function<json::object()>& work)
{
    const auto token = token_of(call);
    return database_.transaction([&] {
        if (!token)
            return work();
        const auto request = request_of(call);
        const auto now = clock_();
        database_.execute("DELETE FROM scheduler_client_tokens WHERE used < ?",
                          {to_unix_milliseconds(now - kept_for)});
        const auto known = database_.query_one(
            "SELECT request, answer FROM scheduler_client_tokens WHERE token = ?", {*token});
        if (known && known->text(0) != request)
            throw_conflict("The ClientToken " + *token + " was used with another request before.");
        if (known)
            return parse_json(known->text(1), "the answer of a client token").as_object();
        auto answer = work();
        database_.execute("INSERT INTO scheduler_client_tokens VALUES (?, ?, ?, ?)",
                          {*token, request, json::serialize(answer), to_unix_milliseconds(now)});
        return answer;
    });
}

} // namespace nimbus::local::scheduler
