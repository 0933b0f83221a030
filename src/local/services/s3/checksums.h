#pragma once

#include "http/message.h"

#include <map>
#include <string>
#include <string_view>

namespace nimbus::local {

/// Checks Content-MD5 and every x-amz-checksum-… header against the body; throws ServiceError
/// (BadDigest, InvalidDigest). Returns the checksum headers, to be kept with the object; where a
/// client sends none, that is none.
/// Source: Amazon S3 User Guide, "Checking object integrity".
std::map<std::string, std::string> check_body_digests(const http::Headers& headers,
                                                      std::string_view body);

/// The checksum of that algorithm ("crc32", "crc32c", "crc64nvme", "sha1", "sha256"), base64;
/// empty for an algorithm that is not known.
std::string body_checksum(std::string_view algorithm, std::string_view body);

} // namespace nimbus::local
