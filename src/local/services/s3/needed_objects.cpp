#include "local/services/s3/needed_objects.h"

#include "local/services/blob_store.h"

namespace nimbus::local {
namespace {

json::object forget_object(sqlite::Database& database, const std::string& bucket,
                           const std::string& key)
{
    return database.transaction([&] {
        json::object held;
        if (const auto row = database.query_one("SELECT blob, size, etag, modified, headers FROM "
                                                "s3_objects WHERE bucket = ? AND key = ?",
                                                {bucket, key}))
            held = {{"bucket", bucket},       {"key", key},
                    {"sha256", row->text(0)}, {"size", row->integer(1)},
                    {"etag", row->text(2)},   {"modified", row->integer(3)},
                    {"headers", row->text(4)}};
        database.execute("DELETE FROM s3_objects WHERE bucket = ? AND key = ?", {bucket, key});
        return held;
    });
}

json::object forget_part(sqlite::Database& database, const std::string& upload, std::int64_t number)
{
    database.execute("DELETE FROM s3_parts WHERE upload = ? AND number = ?", {upload, number});
    return {{"upload", upload}, {"part", number}};
}

} // namespace

std::vector<NeededFile> needed_objects(sqlite::Database& database,
                                       const std::filesystem::path& directory)
{
    std::vector<NeededFile> needed;
    for (const auto& row : database.query("SELECT bucket, key, blob, size FROM s3_objects"))
        needed.push_back({.owner = "the object s3://" + row.text(0) + "/" + row.text(1),
                          .path = BlobStore::path_in(directory, row.text(2)),
                          .size = static_cast<std::uint64_t>(row.integer(3)),
                          .sha256 = row.text(2),
                          .forget = [&database, bucket = row.text(0), key = row.text(1)] {
                              return forget_object(database, bucket, key);
                          }});
    for (const auto& row : database.query("SELECT upload, number, blob, size FROM s3_parts"))
        needed.push_back({.owner = "part " + row.text(1) + " of the upload " + row.text(0),
                          .path = BlobStore::path_in(directory, row.text(2)),
                          .size = static_cast<std::uint64_t>(row.integer(3)),
                          .sha256 = row.text(2),
                          .forget = [&database, upload = row.text(0), number = row.integer(1)] {
                              return forget_part(database, upload, number);
                          }});
    return needed;
}

} // namespace nimbus::local
