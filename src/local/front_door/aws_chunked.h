#pragma once

#include "http/message.h"
#include "sigv4/sigv4.h"

#include <string>
#include <string_view>

/// The framing that S3 clients put around a body that they sign or checksum as they send it.
/// Source: Amazon S3 API Reference, "Signature calculations for the Authorization header:
/// transferring payload in multiple chunks" and "… including trailing headers".
namespace nimbus::local {

/// Is x-amz-content-sha256 one of the STREAMING- kinds?
bool is_aws_chunked(std::string_view payload_hash) noexcept;

struct Unframed {
    std::string body;
    http::Headers trailers; ///< such as x-amz-checksum-crc32
};

/// Takes the chunks apart; checks the signatures of the signed kinds, the chain of which starts at
/// the request's own. Throws ServiceError (SignatureDoesNotMatch, IncompleteBody,
/// NotImplemented for kinds that are not known, such as the asymmetric ones).
Unframed decode_aws_chunked(std::string_view framed, const sigv4::Claim& claim,
                            std::string_view secret_access_key);

} // namespace nimbus::local
