#include "manifest/names.h"

#include "base/encoding.h"
#include "base/text.h"

#include <algorithm>
#include <cstdint>

namespace nimbus::manifest {
namespace {

/// FNV-1a, 64 bits (Fowler, Noll, Vo; IETF draft-eastlake-fnv): stable for ever and without a
/// dependency; nothing here is secret.
std::string short_hash(std::string_view text)
{
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    std::string bytes;
    for (int shift = 56; shift >= 24; shift -= 8)
        bytes += static_cast<char>(hash >> shift);
    return base32_encode(bytes); // 40 bits: 8 characters
}

} // namespace

std::string environment_prefix(std::string_view kind, std::string_view name)
{
    return std::string(kind) + '_' + replace_all(to_upper(name), "-", "_");
}

std::string resource_name(const Manifest& manifest, std::string_view part, std::size_t limit)
{
    auto name = manifest.project + '-' + manifest.stage + '-' + std::string(part);
    if (name.size() <= limit)
        return name;
    const auto hash = '-' + short_hash(name);
    name.resize(limit - hash.size());
    return name + hash;
}

std::string lambda_function_name(const Manifest& manifest, const Function& function)
{
    return resource_name(manifest, function.name, 64);
}

std::string lambda_handler(const Manifest& manifest, const Function& function)
{
    return manifest.runtime.starts_with("nodejs") ? "index." + function.name : function.name;
}

} // namespace nimbus::manifest
