#include "local/services/s3/checksums.h"

#include "base/encoding.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "local/services/service.h"

#include <boost/crc.hpp>
#include <openssl/sha.h>

#include <array>
#include <cstdint>

namespace nimbus::local {
namespace {

template <class Integer>
std::string big_endian(Integer value)
{
    std::string bytes(sizeof(value), '\0');
    for (auto i = bytes.size(); i-- > 0; value = static_cast<Integer>(value >> 8))
        bytes[i] = static_cast<char>(value & 0xff);
    return bytes;
}

template <class Crc>
std::uint64_t crc_of(std::string_view body)
{
    Crc crc;
    crc.process_bytes(body.data(), body.size());
    return static_cast<std::uint64_t>(crc.checksum());
}

using Crc32 = boost::crc_32_type;
using Crc32c = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;
using Crc64Nvme =
    boost::crc_optimal<64, 0xAD93D23594C93659, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF, true, true>;

std::string sha1(std::string_view body)
{
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    const std::basic_string<unsigned char> bytes(body.begin(), body.end());
    SHA1(bytes.data(), bytes.size(), digest.data());
    return {digest.begin(), digest.end()};
}

} // namespace

std::string body_checksum(std::string_view algorithm, std::string_view body)
{
    if (algorithm == "crc32")
        return base64_encode(big_endian(static_cast<std::uint32_t>(crc_of<Crc32>(body))));
    if (algorithm == "crc32c")
        return base64_encode(big_endian(static_cast<std::uint32_t>(crc_of<Crc32c>(body))));
    if (algorithm == "crc64nvme")
        return base64_encode(big_endian(crc_of<Crc64Nvme>(body)));
    if (algorithm == "sha1")
        return base64_encode(sha1(body));
    if (algorithm == "sha256")
        return base64_encode(crypto::sha256(body));
    return {};
}

std::map<std::string, std::string> check_body_digests(const http::Headers& headers,
                                                      std::string_view body)
{
    if (const auto md5 = headers.find("content-md5")) {
        const auto digest = base64_decode(*md5);
        if (!digest || digest->size() != 16)
            throw ServiceError(400, "InvalidDigest", "The Content-MD5 you specified was invalid.");
        if (*digest != crypto::md5(body))
            throw ServiceError(400, "BadDigest",
                               "The Content-MD5 you specified did not match what we received.");
    }
    std::map<std::string, std::string> checksums;
    constexpr std::string_view prefix = "x-amz-checksum-";
    for (const auto& [name, value] : headers) {
        const auto lower = to_lower(name);
        if (!lower.starts_with(prefix))
            continue;
        const auto algorithm = lower.substr(prefix.size());
        const auto actual = body_checksum(algorithm, body);
        if (actual.empty())
            continue; // x-amz-checksum-algorithm, -type, -mode
        if (actual != value)
            throw ServiceError(400, "BadDigest",
                               "The " + to_upper(algorithm) +
                                   " you specified did not match the calculated checksum.");
        checksums[lower] = value;
    }
    return checksums;
}

} // namespace nimbus::local
