#include "local/front_door/front_door.h"

#include "base/encoding.h"
#include "base/random.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "local/front_door/aws_chunked.h"
#include "local/front_door/refusals.h"
#include "sigv4/signing_keys.h"

#include <algorithm>

namespace nimbus::local {
namespace {

/// Everywhere but in S3: room for CreateFunction with a zip of 50 MB in base64.
constexpr std::size_t most_request_bytes = 70'167'211;

sigv4::Request to_signed_form(const http::Request& request)
{
    return {.method = request.method,
            .path = std::string(request.path()),
            .query = std::string(request.query()),
            .headers = request.headers.entries()};
}

/// <bucket>.localhost and <bucket>.s3.<…>.localhost become /<bucket>/…: the virtual-host style.
void use_path_style(http::Request& request)
{
    auto host = request.headers.get("host");
    host = host.substr(0, host.find(':'));
    if (!host.ends_with(".localhost"))
        return;
    host.remove_suffix(std::string_view(".localhost").size());
    auto bucket = host;
    for (const std::string_view service : {".s3.", ".s3-"})
        if (const auto at = host.find(service); at != std::string_view::npos)
            bucket = host.substr(0, at);
    if (bucket.ends_with(".s3"))
        bucket.remove_suffix(3);
    if (bucket.empty() || bucket == "s3" || bucket.starts_with("s3."))
        return;
    request.target = "/" + std::string(bucket) + request.target;
}

/// Signature Version 2, which S3 takes in its oldest Regions only and botocore still uses for
/// presigned URLs unless it is told otherwise.
bool is_signed_the_old_way(const http::Request& request)
{
    return request.headers.get("authorization").starts_with("AWS ") ||
           request.query().find("AWSAccessKeyId=") != std::string_view::npos;
}

/// The headers that tell S3 what to do without being signed: who has a presigned link must not make
/// another request of it, such as a copy of any object that its maker may read.
std::string unsigned_headers(const http::Request& request, const sigv4::Claim& claim)
{
    std::vector<std::string> names;
    for (const auto& [name, value] : request.headers)
        if (auto lower = to_lower(name); lower.starts_with("x-amz-") &&
                                         lower != "x-amz-content-sha256" &&
                                         !std::ranges::binary_search(claim.signed_headers, lower))
            names.push_back(std::move(lower));
    return join(names, ", ");
}

} // namespace

/// The way of one request through the door.
class FrontDoor::Checks {
public:
    Checks(const std::vector<Service>& services, AccessControl& access, std::string account_id,
           Clock clock, Log log)
        : services_(services), access_(access), account_id_(std::move(account_id)),
          clock_(std::move(clock)), log_(std::move(log))
    {
    }

    void admit(http::Request request, http::Responder respond) const
    {
        Call call;
        call.request_id = random_uuid();
        call.account_id = account_id_;
        call.log = log_.with({{"request_id", call.request_id}});
        call.request = std::move(request);
        const auto as_signed = to_signed_form(call.request);
        const auto claim = sigv4::parse_claim(as_signed);
        const auto* service =
            claim ? find_service(claim->scope.service) : find_claimant(call.request);
        if (service == nullptr) {
            refuse_service(call, claim, std::move(respond));
            return;
        }
        const Operation* operation = nullptr;
        const auto refuse = [&](const ServiceError& error) {
            service->log_refusal(call, operation == nullptr ? "" : operation->name, error);
            respond(
                service->error_response(error, call.request_id, std::string(call.request.path())));
        };
        try {
            if (!claim && is_signed_the_old_way(call.request))
                throw ServiceError(400, "InvalidRequest",
                                   "The authorization mechanism you have provided is not "
                                   "supported. Please use AWS4-HMAC-SHA256.");
            if (!claim)
                throw signature_refusal(claim.error(), sigv4::Form::header, service->protocol);
            authenticate(call, *claim, as_signed, *service);
            operation = &service->match(call);
            authorize(call, *operation, service->protocol);
        } catch (const ServiceError& error) {
            return refuse(error);
        } catch (const std::exception& error) {
            return refuse({500, "InternalFailure", error.what()});
        }
        service->run(*operation, call, logged(std::move(respond), call, *service, *operation));
    }

private:
    const Service* find_service(std::string_view name) const
    {
        const auto found = std::ranges::find(services_, name, &Service::signing_name);
        return found == services_.end() ? nullptr : &*found;
    }

    /// Without a signature there is no credential scope; the rest of the request tells whom it is
    /// meant for.
    const Service* find_claimant(const http::Request& request) const
    {
        const auto found = std::ranges::find_if(services_, [&](const Service& service) {
            return service.claims && service.claims(request);
        });
        return found == services_.end() ? nullptr : &*found;
    }

