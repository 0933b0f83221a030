#include "local/services/lambda/code_link_service.h"

#include "base/error.h"
#include "sigv4/sigv4.h"

namespace nimbus::local {
namespace {

constexpr const char* signing_name = "nimbus-code";
/// Source: Lambda API Reference, FunctionCodeLocation and GetFunction: "a link to download the
/// deployment package that's valid for 10 minutes".
constexpr std::chrono::minutes valid_for{10};

http::Response get_code(BlobStore& code, const Call& call)
{
    const auto& sha256 = call.label("Hash");
    const auto pin = code.hold(sha256);
    if (!pin)
        throw ServiceError(404, "NoSuchKey",
                           "The specified key does not exist. No function has this code any more.",
                           {{"Key", sha256}});
    return {200, {{"Content-Type", "application/zip"}}, code.read(sha256)};
}

/// The key that the front door has checked.
AccessKey key_of(AccessControl& access, const Call& call)
{
    const auto claim = sigv4::parse_claim({.method = call.request.method,
                                           .path = std::string(call.request.path()),
                                           .query = std::string(call.request.query()),
                                           .headers = call.request.headers.entries()});
    auto key = claim ? access.find_access_key(claim->access_key_id) : std::nullopt;
    if (!key)
        throw Error("The key that signed the call is not there any more");
    return std::move(*key);
}

} // namespace

std::string code_link(const LambdaParts& parts, const Call& call, const std::string& code_sha256)
{
    const auto key = key_of(parts.access, call);
    const sigv4::Request link{.method = "GET",
                              .path = "/snapshots/" + call.account_id + "/" + code_sha256,
                              .query = {},
                              .headers = {{"Host", std::string(call.request.headers.get("host"))}}};
    return call.endpoint + link.path + "?" +
           sigv4::presign_query(link,
                                {.access_key_id = key.access_key_id,
                                 .secret_access_key = key.secret_access_key,
                                 .session_token = key.session_token},
                                call.region, signing_name, sigv4::unsigned_payload, valid_for,
                                parts.clock());
}

Service make_code_link_service(BlobStore& code)
{
    return {.signing_name = signing_name,
            .protocol = Protocol::rest_xml, // it looks like S3's, refusals too
            .operations = {
                {.name = "GetCode",
                 .method = "GET",
                 .path = "/snapshots/{Account}/{Hash}",
                 .action = {}, // having the link is enough
                 .answer = Answer([&code](Call& call) { return get_code(code, call); })},
            }};
}

} // namespace nimbus::local
