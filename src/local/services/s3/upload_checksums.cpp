#include "local/services/s3/upload_checksums.h"

#include "base/assert.h"
#include "base/encoding.h"
#include "base/text.h"
#include "local/services/s3/checksums.h"
#include "local/services/service.h"

namespace nimbus::local {
namespace {

constexpr std::string_view prefix = "x-amz-checksum-";

} // namespace

std::optional<UploadChecksum> UploadChecksum::requested(const http::Headers& headers)
{
    const auto algorithm = to_lower(headers.get("x-amz-checksum-algorithm"));
    const auto type = to_upper(headers.get("x-amz-checksum-type"));
    if (algorithm.empty()) {
        if (!type.empty())
            throw ServiceError(400, "InvalidRequest",
                               "The x-amz-checksum-type header can only be used with the "
                               "x-amz-checksum-algorithm header.");
        return std::nullopt;
    }
    if (body_checksum(algorithm, {}).empty())
        throw ServiceError(400, "InvalidRequest",
                           "Checksum algorithm provided is unsupported. Please try again with any "
                           "of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    if (!type.empty() && type != "COMPOSITE" && type != "FULL_OBJECT")
        throw ServiceError(400, "InvalidRequest",
                           "Value for x-amz-checksum-type header is invalid.");
    const bool is_sha = algorithm.starts_with("sha");
    const bool is_whole = type == "FULL_OBJECT" || (type.empty() && algorithm == "crc64nvme");
    if ((is_sha && is_whole) || (algorithm == "crc64nvme" && !is_whole))
        throw ServiceError(400, "InvalidRequest",
                           "The " + type + " checksum type cannot be used with the " + algorithm +
                               " checksum algorithm.");
    return UploadChecksum{.algorithm = algorithm, .composite = !is_whole};
}

std::string UploadChecksum::header() const
{
    return std::string(prefix) + algorithm;
}

std::string_view UploadChecksum::type() const
{
    return composite ? "COMPOSITE" : "FULL_OBJECT";
}

std::string UploadChecksum::of(const std::vector<Part>& parts, std::string_view content) const
{
    if (!composite)
        return body_checksum(algorithm, content);
    std::string bytes;
    for (const auto& part : parts) {
        const auto found = part.checksums.find(header());
        NIMBUS_ASSERT(found != part.checksums.end(), "each part has the upload's checksum");
        bytes += base64_decode(found->second).value_or(std::string());
    }
    return body_checksum(algorithm, bytes) + "-" + std::to_string(parts.size());
}

std::string checksum_element(std::string_view header)
{
    return "Checksum" + to_upper(header.substr(prefix.size()));
}

} // namespace nimbus::local
