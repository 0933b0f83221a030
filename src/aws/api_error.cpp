#include "aws/api_error.h"

#include "aws/credentials/key_check.h"
#include "aws/ops/xml_protocol.h"
#include "base/json.h"
#include "base/text.h"

#include <algorithm>
#include <initializer_list>

namespace nimbus::aws {
namespace {

bool one_of(std::string_view code, std::initializer_list<std::string_view> codes)
{
    return std::ranges::find(codes, code) != codes.end();
}

/// What people do by commands of their own: no deploy needs these, and no deployer's policy has
/// them.
bool is_daily_use(std::string_view operation)
{
    return one_of(operation,
                  {"FilterLogEvents", "Invoke", "ListSecrets", "GetSecretValue", "PutSecretValue"});
}

std::string hint_for(std::string_view operation, std::string_view code)
{
    if (one_of(code, {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}))
        return "The session credentials have expired: sign in again, or get new ones.";
    if (is_unknown_key(code))
        return "The access key is unknown there: check AWS_PROFILE, AWS_ACCESS_KEY_ID and "
               "AWS_ENDPOINT_URL.";
    if (one_of(code, {"SignatureDoesNotMatch", "InvalidSignatureException"}))
        return "Check that the secret access key belongs to the access key, and this machine's "
               "clock.";
    if (code == "RequestTimeTooSkewed")
        return "Set this machine's clock.";
    if (one_of(code, {"AccessDenied", "AccessDeniedException", "Forbidden"}) &&
        is_daily_use(operation))
        return "The caller's IAM policies have to allow it. 'nimbus logs', 'invoke' and 'secret' "
               "need permissions of their own, which 'nimbus init --policy' does not print.";
    if (one_of(code, {"AccessDenied", "AccessDeniedException", "Forbidden"}))
        return "The caller's IAM policies have to allow it. For plan, deploy, status and destroy, "
               "'nimbus init --policy' prints what they need.";
    if (one_of(code, {"LimitExceeded", "LimitExceededException", "ServiceQuotaExceededException",
                      "CodeStorageExceededException", "TooManyBuckets"}))
        return "Delete what is no longer needed, or ask for more in the Service Quotas console.";
    return {};
}

std::string sentence_of(const OperationInfo& operation, int http_status,
                        const ErrorDetails& details)
{
    std::string text = std::string(operation.service.name) +
                       (http_status < 500 ? " refused " : " failed at ") +
                       std::string(operation.name) + ": " + details.code;
    if (!details.message.empty())
        text += ": " + details.message;
    return text;
}

/// "aws.protocoltests#FooError:http://internal.example/" is FooError.
std::string bare_code(std::string_view code)
{
    code = code.substr(0, code.find(':'));
    if (const auto hash = code.rfind('#'); hash != std::string_view::npos)
        code.remove_prefix(hash + 1);
    return std::string(trim(code));
}

ErrorDetails json_error(const http::Response& response)
{
    ErrorDetails error;
    json::object body;
    try {
        if (auto value = parse_json(response.body, "the answer"); value.is_object())
            body = std::move(value.get_object());
    } catch (const Error&) {
        // A proxy's page; the header may still tell.
    }
    const auto first = [&body](std::initializer_list<std::string_view> names) {
        for (const auto name : names)
            if (auto text = string_member(body, name); text && !text->empty())
                return *text;
        return std::string();
    };
    const auto header = response.headers.get("x-amzn-ErrorType");
    error.code = bare_code(header.empty() ? first({"__type", "code", "Code"}) : header);
    error.message = first({"message", "Message", "errorMessage", "error_description"});
    error.reason = first({"reason", "Reason", "error"});
    return error;
}

ErrorDetails xml_error(const http::Response& response)
{
    try {
        const auto document = parse_xml(response);
        const auto root = document.document_element();
        const auto error = root.name() == std::string_view("Error") ? root : root.child("Error");
        auto request_id = text_of(error, "RequestId");
        if (request_id.empty())
            request_id = text_of(root, "RequestId");
        return {.code = text_of(error, "Code"),
                .message = text_of(error, "Message"),
                .request_id = request_id};
    } catch (const Error&) {
        return {};
    }
}

/// For answers that are no AWS error: NotFound for 404.
void fill_in_from_status(ErrorDetails& error, const http::Response& response)
{
    const auto reason = std::string(http::reason_phrase(response.status));
    error.code =
        reason.empty() ? "Status" + std::to_string(response.status) : replace_all(reason, " ", "");
    if (!error.message.empty())
        return;
    error.message = "HTTP status " + std::to_string(response.status);
    if (const auto region = response.headers.get("x-amz-bucket-region");
        !region.empty() && response.status / 100 == 3)
        error.message += ", the bucket is in " + std::string(region);
}

} // namespace

ApiError::ApiError(const OperationInfo& operation, int http_status, ErrorDetails details,
                   const std::string& hint)
    : Error(sentence_of(operation, http_status, details),
            hint.empty() ? hint_for(operation.name, details.code) : hint),
      operation_(operation), http_status_(http_status), details_(std::move(details))
{
}

bool ApiError::is_not_found() const noexcept
{
    return one_of(code(), {"ResourceNotFoundException", "NotFoundException", "NoSuchEntity",
                           "NoSuchEntityException", "NoSuchBucket", "NoSuchKey", "NotFound",
                           "NoSuchBucketPolicy", "NoSuchLifecycleConfiguration",
                           "NoSuchPublicAccessBlockConfiguration",
                           "ServerSideEncryptionConfigurationNotFoundError"});
}

bool ApiError::is_conflict() const noexcept
{
    return one_of(code(), {"EntityAlreadyExists", "EntityAlreadyExistsException",
                           "ResourceAlreadyExistsException", "ResourceConflictException",
                           "ResourceExistsException", "ConflictException",
                           "BucketAlreadyOwnedByYou", "BucketAlreadyExists", "Conflict"});
}

ErrorDetails parse_error(Protocol protocol, const http::Response& response)
{
    const bool is_json = protocol == Protocol::rest_json || protocol == Protocol::json_1_1;
    ErrorDetails error = is_json ? json_error(response) : xml_error(response);
    if (error.code.empty())
        fill_in_from_status(error, response);
    for (const auto name : {"x-amzn-RequestId", "x-amz-request-id"})
        if (error.request_id.empty())
            error.request_id = response.headers.get(name);
    return error;
}

} // namespace nimbus::aws
