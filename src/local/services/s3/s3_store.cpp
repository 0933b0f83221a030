#include "local/services/s3/s3_store.h"

#include "base/encoding.h"
#include "crypto/digest.h"
#include "local/services/s3/stored_headers.h"

namespace nimbus::local {
namespace {

constexpr std::string_view columns =
    "SELECT bucket, key, blob, size, etag, modified, headers FROM s3_objects";

Object object_from(const sqlite::Row& row)
{
    Object object{.bucket = row.text(0),
                  .key = row.text(1),
                  .blob = row.text(2),
                  .size = static_cast<std::uint64_t>(row.integer(3)),
                  .etag = row.text(4),
                  .modified = from_unix_milliseconds(row.integer(5))};
    object.headers = stored_headers(row.text(6));
    return object;
}

Bucket bucket_from(const std::string& name, const json::object& document)
{
    Bucket bucket{.name = name,
                  .region = string_or_empty(document, "region"),
                  .created =
                      from_unix_milliseconds(integer_member(document, "created").value_or(0))};
    if (const auto* tags = object_member(document, "tags"))
        for (const auto& [key, value] : *tags)
            bucket.tags[key] = std::string(value.as_string());
    if (const auto* block = object_member(document, "publicAccessBlock"))
        bucket.public_access_block = *block;
    return bucket;
}

/// Greater than every key that starts with `prefix`.
std::string after_all(const std::string& prefix)
{
    return prefix + "\xF4\x8F\xBF\xBF";
}

} // namespace

S3Store::S3Store(sqlite::Database& database, const std::filesystem::path& directory, Clock clock)
    : database_(database), clock_(std::move(clock)), buckets_(database, "s3_buckets"),
      blobs_(directory)
{
    database_.execute_script(R"(
        CREATE TABLE IF NOT EXISTS s3_objects (
            bucket TEXT NOT NULL, key TEXT NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL,
            etag TEXT NOT NULL, modified INTEGER NOT NULL, headers TEXT NOT NULL,
            PRIMARY KEY (bucket, key)) STRICT, WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS s3_objects_by_blob ON s3_objects (blob);
        CREATE TABLE IF NOT EXISTS s3_uploads (
            id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL,
            headers TEXT NOT NULL) STRICT;
        CREATE TABLE IF NOT EXISTS s3_parts (
            upload TEXT NOT NULL REFERENCES s3_uploads ON DELETE CASCADE, number INTEGER NOT NULL,
            blob TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
            PRIMARY KEY (upload, number)) STRICT;
        CREATE INDEX IF NOT EXISTS s3_parts_by_blob ON s3_parts (blob);
        CREATE TABLE IF NOT EXISTS s3_completed (
            id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key TEXT NOT NULL, etag TEXT NOT NULL,
            headers TEXT NOT NULL, completed INTEGER NOT NULL) STRICT;)");
    database_.add_column("s3_uploads", "initiated", "INTEGER NOT NULL DEFAULT 0");
    // Those of an earlier version do not tell their time.
    database_.execute("UPDATE s3_uploads SET initiated = ? WHERE initiated = 0",
                      {to_unix_milliseconds(clock_())});
    database_.add_column("s3_uploads", "checksum", "TEXT NOT NULL DEFAULT ''");
    database_.add_column("s3_parts", "modified", "INTEGER NOT NULL DEFAULT 0");
    database_.add_column("s3_parts", "checksums", "TEXT NOT NULL DEFAULT '{}'");
    std::set<std::string> referenced;
    for (const auto& row :
         database_.query("SELECT blob FROM s3_objects UNION SELECT blob FROM s3_parts"))
        referenced.insert(row.text(0));
    blobs_.sweep(referenced, clock_());
}

std::optional<Bucket> S3Store::find_bucket(const std::string& name)
{
    if (const auto document = buckets_.find(name))
        return bucket_from(name, *document);
    return std::nullopt;
}

bool S3Store::has_bucket(const std::string& name)
{
    return find_bucket(name).has_value();
}

void S3Store::put_bucket(const Bucket& bucket)
{
    json::object tags;
    for (const auto& [key, value] : bucket.tags)
        tags[key] = value;
    json::object document{{"region", bucket.region},
                          {"created", to_unix_milliseconds(bucket.created)},
                          {"tags", tags}};
    if (!bucket.public_access_block.empty())
        document["publicAccessBlock"] = bucket.public_access_block;
    buckets_.put(bucket.name, document);
}

std::vector<Bucket> S3Store::buckets()
{
    std::vector<Bucket> result;
    for (const auto& [name, document] : buckets_.list())
        result.push_back(bucket_from(name, document));
    return result;
}

bool S3Store::erase_bucket(const std::string& name)
{
    return database_.transaction([&] {
        if (database_.query_one("SELECT 1 FROM s3_objects WHERE bucket = ? UNION ALL "
                                "SELECT 1 FROM s3_uploads WHERE bucket = ? LIMIT 1",
                                {name, name}))
            return false;
        buckets_.erase(name);
        return true;
    });
}

std::optional<Object> S3Store::find(const std::string& bucket, const std::string& key)
{
    const auto row =
        database_.query_one(std::string(columns) + " WHERE bucket = ? AND key = ?", {bucket, key});
    if (!row)
        return std::nullopt;
    return object_from(*row);
}

std::optional<S3Store::Held> S3Store::find_and_hold(const std::string& bucket,
                                                    const std::string& key)
{
    while (auto object = find(bucket, key)) {
        auto pin = std::make_unique<BlobStore::Pin>(blobs_, object->blob);
        // Collected between the two lines above? Then the row has changed too.
        const auto still = find(bucket, key);
        if (still && still->blob == object->blob)
            return Held{std::move(*object), std::move(pin)};
    }
    return std::nullopt;
}

std::optional<ObjectContent> S3Store::find_content(const std::string& bucket,
                                                   const std::string& key)
{
    const auto object = find(bucket, key);
    return object ? std::optional(ObjectContent{object->blob, object->size}) : std::nullopt;
}

std::optional<std::string> S3Store::read_object(const std::string& bucket, const std::string& key)
{
    const auto held = find_and_hold(bucket, key);
    return held ? std::optional(blobs_.read(held->object.blob)) : std::nullopt;
}

void S3Store::write_row(const Object& object)
{
    database_.execute("INSERT OR REPLACE INTO s3_objects "
                      "(bucket, key, blob, size, etag, modified, headers) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?)",
                      {object.bucket, object.key, object.blob,
                       static_cast<std::int64_t>(object.size), object.etag,
                       to_unix_milliseconds(object.modified), text_to_store(object.headers)});
}

void S3Store::collect(const std::string& blob)
{
    blobs_.collect(blob, [&] {
        return database_
            .query_one("SELECT 1 FROM s3_objects WHERE blob = ? UNION ALL "
                       "SELECT 1 FROM s3_parts WHERE blob = ? LIMIT 1",
                       {blob, blob})
            .has_value();
    });
}

void S3Store::put(Object& object, std::string_view content,
                  const std::function<void(const std::optional<Object>&)>& check)
{
    // Asked once more when the row is written; here it saves writing a body in vain.
    check(find(object.bucket, object.key));
    std::optional<Object> replaced;
    {
        const auto pin = blobs_.put(content);
        object.blob = pin->hash();
        object.size = content.size();
        object.etag = hex_encode(crypto::md5(content));
        database_.transaction([&] {
            replaced = find(object.bucket, object.key);
            check(replaced);
            object.modified = clock_();
            write_row(object);
        });
    }
    if (replaced && replaced->blob != object.blob)
        collect(replaced->blob);
}

void S3Store::put_copy(Object& object, const Object& source,
                       const std::function<void(const std::optional<Object>&)>& check)
{
    std::optional<Object> replaced;
    {
        const BlobStore::Pin pin(blobs_, source.blob);
        // A copy has one part, however many its source was uploaded in: "<hash>-<parts>".
        object.etag = source.etag.contains('-') ? hex_encode(crypto::md5(blobs_.read(source.blob)))
                                                : source.etag;
        database_.transaction([&] {
            replaced = find(object.bucket, object.key);
            check(replaced);
            object.blob = source.blob;
            object.size = source.size;
            object.modified = clock_();
            write_row(object);
        });
    }
    if (replaced && replaced->blob != object.blob)
        collect(replaced->blob);
}

void S3Store::erase(const std::string& bucket, const std::string& key,
                    const std::function<void(const std::optional<Object>&)>& check)
{
    const auto object = database_.transaction([&] {
        auto found = find(bucket, key);
        check(found);
        database_.execute("DELETE FROM s3_objects WHERE bucket = ? AND key = ?", {bucket, key});
        return found;
    });
    if (object)
        collect(object->blob);
}

Listing S3Store::list(const std::string& bucket, const std::string& prefix,
                      const std::string& delimiter, const std::string& after, std::size_t limit)
{
    Listing result;
    auto from = std::max(after, prefix);
    auto inclusive = after < prefix;
    if (!after.empty() && !delimiter.empty() && after.ends_with(delimiter) &&
        after.size() > prefix.size())
        from = after_all(after); // the page before ended with this common prefix
    const auto end =
        prefix.empty() ? std::string("\xF4\x8F\xBF\xBF\xF4\x8F\xBF\xBF") : after_all(prefix);
    while (true) {
        const auto rows =
            database_.query(std::string(columns) + " WHERE bucket = ? AND key " +
                                (inclusive ? ">=" : ">") + " ? AND key < ? ORDER BY key LIMIT ?",
                            {bucket, from, end, static_cast<std::int64_t>(limit + 1)});
        auto skipped = false;
        for (const auto& row : rows) {
            if (result.objects.size() + result.common_prefixes.size() == limit) {
                result.truncated = true;
                return result;
            }
            auto object = object_from(row);
            const auto cut =
                delimiter.empty() ? std::string::npos : object.key.find(delimiter, prefix.size());
            if (cut != std::string::npos) {
                result.common_prefixes.push_back(object.key.substr(0, cut + delimiter.size()));
                result.last = result.common_prefixes.back();
                from = after_all(result.last);
                skipped = true;
                break;
            }
            from = result.last = object.key;
            result.objects.push_back(std::move(object));
        }
        if (!skipped)
            return result;
        inclusive = false;
    }
}

} // namespace nimbus::local
