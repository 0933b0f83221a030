#pragma once

#include "base/time.h"
#include "local/services/blob_store.h"
#include "local/services/s3/object_reader.h"
#include "local/services/s3/upload_checksums.h"
#include "sqlite/document_table.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace nimbus::local {

struct Bucket {
    std::string name;
    std::string region;
    SystemTime created;
    std::map<std::string, std::string> tags;
    json::object public_access_block; ///< empty: none
};

struct Object {
    std::string bucket;
    std::string key;
    std::string blob; ///< hash of the content
    std::uint64_t size = 0;
    std::string etag; ///< MD5 in hexadecimal digits, without quotes
    SystemTime modified;
    /// What is given back as it came: content-type, x-amz-meta-…, checksums; lower-case names.
    std::map<std::string, std::string> headers;
};

/// One page of a listing.
struct Listing {
    std::vector<Object> objects;
    std::vector<std::string> common_prefixes;
    bool truncated = false;
    std::string last; ///< the last key or common prefix on the page
};

/// An object that is being uploaded in parts.
struct Upload {
    std::string id;
    Object object; ///< its bucket, key and headers
    SystemTime initiated;
    std::optional<UploadChecksum> checksum;
};

/// One page of uploads that are under way.
struct UploadListing {
    std::vector<Upload> uploads;
    bool truncated = false;
};

/// Buckets and objects. Thread-safe.
class S3Store : public ObjectReader {
public:
    S3Store(sqlite::Database& database, const std::filesystem::path& directory, Clock clock);

    std::optional<Bucket> find_bucket(const std::string& name);
    bool has_bucket(const std::string& name) override;
    void put_bucket(const Bucket& bucket);
    std::vector<Bucket> buckets();
    /// False when the bucket has objects.
    bool erase_bucket(const std::string& name);

    std::optional<Object> find(const std::string& bucket, const std::string& key);
    /// As `find`, with the content held until the pin is gone, whatever is written meanwhile.
    struct Held {
        Object object;
        std::unique_ptr<BlobStore::Pin> pin;
    };
    std::optional<Held> find_and_hold(const std::string& bucket, const std::string& key);
    std::optional<ObjectContent> find_content(const std::string& bucket,
                                              const std::string& key) override;
    std::optional<std::string> read_object(const std::string& bucket,
                                           const std::string& key) override;
    /// Stores content and object as one step; `check` sees the object that will be replaced, if
    /// any, and throws to prevent it. Fills in blob, size, ETag and time.
    void put(Object& object, std::string_view content,
             const std::function<void(const std::optional<Object>&)>& check);
    /// As `put`, with the content of another object.
    void put_copy(Object& object, const Object& source,
                  const std::function<void(const std::optional<Object>&)>& check);
    void erase(const std::string& bucket, const std::string& key,
               const std::function<void(const std::optional<Object>&)>& check);
    Listing list(const std::string& bucket, const std::string& prefix, const std::string& delimiter,
                 const std::string& after, std::size_t limit);

    // Uploads in parts, kept until they are completed or aborted:

    /// Fills in the id and the time.
    void create_upload(Upload& upload);
    std::optional<Upload> find_upload(const std::string& id);
    /// Those of a bucket, by key and then by id; after the upload `after` of `after_key`, or after
    /// all of that key where `after` is empty.
    UploadListing list_uploads(const std::string& bucket, const std::string& prefix,
                               const std::string& after_key, const std::string& after,
                               std::size_t limit);
    /// Replaces the part of the same number; takes its number and checksums, fills in the rest.
    /// False when the upload is gone.
    bool put_part(const std::string& id, std::string_view content, Part& part);
    /// By number; those after `after`, at most `limit`.
    std::vector<Part> parts(const std::string& id, int after = 0, std::size_t limit = 10'000);
    /// Makes the object out of these parts and ends the upload; `check` as in `put`, and `verify`
    /// sees the content and may add headers to the object.
    void complete_upload(const Upload& upload, const std::vector<Part>& chosen, Object& object,
                         const std::function<void(const std::optional<Object>&)>& check,
                         const std::function<void(std::string_view)>& verify);
    /// The object that an upload has become within the last day: who did not get the answer asks
    /// again.
    std::optional<Object> completed_upload(const std::string& id);
    void abort_upload(const std::string& id);
    /// Aborts one that was begun long ago; false when there is none. See HousekeepingStep.
    bool abort_abandoned_upload();

    static constexpr std::chrono::days uploads_kept_for{7};

    BlobStore& blobs() noexcept { return blobs_; }
    SystemTime now() const { return clock_(); }
    sqlite::Database& database() noexcept { return database_; }

private:
    void write_row(const Object& object);
    void collect(const std::string& blob);

    sqlite::Database& database_;
    Clock clock_;
    sqlite::DocumentTable buckets_;
    BlobStore blobs_;
};

} // namespace nimbus::local
