#include "local/front_door/front_door.h"

#include "base/encoding.h"
#include "base/random.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "local/front_door/aws_chunked.h"
#include "local/front_door/form_upload.h"
#include "local/front_door/refusals.h"
#include "sigv4/signing_keys.h"
#include "sigv4/version2.h"

#include <algorithm>
#include <array>

namespace nimbus::local {
namespace {

/// Whose endpoint is S3's for the whole world.
constexpr std::string_view global_region = "us-east-1";

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

/// What a link says in its query in place of a header, since who follows it sends none: S3 reads
/// it as the header. Takes it out of the query; a header that was sent wins.
void take_headers_of_link(Call& call)
{
    constexpr std::array<std::string_view, 8> signing{
        "x-amz-algorithm", "x-amz-content-sha256", "x-amz-credential",     "x-amz-date",
        "x-amz-expires",   "x-amz-signature",      "x-amz-security-token", "x-amz-signedheaders"};
    std::erase_if(call.query, [&](const auto& parameter) {
        const auto& [name, value] = parameter;
        const auto lower = to_lower(name);
        const bool is_header =
            lower.starts_with("x-amz-") && std::ranges::find(signing, lower) == signing.end();
        if (is_header && !call.request.headers.contains(lower))
            call.request.headers.add(lower, value);
        return is_header;
    });
}

/// By Signature Version 2, in a header: as S3 in Regions that opened since 2014, the local cloud
/// takes it in links and forms alone, where botocore makes it by default.
bool has_old_signature_in_header(const http::Request& request)
{
    return request.headers.get("authorization").starts_with("AWS ");
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
        const auto is_s3 = service->protocol == Protocol::rest_xml;
        const Operation* operation = nullptr;
        const auto refuse = [&](const ServiceError& error) {
            service->log_refusal(call, operation == nullptr ? "" : operation->name, error);
            respond(
                service->error_response(error, call.request_id, std::string(call.request.path())));
        };
        try {
            if (claim)
                authenticate(call, *claim, as_signed, *service);
            else if (is_s3 && sigv4::version2::is_claimed(as_signed))
                authenticate_link(call);
            else if (const auto form = is_s3 ? form_of(call.request) : nullptr) {
                authenticate_form(call, *form);
                respond = answering(form, call.endpoint, std::move(respond));
            } else if (is_s3 && has_old_signature_in_header(call.request))
                throw ServiceError(400, "InvalidRequest",
                                   "The authorization mechanism you have provided is not "
                                   "supported. Please use AWS4-HMAC-SHA256.");
            else
                throw signature_refusal(claim.error(), sigv4::Form::header, service->protocol);
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
        const auto key = need_key(claim.access_key_id, protocol);
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
        if (const auto valid = sigv4::verify(claim, as_signed, key.secret_access_key, body_hash,
                                             clock_(), &signing_keys_);
            !valid)
            throw signature_refusal(valid.error(), claim.form, protocol);
        if (s3)
            if (const auto names = unsigned_headers(request, claim); !names.empty())
                throw unsigned_headers_refusal(names);
        check_token(key, claim.session_token, protocol);

        if (s3 && streamed) {
            auto unframed = decode_aws_chunked(request.body, claim, key.secret_access_key);
            request.body = std::move(unframed.body);
            for (const auto& [name, value] : unframed.trailers)
                request.headers.set(name, value);
        }
        if (s3)
            use_path_style(request);
        let_in(call, key, claim.scope.region);
        if (s3 && claim.form == sigv4::Form::query)
            take_headers_of_link(call);
    }

    /// A link of S3's that is signed by version 2, which names no Region: the endpoint is the
    /// global one.
    void authenticate_link(Call& call) const
    {
        namespace version2 = sigv4::version2;
        constexpr auto protocol = Protocol::rest_xml;
        use_path_style(call.request);
        const auto as_signed = to_signed_form(call.request);
        const auto claim = version2::parse_claim(as_signed);
        if (!claim)
            throw ServiceError(403, "AccessDenied", claim.error().message);
        const auto key = need_key(claim->access_key_id, protocol);
        if (const auto valid = version2::verify(*claim, as_signed, key.secret_access_key, clock_());
            !valid)
            throw signature_refusal(valid.error(), sigv4::Form::query, protocol);
        check_token(key, claim->session_token, protocol);
        call.is_signed_the_old_way = true;
        let_in(call, key, global_region);
        std::erase_if(call.query, [](const auto& parameter) {
            return version2::signs(parameter.first) || parameter.first == "content-type" ||
                   parameter.first == "content-md5";
        });
        take_headers_of_link(call);
    }

    /// Null when the request is no form. What is one is in the path style from now on.
    static std::shared_ptr<const FormUpload> form_of(http::Request& request)
    {
        http::Request head{
            .method = request.method, .target = request.target, .headers = request.headers};
        use_path_style(head);
        if (!is_form_upload(head))
            return nullptr;
        request.target = std::move(head.target);
        return std::make_shared<const FormUpload>(request);
    }

    /// The call becomes the PutObject that the form asks for.
    void authenticate_form(Call& call, const FormUpload& form) const
    {
        constexpr auto protocol = Protocol::rest_xml;
        const auto& policy = form.field("policy");
        const bool is_old = !form.field("AWSAccessKeyId").empty();
        if (policy.empty() || (!is_old && form.field("x-amz-signature").empty()))
            throw ServiceError(403, "AccessDenied", "Access Denied");
        const auto claim = is_old
                               ? sigv4::Claim{.access_key_id = form.field("AWSAccessKeyId"),
                                              .scope = {.region = std::string(global_region)},
                                              .signature = form.field("signature"),
                                              .session_token = form.field("x-amz-security-token")}
                               : claim_of(form);
        const auto key = need_key(claim.access_key_id, protocol);
        const auto expected =
            is_old
                ? sigv4::version2::signature(key.secret_access_key, policy)
                : sigv4::signature(sigv4::signing_key(key.secret_access_key, claim.scope), policy);
        if (!crypto::equal_constant_time(expected, claim.signature))
            throw signature_refusal({.code = sigv4::FailureCode::mismatch}, sigv4::Form::header,
                                    protocol);
        check_token(key, claim.session_token, protocol);
        form.check_policy(clock_());
        auto request = form.put_request();
        request.peer_address = call.request.peer_address;
        for (const auto name : {"host", "user-agent"})
            if (const auto value = call.request.headers.find(name))
                request.headers.set(name, std::string(*value));
        call.request = std::move(request);
        call.is_signed_the_old_way = is_old;
        let_in(call, key, claim.scope.region);
    }

    /// Answers the form with what its PutObject gives.
    static http::Responder answering(std::shared_ptr<const FormUpload> form, std::string endpoint,
                                     http::Responder respond)
    {
        return [form = std::move(form), endpoint = std::move(endpoint),
                respond = std::move(respond)](const http::Response& put) mutable {
            respond(form->answer(put, endpoint));
        };
    }

    AccessKey need_key(const std::string& id, Protocol protocol) const
    {
        auto key = access_.find_access_key(id);
        if (!key)
            throw unknown_key_refusal(protocol);
        return *std::move(key);
    }

    void check_token(const AccessKey& key, std::string_view token, Protocol protocol) const
    {
        if (key.expires && *key.expires <= clock_())
            throw expired_token_refusal(protocol);
        if (!crypto::equal_constant_time(key.session_token, token))
            throw wrong_token_refusal(protocol);
    }

    static void let_in(Call& call, const AccessKey& key, std::string_view region)
    {
        call.region = region;
        call.endpoint = "http://" + std::string(call.request.headers.get("host"));
        call.query = http::parse_query(call.request.query());
        call.caller = key.principal;
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
