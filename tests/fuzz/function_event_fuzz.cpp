// Whatever event a function of libnimbus is invoked with: it is refused, or handlers can ask it for
// everything.

#include "api/event.h"
#include "base/error.h"
#include "timer/event.h"

#include <boost/json/parse.hpp>

#include <cstddef>
#include <cstdint>
#include <nimbus/nimbus.hpp>
#include <string_view>

namespace {

using namespace nimbus;

void ask(const request& req)
{
    if (req.method().empty() || req.path().empty())
        __builtin_trap();
    static_cast<void>(req.route());
    static_cast<void>(req.query("q"));
    static_cast<void>(req.query_all("q"));
    static_cast<void>(req.header("X-Tag"));
    static_cast<void>(req.header_all("X-Tag"));
    static_cast<void>(req.request_id());
    static_cast<void>(req.source_ip());
    static_cast<void>(req.stage());
    try {
        static_cast<void>(req.param("id"));
        static_cast<void>(req.json());
    } catch (const std::out_of_range&) {
        // The route has no such parameter.
    } catch (const bad_request_error&) {
        // The body is no JSON.
    }
}

void ask(const timer_event& event)
{
    static_cast<void>(event.id());
    static_cast<void>(event.time().to_string());
    static_cast<void>(event.source());
    static_cast<void>(event.region());
    static_cast<void>(event.account());
    static_cast<void>(event.resources());
    static_cast<void>(event.detail());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    boost::system::error_code failure;
    const auto event =
        json::parse(std::string_view(reinterpret_cast<const char*>(data), size), failure);
    if (failure || !event.is_object())
        return 0;
    const auto& content = event.get_object();
    try {
        if (detail::is_http_event(content))
            ask(request(detail::decode_http_event(content, {})));
        if (detail::is_timer_event(content))
            ask(timer_event(detail::decode_timer_event(content, {})));
    } catch (const json_error&) {
        // Refused.
    }
    return 0;
}
