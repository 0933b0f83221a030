#include "local/front_door/refusals.h"

namespace nimbus::local {
namespace {

/// The three spellings of one refusal.
struct Words {
    std::string_view query;
    std::string_view json; ///< without its "Exception"
    std::string_view s3;
};

ServiceError refusal(Protocol protocol, const Words& words, const std::string& message,
                     int s3_status = 403, int status = 403)
{
    switch (protocol) {
    case Protocol::query:
        return {status, std::string(words.query), message};
    case Protocol::rest_json:
        return {status, std::string(words.json) + "Exception", message};
    case Protocol::json_1_1:
        return {400, std::string(words.json) + "Exception", message};
    case Protocol::rest_xml:
        break;
    }
    return {s3_status, std::string(words.s3), message};
}

} // namespace

ServiceError signature_refusal(const sigv4::Failure& failure, sigv4::Form form, Protocol protocol)
{
    const auto s3 = protocol == Protocol::rest_xml;
    switch (failure.code) {
    case sigv4::FailureCode::missing:
        return refusal(protocol,
                       {"MissingAuthenticationToken", "MissingAuthenticationToken", "AccessDenied"},
                       s3 ? "Access Denied" : "Request is missing Authentication Token");
    case sigv4::FailureCode::malformed:
        return refusal(protocol,
                       {"IncompleteSignature", "IncompleteSignature",
                        form == sigv4::Form::header ? "AuthorizationHeaderMalformed"
                                                    : "AuthorizationQueryParametersError"},
                       failure.message, 400, 400);
    case sigv4::FailureCode::expired:
    case sigv4::FailureCode::not_yet:
        if (s3 && form == sigv4::Form::query)
            return {403, "AccessDenied", "Request has expired"};
        return refusal(protocol,
                       {"SignatureDoesNotMatch", "InvalidSignature", "RequestTimeTooSkewed"},
                       s3 ? "The difference between the request time and the current time is too "
                            "large."
                          : failure.message);
    case sigv4::FailureCode::mismatch:
        break;
    }
    return refusal(protocol, {"SignatureDoesNotMatch", "InvalidSignature", "SignatureDoesNotMatch"},
                   "The request signature we calculated does not match the signature you provided. "
                   "Check your AWS Secret Access Key and signing method. Consult the service "
                   "documentation for details.");
}

ServiceError unknown_key_refusal(Protocol protocol)
{
    return refusal(protocol, {"InvalidClientTokenId", "UnrecognizedClient", "InvalidAccessKeyId"},
                   protocol == Protocol::rest_xml
                       ? "The AWS Access Key Id you provided does not exist in our records."
                       : "The security token included in the request is invalid.");
}

ServiceError wrong_token_refusal(Protocol protocol)
{
    return refusal(protocol, {"InvalidClientTokenId", "UnrecognizedClient", "InvalidToken"},
                   protocol == Protocol::rest_xml
                       ? "The provided token is malformed or otherwise invalid."
                       : "The security token included in the request is invalid.",
                   400);
}

ServiceError expired_token_refusal(Protocol protocol)
{
    return refusal(protocol, {"ExpiredToken", "ExpiredToken", "ExpiredToken"},
                   protocol == Protocol::rest_xml
                       ? "The provided token has expired."
                       : "The security token included in the request is expired",
                   400);
}

ServiceError unsigned_headers_refusal(const std::string& names)
{
    return {403,
            "AccessDenied",
            "There were headers present in the request which were not signed",
            {{"HeadersNotSigned", names}}};
}

ServiceError access_refusal(const std::string& explanation, Protocol protocol)
{
    return refusal(protocol, {"AccessDenied", "AccessDenied", "AccessDenied"}, explanation);
}

} // namespace nimbus::local
