#include "base/encoding.h"
#include "base/random.h"
#include "crypto/digest.h"
#include "local/services/s3/s3_store.h"
#include "local/services/s3/stored_headers.h"

namespace nimbus::local {
namespace {

constexpr std::string_view columns =
    "SELECT id, bucket, key, headers, initiated, checksum FROM s3_uploads";

std::string checksum_text(const std::optional<UploadChecksum>& checksum)
{
    return checksum ? checksum->algorithm + " " + std::string(checksum->type()) : std::string();
}

std::optional<UploadChecksum> checksum_from(const std::string& text)
{
    const auto blank = text.find(' ');
    if (blank == std::string::npos)
        return std::nullopt;
    return UploadChecksum{.algorithm = text.substr(0, blank),
                          .composite = text.substr(blank + 1) == "COMPOSITE"};
}

Upload upload_from(const sqlite::Row& row)
{
    return {.id = row.text(0),
            .object = {.bucket = row.text(1),
                       .key = row.text(2),
                       .headers = stored_headers(row.text(3))},
            .initiated = from_unix_milliseconds(row.integer(4)),
            .checksum = checksum_from(row.text(5))};
}

} // namespace

void S3Store::create_upload(Upload& upload)
{
    upload.id = base32_encode(random_bytes(20));
    upload.initiated = clock_();
    const auto& object = upload.object;
    database_.execute("INSERT INTO s3_uploads (id, bucket, key, headers, initiated, checksum) "
                      "VALUES (?, ?, ?, ?, ?, ?)",
                      {upload.id, object.bucket, object.key, text_to_store(object.headers),
                       to_unix_milliseconds(upload.initiated), checksum_text(upload.checksum)});
}

std::optional<Upload> S3Store::find_upload(const std::string& id)
{
    const auto row = database_.query_one(std::string(columns) + " WHERE id = ?", {id});
    if (!row)
        return std::nullopt;
    return upload_from(*row);
}

UploadListing S3Store::list_uploads(const std::string& bucket, const std::string& prefix,
                                    const std::string& after_key, const std::string& after,
                                    std::size_t limit)
{
    UploadListing result;
    const auto rows = database_.query(std::string(columns) +
                                          " WHERE bucket = ? AND substr(key, 1, length(?)) = ? AND "
                                          "(key > ? OR (key = ? AND ? <> '' AND id > ?)) "
                                          "ORDER BY key, id LIMIT ?",
                                      {bucket, prefix, prefix, after_key, after_key, after, after,
                                       static_cast<std::int64_t>(limit + 1)});
    for (const auto& row : rows) {
        if (result.uploads.size() == limit) {
            result.truncated = true;
            break;
        }
        result.uploads.push_back(upload_from(row));
    }
    return result;
}

bool S3Store::put_part(const std::string& id, std::string_view content, Part& part)
{
    std::string replaced;
    {
        const auto pin = blobs_.put(content);
        part.blob = pin->hash();
        part.size = content.size();
        part.etag = hex_encode(crypto::md5(content));
        part.modified = clock_();
        const auto kept = database_.transaction([&] {
            if (!find_upload(id))
                return false;
            const std::int64_t number = part.number;
            if (const auto row = database_.query_one(
                    "SELECT blob FROM s3_parts WHERE upload = ? AND number = ?", {id, number}))
                replaced = row->text(0);
            database_.execute("INSERT OR REPLACE INTO s3_parts "
                              "(upload, number, blob, size, etag, modified, checksums) "
                              "VALUES (?, ?, ?, ?, ?, ?, ?)",
                              {id, number, part.blob, static_cast<std::int64_t>(part.size),
                               part.etag, to_unix_milliseconds(part.modified),
                               text_to_store(part.checksums)});
            return true;
        });
        if (!kept)
            replaced = part.blob;
    }
    if (replaced.empty())
        return true;
    collect(replaced);
    return find_upload(id).has_value();
}

std::vector<Part> S3Store::parts(const std::string& id, int after, std::size_t limit)
{
    std::vector<Part> result;
    for (const auto& row :
         database_.query("SELECT number, blob, size, etag, modified, checksums FROM s3_parts "
                         "WHERE upload = ? AND number > ? ORDER BY number LIMIT ?",
                         {id, std::int64_t{after}, static_cast<std::int64_t>(limit)}))
        result.push_back({.number = static_cast<int>(row.integer(0)),
                          .blob = row.text(1),
                          .size = static_cast<std::uint64_t>(row.integer(2)),
                          .etag = row.text(3),
                          .modified = from_unix_milliseconds(row.integer(4)),
                          .checksums = stored_headers(row.text(5))});
    return result;
}

void S3Store::complete_upload(const Upload& upload, const std::vector<Part>& chosen, Object& object,
                              const std::function<void(const std::optional<Object>&)>& check,
                              const std::function<void(std::string_view)>& verify)
{
    std::string content;
    std::string digests;
    for (const auto& part : chosen) {
        content += blobs_.read(part.blob);
        digests += *hex_decode(part.etag);
    }
    verify(content);
    const auto sent = parts(upload.id);
    std::optional<Object> replaced;
    {
        const auto pin = blobs_.put(content);
        object.blob = pin->hash();
        object.size = content.size();
        object.etag = hex_encode(crypto::md5(digests)) + "-" + std::to_string(chosen.size());
        database_.transaction([&] {
            replaced = find(object.bucket, object.key);
            check(replaced);
            object.modified = clock_();
            write_row(object);
            database_.execute("DELETE FROM s3_uploads WHERE id = ?", {upload.id});
            database_.execute("DELETE FROM s3_completed WHERE completed < ?",
                              {to_unix_milliseconds(object.modified - std::chrono::days(1))});
            database_.execute(
                "INSERT INTO s3_completed (id, bucket, key, etag, headers, completed) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                {upload.id, object.bucket, object.key, object.etag, text_to_store(object.headers),
                 to_unix_milliseconds(object.modified)});
        });
    }
    for (const auto& part : sent)
        collect(part.blob);
    if (replaced && replaced->blob != object.blob)
        collect(replaced->blob);
}

std::optional<Object> S3Store::completed_upload(const std::string& id)
{
    const auto row = database_.query_one(
        "SELECT bucket, key, etag, headers FROM s3_completed WHERE id = ?", {id});
    if (!row)
        return std::nullopt;
    return Object{.bucket = row->text(0),
                  .key = row->text(1),
                  .etag = row->text(2),
                  .headers = stored_headers(row->text(3))};
}

bool S3Store::abort_abandoned_upload()
{
    const auto row = database_.query_one("SELECT id FROM s3_uploads WHERE initiated < ? LIMIT 1",
                                         {to_unix_milliseconds(clock_() - uploads_kept_for)});
    if (row)
        abort_upload(row->text(0));
    return row.has_value();
}

void S3Store::abort_upload(const std::string& id)
{
    const auto sent = parts(id);
    database_.execute("DELETE FROM s3_uploads WHERE id = ?", {id});
    for (const auto& part : sent)
        collect(part.blob);
}

} // namespace nimbus::local
