#include "cli/endpoint_of_tests.h"

#include "base/encoding.h"
#include "base/error.h"
#include "base/json.h"
#include "base/random.h"
#include "crypto/digest.h"

#include <boost/json/serialize.hpp>

namespace nimbus::cli {
namespace {

constexpr std::size_t token_bytes = 32;
/// Each waits for the local cloud; so many tests may ask at once.
constexpr unsigned parallel_requests = 8;
constexpr std::string_view schemas_path = "/schemas";

http::Response json_response(int status, const json::object& body)
{
    return {.status = status,
            .headers = {{"Content-Type", "application/json"}},
            .body = json::serialize(body)};
}

http::Response message(int status, const std::string& text)
{
    return json_response(status, {{"message", text}});
}

http::Response made(const TestSchema& schema)
{
    json::object variables;
    for (const auto& [name, value] : schema.variables)
        variables[name] = value;
    return json_response(201, {{"name", schema.name}, {"variables", std::move(variables)}});
}

} // namespace

http::Response TestEndpoint::answer(const http::Request& request) const
{
    if (!crypto::equal_constant_time(request.headers.get("Authorization"), "Bearer " + token_))
        return message(401, "The token is not that of NIMBUS_TEST_TOKEN");
    const auto path = request.path();
    const auto prefix = std::string(schemas_path) + '/';
    try {
        if (request.method == "POST" && path == schemas_path)
            return made(schemas_.make());
        if (request.method == "DELETE" && path.starts_with(prefix)) {
            const std::string name(path.substr(prefix.size()));
            if (schemas_.remove(name))
                return {.status = 204, .headers = {}, .body = {}};
            return message(404, "There is no schema '" + name + "'");
        }
    } catch (const Error& error) {
        return message(500, sentences_of(error));
    } catch (const std::exception& error) {
        return message(500, error.what());
    }
    return message(404, "There is only POST /schemas and DELETE /schemas/<name>");
}

TestEndpoint::TestEndpoint(Schemas schemas)
    : schemas_(std::move(schemas)), token_(hex_encode(random_bytes(token_bytes)))
{
    workers_.emplace(parallel_requests);
    server_.emplace(
        loop_, http::ServerOptions{}, [this](http::Request request, http::Responder respond) {
            workers_->post([this, request = std::move(request),
                            respond = std::move(respond)] mutable { respond(answer(request)); });
        });
    thread_ = std::thread([this] { loop_.run(); });
}

TestEndpoint::~TestEndpoint()
{
    loop_.stop();
    thread_.join();
    workers_.reset(); // it answers through the server
    server_.reset();
}

std::string TestEndpoint::url() const
{
    return "http://127.0.0.1:" + std::to_string(server_->port());
}

} // namespace nimbus::cli
