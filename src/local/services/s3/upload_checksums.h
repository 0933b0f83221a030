#pragma once

#include "base/time.h"
#include "http/message.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::local {

/// A piece of an object that is uploaded in parts.
struct Part {
    int number = 0; ///< 1 to 10,000
    std::string blob;
    std::uint64_t size = 0;
    std::string etag;
    SystemTime modified;
    std::map<std::string, std::string> checksums; ///< x-amz-checksum-…, base64
};

/// The checksum that an upload in parts is created with. Source: Amazon S3 User Guide, "Checking
/// object integrity", full object and composite checksums.
struct UploadChecksum {
    std::string algorithm;  ///< "crc32", "sha256", …
    bool composite = false; ///< of the parts' checksums, not of the whole content

    /// What x-amz-checksum-algorithm and -type of CreateMultipartUpload ask for; nothing when they
    /// ask for none. Throws ServiceError for what S3 does not have.
    static std::optional<UploadChecksum> requested(const http::Headers& headers);

    /// "x-amz-checksum-crc32"
    std::string header() const;
    /// "COMPOSITE" or "FULL_OBJECT"
    std::string_view type() const;
    /// Of an object made of these parts, in this order, which have it each.
    std::string of(const std::vector<Part>& parts, std::string_view content) const;
};

/// "x-amz-checksum-crc64nvme" -> "ChecksumCRC64NVME", as XML documents have it.
std::string checksum_element(std::string_view header);

} // namespace nimbus::local
