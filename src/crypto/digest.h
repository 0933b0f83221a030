#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace nimbus::crypto {

/// Digests are returned as raw bytes; see base/encoding.h for their text forms.
std::string sha256(std::string_view data);
std::string sha256_hex(std::string_view data);
std::string sha256_hex_of_file(const std::filesystem::path& path);
/// For names that others have chosen so (AWS's caches), never to prove anything.
std::string sha1_hex(std::string_view data);
std::string md5(std::string_view data);
std::string hmac_sha256(std::string_view key, std::string_view data);
/// For signatures of others that are made so (S3's Signature Version 2).
std::string hmac_sha1(std::string_view key, std::string_view data);

/// Compares without telling by its duration where the two differ.
bool equal_constant_time(std::string_view a, std::string_view b) noexcept;

} // namespace nimbus::crypto
