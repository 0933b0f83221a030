// Requests as they come from outside become events: whatever the bytes, the event is JSON that says
// what the request said.

#include "base/json.h"
#include "local/gateway/event.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace nimbus;
using namespace nimbus::local;

Api make_api(const std::string& format)
{
    const Api::Integration integration{.function_arn = "arn", .payload_format = format};
    return {.id = "abcdefghij",
            .name = "fuzz",
            .region = "us-east-1",
            .account_id = "123456789012",
            .stages = {"dev", "$default"},
            .routes = {{"GET /", integration},
                       {"GET /a/{b}", integration},
                       {"ANY /a/{b}/c", integration},
                       {"ANY /f/{proxy+}", integration},
                       {"$default", integration}}};
}

/// Up to the next line feed.
std::string take_line(std::string_view& input)
{
    const auto end = input.find('\n');
    std::string line(input.substr(0, end));
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    return line;
}

void require(bool fine)
{
    if (!fine)
        std::abort();
}

void check(const gateway::Router& router, const http::Request& request)
{
    const auto match = router.match(request.method, request.path());
    require(match.has_value() == request.path().starts_with('/'));
    if (!match)
        return;
    require(match->values.size() == match->route->parameters.size());
    gateway::RequestFacts facts{.request_id = "id", .trace_id = "Root=1", .time_text = "now"};
    const auto event = parse_json(gateway::encode_event(router, *match, request, facts), "event");
    const auto& object = event.as_object();
    const bool is_base64 = bool_member(object, "isBase64Encoded").value();
    const auto* body = object.if_contains("body");
    if (body != nullptr && body->is_string() && !is_base64)
        require(body->get_string() == json::string_view(request.body));
    require(object_member(object, "headers") != nullptr);
    require(object_member(object, "requestContext") != nullptr);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const gateway::Router first(make_api("1.0"));
    static const gateway::Router second(make_api("2.0"));
    std::string_view input(reinterpret_cast<const char*>(data), size);
    http::Request request;
    request.method = take_line(input);
    request.target = take_line(input);
    request.peer_address = "127.0.0.1";
    for (auto line = take_line(input); !line.empty(); line = take_line(input)) {
        const auto colon = line.find(':');
        request.headers.add(line.substr(0, colon),
                            colon == std::string::npos ? "" : line.substr(colon + 1));
    }
    request.body = input;
    check(first, request);
    check(second, request);
    return 0;
}
