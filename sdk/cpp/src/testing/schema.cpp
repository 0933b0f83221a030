#include "io/environment.h"
#include "io/http_client.h"

#include <cstdlib>
#include <nimbus/json.hpp>
#include <nimbus/testing.hpp>

namespace nimbus::testing {

namespace {

constexpr std::chrono::seconds patience{60};
constexpr std::size_t max_answer = 1024 * 1024;
constexpr int created = 201;

/// What `nimbus test` told about itself.
struct Endpoint {
    detail::HttpEndpoint server;
    std::string token;
};

std::optional<Endpoint> find_endpoint()
{
    const auto url = detail::environment_variable("NIMBUS_TEST_ENDPOINT");
    const auto token = detail::environment_variable("NIMBUS_TEST_TOKEN");
    const auto server = url ? detail::HttpEndpoint::parse(*url) : std::nullopt;
    if (!server || !token)
        return std::nullopt;
    return Endpoint{.server = *server, .token = *token};
}

detail::HttpAnswer ask(const Endpoint& endpoint, const std::string& method, const std::string& path)
{
    return detail::exchange(endpoint.server,
                            {.method = method,
                             .path = path,
                             .query = {},
                             .headers = {{"Host", endpoint.server.authority()},
                                         {"Authorization", "Bearer " + endpoint.token}}},
                            {}, nullptr, max_answer, Deadline::after(patience));
}

json::object made(const Endpoint& endpoint)
{
    const auto answer = ask(endpoint, "POST", "/schemas");
    auto body = parse_json_text(answer.body).as_object();
    if (answer.status != created)
        throw no_database("`nimbus test` could not make a database: " +
                          std::string(body.at("message").as_string()));
    return body;
}

} // namespace

schema::schema()
{
    const auto endpoint = find_endpoint();
    if (!endpoint)
        throw no_database("this test needs a database: run it with `nimbus test -- COMMAND`, which "
                          "gives it one with all migrations applied");
    const auto body = [&] {
        try {
            return made(*endpoint);
        } catch (const no_database&) {
            throw;
        } catch (const std::exception& failure) {
            throw no_database(std::string("`nimbus test` does not answer: ") + failure.what());
        }
    }();
    name_ = body.at("name").as_string();
    for (const auto& [key, value] : body.at("variables").as_object()) {
        const std::string variable(key);
        before_[variable] = detail::environment_variable(variable);
        ::setenv(variable.c_str(), value.as_string().c_str(), 1);
    }
}

schema::~schema()
{
    for (const auto& [name, value] : before_) {
        if (value)
            ::setenv(name.c_str(), value->c_str(), 1);
        else
            ::unsetenv(name.c_str());
    }
    try {
        if (const auto endpoint = find_endpoint())
            ask(*endpoint, "DELETE", "/schemas/" + name_);
    } catch (const std::exception&) {
        // `nimbus test` deletes it at its end.
    }
}

} // namespace nimbus::testing
