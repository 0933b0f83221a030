#include "base/text.h"
#include "local/services/s3/s3_service.h"

#include <initializer_list>
#include <string>
#include <string_view>

/// Members by their names on the wire, in the spelling of botocore's model: headers, parameters of
/// the query, elements of the body from its root on.
namespace nimbus::local {
namespace {

/// All operations have the bucket's expected owner, but those that are of no bucket or a new one.
constexpr std::string_view owner = "x-amz-expected-bucket-owner";

/// Digests of a body that every operation with a checksum takes.
constexpr std::string_view digests =
    "Content-MD5 x-amz-sdk-checksum-algorithm x-amz-checksum-crc32 x-amz-checksum-crc32c "
    "x-amz-checksum-crc64nvme x-amz-checksum-sha1 x-amz-checksum-sha256";

/// What is kept with an object.
constexpr std::string_view kept =
    "Cache-Control Content-Disposition Content-Encoding Content-Language "
    "Content-Type Expires x-amz-meta-";

/// What a write may ask for and get only in part: the operations refuse values that are not here.
constexpr std::string_view settings = "x-amz-acl x-amz-server-side-encryption x-amz-storage-class";

constexpr std::string_view source =
    "x-amz-copy-source x-amz-copy-source-if-match "
    "x-amz-copy-source-if-modified-since x-amz-copy-source-if-none-match "
    "x-amz-copy-source-if-unmodified-since "
    "x-amz-source-expected-bucket-owner";

constexpr std::string_view read =
    "If-Match If-Modified-Since If-None-Match If-Unmodified-Since Range "
    "x-amz-checksum-mode response-cache-control response-content-disposition "
    "response-content-encoding response-content-language "
    "response-content-type response-expires";

constexpr HarmlessMember payer{"x-amz-request-payer", "no bucket here lets its requesters pay"};
constexpr HarmlessMember governance{"x-amz-bypass-governance-retention",
                                    "no object here is under a retention"};
constexpr HarmlessMember attributes{"x-amz-optional-object-attributes",
                                    "no object here is archived, so none has a restore status"};
constexpr HarmlessMember tags_of_source{"x-amz-tagging-directive",
                                        "objects have no tags here that a copy could take over"};

/// One list of several.
std::string all_of(std::initializer_list<std::string_view> lists)
{
    return join({lists.begin(), lists.end()}, " ");
}

} // namespace

std::vector<InputMembers> s3_inputs()
{
    return {
        {"AbortMultipartUpload", all_of({owner, "uploadId"}), {payer}},
        {"CompleteMultipartUpload",
         all_of(
             {owner,
              "uploadId CompleteMultipartUpload.Part.ETag CompleteMultipartUpload.Part.PartNumber "
              "CompleteMultipartUpload.Part.ChecksumCRC32 "
              "CompleteMultipartUpload.Part.ChecksumCRC32C "
              "CompleteMultipartUpload.Part.ChecksumCRC64NVME "
              "CompleteMultipartUpload.Part.ChecksumSHA1 "
              "CompleteMultipartUpload.Part.ChecksumSHA256 x-amz-checksum-crc32 "
              "x-amz-checksum-crc32c x-amz-checksum-crc64nvme x-amz-checksum-sha1 "
              "x-amz-checksum-sha256 x-amz-checksum-type x-amz-mp-object-size If-Match "
              "If-None-Match"}),
         {payer}},
        {"CopyObject",
         all_of({owner, kept, settings, source,
                 "x-amz-checksum-algorithm x-amz-metadata-directive If-Match If-None-Match"}),
         {payer, tags_of_source}},
        {"CreateBucket",
         "x-amz-acl x-amz-object-ownership CreateBucketConfiguration.LocationConstraint",
         {}},
        {"CreateMultipartUpload",
         all_of({owner, kept, settings, "x-amz-checksum-algorithm x-amz-checksum-type"}),
         {payer}},
        {"DeleteBucket", std::string(owner), {}},
        {"DeleteBucketTagging", std::string(owner), {}},
        {"DeleteObject", all_of({owner, "If-Match"}), {payer, governance}},
        {"DeleteObjects",
         all_of({owner, digests, "Delete.Object.Key Delete.Object.ETag Delete.Quiet"}),
         {payer, governance}},
        {"DeletePublicAccessBlock", std::string(owner), {}},
        {"GetBucketLocation", std::string(owner), {}},
        {"GetBucketTagging", std::string(owner), {}},
        {"GetBucketVersioning", std::string(owner), {}},
        {"GetObject", all_of({owner, read}), {payer}},
        {"GetPublicAccessBlock", std::string(owner), {}},
        {"HeadBucket", std::string(owner), {}},
        {"HeadObject", all_of({owner, read}), {payer}},
        {"ListBuckets", "max-buckets continuation-token prefix bucket-region", {}},
        {"ListMultipartUploads",
         all_of({owner, "delimiter encoding-type key-marker max-uploads prefix upload-id-marker"}),
         {payer}},
        {"ListObjects",
         all_of({owner, "delimiter encoding-type marker max-keys prefix"}),
         {payer, attributes}},
        {"ListObjectsV2",
         all_of({owner, "delimiter encoding-type max-keys prefix continuation-token fetch-owner "
                        "start-after"}),
         {payer, attributes}},
        {"ListParts", all_of({owner, "uploadId max-parts part-number-marker"}), {payer}},
        {"PutBucketTagging",
         all_of({owner, digests, "Tagging.TagSet.Tag.Key Tagging.TagSet.Tag.Value"}),
         {}},
        {"PutBucketVersioning",
         all_of(
             {owner, digests, "VersioningConfiguration.Status VersioningConfiguration.MfaDelete"}),
         {}},
        {"PutObject",
         all_of({owner, kept, settings, digests, "Content-Length If-Match If-None-Match"}),
         {payer}},
        {"PutPublicAccessBlock",
         all_of({owner, digests,
                 "PublicAccessBlockConfiguration.BlockPublicAcls "
                 "PublicAccessBlockConfiguration.IgnorePublicAcls "
                 "PublicAccessBlockConfiguration.BlockPublicPolicy "
                 "PublicAccessBlockConfiguration.RestrictPublicBuckets"}),
         {}},
        {"UploadPart", all_of({owner, digests, "Content-Length partNumber uploadId"}), {payer}},
        {"UploadPartCopy",
         all_of({owner, source, "x-amz-copy-source-range partNumber uploadId"}),
         {payer}},
    };
}

} // namespace nimbus::local
