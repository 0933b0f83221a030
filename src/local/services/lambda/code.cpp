#include "local/services/lambda/code.h"

#include "base/arn.h"
#include "base/encoding.h"
#include "local/lambda/entry_name.h"
#include "local/services/inputs.h"

#include <climits>
#include <zip.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::local {
namespace {

using lambda_api::throw_invalid;

constexpr std::size_t most_direct_bytes = 50ULL * 1024 * 1024;
constexpr std::uint64_t most_unpacked_bytes = 250ULL * 1024 * 1024;
constexpr std::size_t bytes_at_once = 256 * 1024;

[[noreturn]] void refuse_object(const std::string& error, const std::string& message)
{
    throw_invalid("Error occurred while GetObject. S3 Error Code: " + error +
                  ". S3 Error Message: " + message);
}

[[noreturn]] void refuse_missing_object()
{
    refuse_object("NoSuchKey", "The specified key does not exist.");
}

/// An object that the caller may read.
struct CodeObject {
    std::string bucket;
    std::string key;
    ObjectContent content;
};

CodeObject object_in_s3(const LambdaParts& parts, const Call& call, const Input& code)
{
    const auto bucket = code.required_text("S3Bucket");
    const auto key = code.required_text("S3Key");
    if (code.has("S3ObjectVersion"))
        throw_invalid("The local cloud keeps one version of each object: leave out "
                      "S3ObjectVersion.");
    const auto decision = parts.access.authorize(
        call.caller, "s3:GetObject",
        Arn{.service = "s3", .resource = bucket + "/" + key}.to_string(), {}, {});
    if (!decision.allowed)
        throw ServiceError(403, "AccessDeniedException",
                           "Your access has been denied by S3, please make sure your request "
                           "credentials have permission to GetObject for " +
                               bucket + "/" + key + ". S3 Error Code: AccessDenied. " +
                               "S3 Error Message: " + decision.explanation);
    if (!parts.objects.has_bucket(bucket))
        refuse_object("NoSuchBucket", "The specified bucket does not exist");
    auto content = parts.objects.find_content(bucket, key);
    if (!content)
        refuse_missing_object();
    return {bucket, key, std::move(*content)};
}

std::string from_request(const Input& code)
{
    auto zip = base64_decode(code.required_text("ZipFile"));
    if (!zip)
        throw ServiceError(400, "SerializationException", "ZipFile is not base64.");
    if (zip->size() > most_direct_bytes)
        throw ServiceError(413, "RequestEntityTooLargeException",
                           "Request must be smaller than 69905067 bytes for the CreateFunction "
                           "operation",
                           {{"Type", "User"}});
    return std::move(*zip);
}

[[noreturn]] void throw_cannot_unzip()
{
    throw_invalid("Could not unzip uploaded file. Please check your file, then try to upload "
                  "again.");
}

/// The names of a zip as files and directories: what Linux cannot make of them is refused.
class Names {
public:
    void add(std::string_view name)
    {
        if (name.size() >= PATH_MAX)
            throw_cannot_unzip();
        for (std::size_t at = 0; at < name.size();) {
            const auto end = std::min(name.find('/', at), name.size());
            if (end - at > NAME_MAX)
                throw_cannot_unzip();
            const bool is_directory = end < name.size();
            const auto path = name.substr(0, end);
            const auto [known, is_new] = is_directory_.try_emplace(std::string(path), is_directory);
            if (!is_new && known->second != is_directory)
                throw_cannot_unzip();
            at = end + 1;
        }
    }

private:
    std::map<std::string, bool> is_directory_;
};

/// Of the entry, which is read to its end: there its CRC is compared.
std::uint64_t unpacked_bytes(zip_t* archive, zip_uint64_t index, std::uint64_t most)
{
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> entry(
        zip_fopen_index(archive, index, 0), zip_fclose);
    if (!entry)
        throw_cannot_unzip();
    std::vector<char> buffer(bytes_at_once);
    std::uint64_t bytes = 0;
    while (bytes <= most) {
        const auto got = zip_fread(entry.get(), buffer.data(), buffer.size());
        if (got < 0)
            throw_cannot_unzip();
        if (got == 0)
            break;
        bytes += static_cast<std::uint64_t>(got);
    }
    return bytes;
}

void check_zip(const std::string& content)
{
    zip_error_t error;
    zip_error_init(&error);
    auto* source = zip_source_buffer_create(content.data(), content.size(), 0, &error);
    if (source == nullptr)
        throw_cannot_unzip();
    const std::unique_ptr<zip_t, void (*)(zip_t*)> archive(
        zip_open_from_source(source, ZIP_RDONLY, &error), zip_discard);
    if (!archive) {
        zip_source_free(source);
        throw_cannot_unzip();
    }
    std::uint64_t unpacked = 0;
    Names names;
    const auto count = zip_get_num_entries(archive.get(), 0);
    for (zip_int64_t i = 0; i < count; ++i) {
        zip_stat_t entry;
        if (zip_stat_index(archive.get(), static_cast<zip_uint64_t>(i), 0, &entry) != 0 ||
            (entry.valid & ZIP_STAT_NAME) == 0 || !stays_in_directory(entry.name))
            throw_cannot_unzip();
        names.add(entry.name);
        // What it says of itself saves reading it; what it says may be wrong.
        if (unpacked + entry.size <= most_unpacked_bytes)
            unpacked += unpacked_bytes(archive.get(), static_cast<zip_uint64_t>(i),
                                       most_unpacked_bytes - unpacked);
        else
            unpacked += entry.size;
        if (unpacked > most_unpacked_bytes)
            throw_invalid("Unzipped size must be smaller than 262144000 bytes");
    }
    if (count == 0)
        throw_invalid("Uploaded file must be a non-empty zip");
}

StoredCode checked_and_stored(const LambdaParts& parts, const std::string& zip)
{
    check_zip(zip);
    auto pin = parts.code.put(zip);
    auto sha256 = pin->hash();
    return {std::move(pin), std::move(sha256), static_cast<std::int64_t>(zip.size())};
}

/// What many functions share is read and checked once: all that is stored was.
StoredCode stored_from_s3(const LambdaParts& parts, const CodeObject& object)
{
    const auto& [sha256, size] = object.content;
    if (auto pin = parts.code.hold(sha256))
        return {std::move(pin), sha256, static_cast<std::int64_t>(size)};
    const auto zip = parts.objects.read_object(object.bucket, object.key);
    if (!zip)
        refuse_missing_object();
    return checked_and_stored(parts, *zip);
}

} // namespace

StoredCode store_code(const LambdaParts& parts, const Call& call, const json::object& code)
{
    const Input input(code, "InvalidParameterValueException");
    if (input.has("ImageUri"))
        throw_invalid("The local cloud runs functions from zip archives, not from images.");
    if (input.has("ZipFile") == input.has("S3Bucket"))
        throw_invalid("Please provide a source for function code.");
    return input.has("ZipFile") ? checked_and_stored(parts, from_request(input))
                                : stored_from_s3(parts, object_in_s3(parts, call, input));
}

} // namespace nimbus::local
