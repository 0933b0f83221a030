#include "base/text.h"
#include "local/services/s3/s3_service.h"

#include <chrono>

namespace nimbus::local::s3_api {
namespace {

bool lists_etag(std::string_view header, const std::string& etag)
{
    for (const auto part : split(header, ',')) {
        auto one = trim(part);
        if (one.starts_with("W/"))
            one.remove_prefix(2);
        if (one == "*" || one == quoted_etag(etag) || one == etag)
            return true;
    }
    return false;
}

} // namespace

void throw_precondition_failed(std::string_view condition)
{
    throw ServiceError(412, "PreconditionFailed",
                       "At least one of the pre-conditions you specified did not hold",
                       {{"Condition", condition}});
}

void check_write_conditions(const http::Headers& headers, const std::optional<Object>& existing,
                            const std::string& key)
{
    if (const auto wanted = headers.find("if-none-match")) {
        if (*wanted != "*")
            throw ServiceError(501, "NotImplemented",
                               "A header you provided implies functionality that is not "
                               "implemented: If-None-Match of a write has to be *");
        if (existing)
            throw_precondition_failed("If-None-Match");
    }
    if (const auto wanted = headers.find("if-match")) {
        if (!existing)
            throw_no_such_key(key);
        if (*wanted != "*" && *wanted != quoted_etag(existing->etag) && *wanted != existing->etag)
            throw_precondition_failed("If-Match");
    }
}

bool read_conditions_hold(const http::Headers& headers, const Object& object,
                          std::string_view prefix)
{
    const auto modified = std::chrono::floor<std::chrono::seconds>(object.modified);
    const auto named = [&](std::string_view name) {
        return headers.find(std::string(prefix) + std::string(name));
    };
    const auto time = [&](std::string_view name) {
        const auto text = named(name);
        return text ? parse_http_date(*text) : std::nullopt;
    };
    if (const auto wanted = named("if-match")) {
        if (!lists_etag(*wanted, object.etag))
            throw_precondition_failed(std::string(prefix) + "If-Match");
    } else if (const auto since = time("if-unmodified-since"); since && modified > *since) {
        throw_precondition_failed(std::string(prefix) + "If-Unmodified-Since");
    }
    if (const auto unwanted = named("if-none-match"))
        return !lists_etag(*unwanted, object.etag);
    const auto since = time("if-modified-since");
    return !since || modified > *since;
}

} // namespace nimbus::local::s3_api
