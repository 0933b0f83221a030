#include "local/front_door/aws_chunked.h"

#include "base/encoding.h"
#include "base/number.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "local/services/service.h"

namespace nimbus::local {
namespace {

constexpr std::string_view streaming = "STREAMING-";
constexpr std::string_view unsigned_kind = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
constexpr std::string_view signed_kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
constexpr std::string_view signed_trailer_kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";

[[noreturn]] void throw_incomplete()
{
    throw ServiceError(400, "IncompleteBody",
                       "The request body terminated unexpectedly or its chunks are malformed.");
}

std::string_view take_line(std::string_view& text)
{
    const auto end = text.find("\r\n");
    if (end == std::string_view::npos)
        throw_incomplete();
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 2);
    return line;
}

class SignatureChain {
public:
    SignatureChain(const sigv4::Claim& claim, std::string_view secret)
        : claim_(claim), key_(sigv4::signing_key(secret, claim.scope)), previous_(claim.signature)
    {
    }

    void check_chunk(std::string_view data, std::string_view given)
    {
        check("AWS4-HMAC-SHA256-PAYLOAD", crypto::sha256_hex("") + "\n" + crypto::sha256_hex(data),
              given);
    }

    void check_trailer(std::string_view canonical, std::string_view given)
    {
        check("AWS4-HMAC-SHA256-TRAILER", crypto::sha256_hex(canonical), given);
    }

private:
    void check(std::string_view algorithm, const std::string& rest, std::string_view given)
    {
        const auto text = std::string(algorithm) + "\n" + claim_.amz_date + "\n" +
                          claim_.scope.text() + "\n" + previous_ + "\n" + rest;
        const auto expected = sigv4::signature(key_, text);
        if (!crypto::equal_constant_time(expected, given))
            throw ServiceError(403, "SignatureDoesNotMatch",
                               "The request signature we calculated does not match the signature "
                               "you provided. Check your key and signing method.");
        previous_ = expected;
    }

    const sigv4::Claim& claim_;
    std::string key_;
    std::string previous_;
};

void read_trailers(std::string_view rest, bool is_signed, SignatureChain& chain,
                   http::Headers& trailers)
{
    std::string canonical;
    std::string signature;
    while (!rest.empty()) {
        const auto line = take_line(rest);
        if (line.empty())
            break;
        const auto colon = line.find(':');
        if (colon == std::string_view::npos)
            throw_incomplete();
        auto name = to_lower(trim(line.substr(0, colon)));
        std::string value(trim(line.substr(colon + 1)));
        if (name == "x-amz-trailer-signature") {
            signature = std::move(value);
            continue;
        }
        canonical += name + ":" + value + "\n";
        trailers.add(std::move(name), std::move(value));
    }
    if (is_signed)
        chain.check_trailer(canonical, signature);
}

} // namespace

bool is_aws_chunked(std::string_view payload_hash) noexcept
{
    return payload_hash.starts_with(streaming);
}

Unframed decode_aws_chunked(std::string_view framed, const sigv4::Claim& claim,
                            std::string_view secret_access_key)
{
    const auto& kind = claim.payload_hash;
    if (kind != unsigned_kind && kind != signed_kind && kind != signed_trailer_kind)
        throw ServiceError(501, "NotImplemented",
                           "The local cloud does not support x-amz-content-sha256: " + kind + ".");
    const auto is_signed = kind != unsigned_kind;
    SignatureChain chain(claim, secret_access_key);
    Unframed result;
    result.body.reserve(framed.size());
    while (true) {
        const auto header = take_line(framed);
        const auto semicolon = header.find(';');
        const auto size = parse_number<std::size_t>(header.substr(0, semicolon), 16);
        if (!size || *size > framed.size())
            throw_incomplete();
        const auto data = framed.substr(0, *size);
        if (is_signed) {
            constexpr std::string_view name = ";chunk-signature=";
            if (semicolon == std::string_view::npos || !header.substr(semicolon).starts_with(name))
                throw_incomplete();
            chain.check_chunk(data, header.substr(semicolon + name.size()));
        }
        if (*size == 0)
            break;
        result.body += data;
        framed.remove_prefix(*size);
        if (!take_line(framed).empty())
            throw_incomplete();
    }
    if (kind != signed_kind)
        read_trailers(framed, is_signed, chain, result.trailers);
    return result;
}

} // namespace nimbus::local
