#include "base/encoding.h"
#include "base/random.h"
#include "crypto/digest.h"
#include "local/services/s3/s3_store.h"

#include <boost/json/serialize.hpp>

namespace nimbus::local {

std::string S3Store::create_upload(const Object& object)
{
    json::object headers;
    for (const auto& [name, value] : object.headers)
        headers[name] = value;
    auto id = base32_encode(random_bytes(20));
    database_.execute("INSERT INTO s3_uploads (id, bucket, key, headers) VALUES (?, ?, ?, ?)",
                      {id, object.bucket, object.key, json::serialize(headers)});
    return id;
}

std::optional<Object> S3Store::find_upload(const std::string& id)
{
    const auto row =
        database_.query_one("SELECT bucket, key, headers FROM s3_uploads WHERE id = ?", {id});
    if (!row)
        return std::nullopt;
    Object object{.bucket = row->text(0), .key = row->text(1)};
    const auto headers = parse_json(row->text(2), "an upload's headers");
    for (const auto& [name, value] : headers.as_object())
        object.headers[name] = std::string(value.as_string());
    return object;
}

bool S3Store::put_part(const std::string& id, int number, std::string_view content, Part& part)
{
    std::string replaced;
    {
        const auto pin = blobs_.put(content);
        part = {.number = number,
                .blob = pin->hash(),
                .size = content.size(),
                .etag = hex_encode(crypto::md5(content))};
        const auto kept = database_.transaction([&] {
            if (!find_upload(id))
                return false;
            if (const auto row =
                    database_.query_one("SELECT blob FROM s3_parts WHERE upload = ? AND number = ?",
                                        {id, std::int64_t{number}}))
                replaced = row->text(0);
            database_.execute("INSERT OR REPLACE INTO s3_parts VALUES (?, ?, ?, ?, ?)",
                              {id, std::int64_t{number}, part.blob,
                               static_cast<std::int64_t>(part.size), part.etag});
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

std::vector<Part> S3Store::parts(const std::string& id)
{
    std::vector<Part> result;
    for (const auto& row : database_.query(
             "SELECT number, blob, size, etag FROM s3_parts WHERE upload = ? ORDER BY number",
             {id}))
        result.push_back({.number = static_cast<int>(row.integer(0)),
                          .blob = row.text(1),
                          .size = static_cast<std::uint64_t>(row.integer(2)),
                          .etag = row.text(3)});
    return result;
}

void S3Store::complete_upload(const std::string& id, const std::vector<Part>& chosen,
                              Object& object,
                              const std::function<void(const std::optional<Object>&)>& check)
{
    std::string content;
    std::string digests;
    for (const auto& part : chosen) {
        content += blobs_.read(part.blob);
        digests += *hex_decode(part.etag);
    }
    const auto sent = parts(id);
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
            database_.execute("DELETE FROM s3_uploads WHERE id = ?", {id});
        });
    }
    for (const auto& part : sent)
        collect(part.blob);
    if (replaced && replaced->blob != object.blob)
        collect(replaced->blob);
}

void S3Store::abort_upload(const std::string& id)
{
    const auto sent = parts(id);
    database_.execute("DELETE FROM s3_uploads WHERE id = ?", {id});
    for (const auto& part : sent)
        collect(part.blob);
}

} // namespace nimbus::local
