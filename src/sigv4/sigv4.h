#pragma once

#include "base/time.h"

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// AWS Signature Version 4, both directions, as pure functions.
/// Source: AWS IAM User Guide, "AWS Signature Version 4 for API requests"; test vectors: AWS's
/// published signing test suite.
namespace nimbus::sigv4 {

class SigningKeys; // signing_keys.h

struct Credentials {
    std::string access_key_id;
    std::string secret_access_key;
    std::string session_token; ///< empty for long-term keys
};

/// What a signature is valid for.
struct Scope {
    std::string date; ///< yyyymmdd
    std::string region;
    std::string service;

    /// date/region/service/aws4_request
    std::string text() const;
    bool operator==(const Scope&) const = default;
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// The request as it goes over the wire.
struct Request {
    std::string method;
    std::string path;  ///< as sent: absolute, percent-encoded once, without the query
    std::string query; ///< as sent: percent-encoded, without `?`
    HeaderList headers;
};

/// How the service canonicalises a path. S3 encodes once and does not normalise; all others encode
/// the path that is sent once more and normalise it (RFC 3986 section 5.2.4, double slashes too).
enum class PathRule { standard, s3 };

/// "UNSIGNED-PAYLOAD", as S3 allows over TLS and for presigned URLs.
inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

PathRule path_rule_for(std::string_view service);

/// `signed_headers` are lower-case names, sorted. `payload_hash` is hex SHA-256 or
/// unsigned_payload. `X-Amz-Signature` is left out of the query: no signature covers itself.
std::string canonical_request(const Request& request,
                              const std::vector<std::string>& signed_headers,
                              std::string_view payload_hash, PathRule rule);
std::string string_to_sign(std::string_view canonical_request, const Scope& scope,
                           std::string_view amz_date);
/// What all requests of a scope are signed with: raw bytes, as secret as what they are made of.
std::string signing_key(std::string_view secret_access_key, const Scope& scope);
/// 64 hexadecimal digits.
std::string signature(std::string_view signing_key, std::string_view string_to_sign);

/// Adds X-Amz-Date, X-Amz-Security-Token (with session credentials), for S3 X-Amz-Content-Sha256,
/// and Authorization to `request.headers`, in place of earlier ones; `Host` must be there already.
/// Every header that is there is signed but those that proxies change (user-agent, expect,
/// connection, …). Who signs many requests keeps the signing keys in `keys`.
void sign_headers(Request& request, const Credentials& credentials, std::string_view region,
                  std::string_view service, std::string_view payload_hash, SystemTime now,
                  SigningKeys* keys = nullptr);

/// The query string (without `?`) of the presigned form of `request`, signing the host header
/// alone, which must be in `request.headers`. `payload_hash`: sha256("") hex for DSQL tokens,
/// unsigned_payload for S3.
std::string presign_query(const Request& request, const Credentials& credentials,
                          std::string_view region, std::string_view service,
                          std::string_view payload_hash, std::chrono::seconds expires,
                          SystemTime now);

/// An Aurora DSQL authentication token: the presigned GET of https://<host>/?Action=<action>,
/// without the scheme. `action`: DbConnect or DbConnectAdmin.
std::string dsql_token(std::string_view host, std::string_view action,
                       const Credentials& credentials, std::string_view region,
                       std::chrono::seconds expires, SystemTime now);

// --- verification -----------------------------------------------------------------------------

enum class Form { header, query };

/// The signature a request carries, taken apart but not yet checked.
struct Claim {
    Form form = Form::header;
    std::string access_key_id;
    Scope scope;
    std::string amz_date;
    SystemTime signed_at;
    std::chrono::seconds expires{0}; ///< query form only
    std::vector<std::string> signed_headers;
    std::string signature;
    std::string session_token;
    std::string payload_hash; ///< x-amz-content-sha256 (header or query) if sent, else empty: hash
                              ///< the body
};

enum class FailureCode {
    missing,   ///< no signature at all
    malformed, ///< incomplete or unparsable
    expired,   ///< too old, or a presigned request past its X-Amz-Expires
    not_yet,   ///< signed in the future
    mismatch,  ///< the signature is not the right one
};

struct Failure {
    FailureCode code = FailureCode::malformed;
    std::string message; ///< one sentence, in AWS's words where they are known
};

/// Finds the signature in the Authorization header or in the query. Refuses duplicates, unknown
/// algorithms, a `host` that is not signed and a scope date that differs from X-Amz-Date.
std::expected<Claim, Failure> parse_claim(const Request& request);

/// Checks age (header form: 15 minutes both ways; query form: X-Amz-Expires, at most 7 days, and
/// 5 minutes into the future) and then the signature, in constant time. `body_hash` is the hex
/// SHA-256 of the body received; a differing x-amz-content-sha256 is a mismatch. Who verifies many
/// requests keeps the signing keys in `keys`.
std::expected<void, Failure> verify(const Claim& claim, const Request& request,
                                    std::string_view secret_access_key, std::string_view body_hash,
                                    SystemTime now, SigningKeys* keys = nullptr);

} // namespace nimbus::sigv4
