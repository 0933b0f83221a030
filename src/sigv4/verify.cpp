#include "crypto/digest.h"
#include "sigv4/protocol.h"
#include "sigv4/sigv4.h"

namespace nimbus::sigv4 {
namespace {

constexpr std::chrono::minutes header_skew{15};
constexpr std::chrono::minutes query_skew{5};
constexpr std::chrono::days longest_presigned{7};

std::unexpected<Failure> failure(FailureCode code, std::string message)
{
    return std::unexpected(Failure{code, std::move(message)});
}

std::expected<void, Failure> check_header_age(const Claim& claim, SystemTime now)
{
    if (claim.signed_at + header_skew < now)
        return failure(FailureCode::expired, "Signature expired: " + claim.amz_date +
                                                 " is now earlier than " +
                                                 format_amz_date(now - header_skew) + " (" +
                                                 format_amz_date(now) + " - 15 min.)");
    if (claim.signed_at - header_skew > now)
        return failure(FailureCode::not_yet, "Signature not yet current: " + claim.amz_date +
                                                 " is still later than " +
                                                 format_amz_date(now + header_skew) + " (" +
                                                 format_amz_date(now) + " + 15 min.)");
    return {};
}

std::expected<void, Failure> check_query_age(const Claim& claim, SystemTime now)
{
    if (claim.expires > longest_presigned)
        return failure(FailureCode::malformed,
                       "X-Amz-Expires must be less than a week (in seconds); that is, the given "
                       "X-Amz-Expires must be less than 604800 seconds");
    if (claim.signed_at - query_skew > now)
        return failure(FailureCode::not_yet, "Request is not yet valid");
    if (claim.signed_at + claim.expires < now)
        return failure(FailureCode::expired, "Request has expired");
    return {};
}

} // namespace

std::expected<void, Failure> verify(const Claim& claim, const Request& request,
                                    std::string_view secret_access_key, std::string_view body_hash,
                                    SystemTime now, SigningKeys* keys)
{
    const auto fresh =
        claim.form == Form::header ? check_header_age(claim, now) : check_query_age(claim, now);
    if (!fresh)
        return fresh;
    if (!claim.payload_hash.empty() && claim.payload_hash != body_hash)
        return failure(FailureCode::mismatch,
                       "The provided 'x-amz-content-sha256' header does not match what was "
                       "computed.");
    const auto key = detail::signing_key_from(keys, secret_access_key, claim.scope);
    const auto expected =
        detail::sign(request, claim.signed_headers, body_hash, key, claim.scope, claim.amz_date);
    if (!crypto::equal_constant_time(expected, claim.signature))
        return failure(FailureCode::mismatch,
                       "The request signature we calculated does not match the signature you "
                       "provided. Check your AWS Secret Access Key and signing method. Consult "
                       "the service documentation for details.");
    return {};
}

} // namespace nimbus::sigv4