    static void refuse_service(const Call& call,
                               const std::expected<sigv4::Claim, sigv4::Failure>& claim,
                               http::Responder respond)
    {
        const Service none{};
        const auto refusal =
            claim ? ServiceError(404, "UnknownOperationException",
                                 "The local cloud does not have the AWS service \"" +
                                     claim->scope.service + "\".")
                  : signature_refusal(claim.error(), sigv4::Form::header, none.protocol);
        none.log_refusal(call, {}, refusal);
        respond(none.error_response(refusal, call.request_id, {}));
    }

    /// The same responder, with a line in the log for the answer.
    static http::Responder logged(http::Responder respond, const Call& call, const Service& service,
                                  const Operation& operation)
    {
        if (!call.log.has(LogLevel::debug))
            return respond;
        return [respond = std::move(respond), log = call.log, service = service.signing_name,
                operation = std::string(operation.name), caller = call.caller.arn,
                start = std::chrono::steady_clock::now()](http::Response response) mutable {
            const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::steady_clock::now() - start);
            log.debug("A call of a service was answered", {{"service", service},
                                                           {"operation", operation},
                                                           {"caller", caller},
                                                           {"status", response.status},
                                                           {"milliseconds", took.count()}});
            respond(std::move(response));
        };
    }

    /// Fills in who calls, and the body as it was before any framing.
    void authenticate(Call& call, const sigv4::Claim& claim, const sigv4::Request& as_signed,
                      const Service& service) const
    {
        const auto protocol = service.protocol;
        if (protocol != Protocol::rest_xml && call.request.body.size() > most_request_bytes)
            throw ServiceError(413, "RequestEntityTooLargeException",
                               "Request must be smaller than " +
                                   std::to_string(most_request_bytes) + " bytes");
        const auto key = access_.find_access_key(claim.access_key_id);
        if (!key)
            throw unknown_key_refusal(protocol);
        auto& request = call.request;
        const auto streamed = is_aws_chunked(claim.payload_hash);
        const auto s3 = protocol == Protocol::rest_xml;
        std::string body_hash;
        if (s3 && (streamed || claim.payload_hash == sigv4::unsigned_payload))
            body_hash = claim.payload_hash;
        else if (s3 && claim.form == sigv4::Form::query && claim.payload_hash.empty())
            body_hash = sigv4::unsigned_payload;
        else
            body_hash = crypto::sha256_hex(request.body);
        if (const auto valid = sigv4::verify(claim, as_signed, key->secret_access_key, body_hash,
                                             clock_(), &signing_keys_);
            !valid)
            throw signature_refusal(valid.error(), claim.form, protocol);
        if (s3)
            if (const auto names = unsigned_headers(request, claim); !names.empty())
                throw unsigned_headers_refusal(names);
        if (key->expires && *key->expires <= clock_())
            throw expired_token_refusal(protocol);
        if (!crypto::equal_constant_time(key->session_token, claim.session_token))
            throw wrong_token_refusal(protocol);

        if (s3 && streamed) {
            auto unframed = decode_aws_chunked(request.body, claim, key->secret_access_key);
            request.body = std::move(unframed.body);
            for (const auto& [name, value] : unframed.trailers)
                request.headers.set(name, value);
        }
        if (s3)
            use_path_style(request);
        call.region = claim.scope.region;
        call.endpoint = "http://" + std::string(request.headers.get("host"));
        call.query = http::parse_query(request.query());
        call.caller = key->principal;
    }

    void authorize(const Call& call, const Operation& operation, Protocol protocol) const
    {
        if (operation.action.empty())
            return;
        auto context = condition_context(call);
        if (operation.context)
            context.merge(operation.context(call));
        const auto resource = operation.resource ? operation.resource(call) : std::string("*");
        const auto need = [&](std::string_view action) {
            const auto decision =
                access_.authorize(call.caller, std::string(action), resource, context, {});
            if (!decision.allowed)
                throw access_refusal(decision.explanation, protocol);
        };
        need(operation.action);
        if (!operation.tag_action.empty() && has_tags(call))
            need(operation.tag_action);
    }

    const std::vector<Service>& services_;
    AccessControl& access_;
    std::string account_id_;
    Clock clock_;
    Log log_;
    mutable sigv4::SigningKeys signing_keys_;
};

FrontDoor::FrontDoor(const std::vector<Service>& services, AccessControl& access,
                     net::WorkerPool& workers, std::string account_id, Clock clock, Log log)
    : checks_(std::make_shared<Checks>(services, access, std::move(account_id), std::move(clock),
                                       std::move(log))),
      workers_(workers)
{
}

FrontDoor::~FrontDoor() = default;

void FrontDoor::handle(http::Request request, http::Responder respond)
{
    workers_.post([checks = checks_, is_stopped = is_stopped_, request = std::move(request),
                   respond = std::move(respond)]() mutable {
        if (!*is_stopped)
            checks->admit(std::move(request), std::move(respond));
    });
}

void FrontDoor::stop()
{
    *is_stopped_ = true;
}

} // namespace nimbus::local
