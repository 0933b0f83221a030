#pragma once

#include "local/iam/access_control.h"
#include "local/services/s3/s3_store.h"
#include "local/services/service.h"

namespace nimbus::local {

/// S3: buckets and objects without versions. The references outlive the service.
Service make_s3_service(S3Store& store, AccessControl& access);
std::vector<InputMembers> s3_inputs();

std::vector<Operation> s3_bucket_operations(S3Store& store);
std::vector<Operation> s3_object_operations(S3Store& store, AccessControl& access);
std::vector<Operation> s3_listing_operations(S3Store& store);
std::vector<Operation> s3_upload_operations(S3Store& store, AccessControl& access);
http::Response s3_put_object(S3Store& store, AccessControl& access, Call& call);
/// PutObject and UploadPart with an x-amz-copy-source.
http::Response s3_copy_object(S3Store& store, AccessControl& access, Call& call);
http::Response s3_upload_part_copy(S3Store& store, AccessControl& access, Call& call);

/// What those files share.
namespace s3_api {

inline constexpr std::string_view xml_namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

/// Throws NoSuchBucket.
Bucket need_bucket(S3Store& store, const std::string& name);
[[noreturn]] void throw_no_such_key(const std::string& key);
[[noreturn]] void throw_precondition_failed(std::string_view condition);
/// arn:aws:s3:::bucket and arn:aws:s3:::bucket/key of the call.
std::string bucket_resource(const Call& call);
std::string object_resource(const Call& call);
/// Throws AccessDenied when the bucket of a copy's source has another owner than the call expects.
void check_source_owner(S3Store& store, const Call& call, const std::string& bucket);
/// The object that a write makes: bucket and key of the call. Throws when these cannot be.
Object new_object(S3Store& store, const Call& call);
/// How many, or after which number: `otherwise` where the query does not have the parameter.
int whole_number(const Call& call, std::string_view name, int otherwise);
/// Does a list encode its keys as URLs do? Throws ServiceError for another encoding-type.
bool wants_encoded_keys(const Call& call);
/// Throws PreconditionFailed or NoSuchKey as If-Match and If-None-Match of a write ask for.
void check_write_conditions(const http::Headers& headers, const std::optional<Object>& existing,
                            const std::string& key);
/// Do If-Match and its like let a read of the object go on? False: it is not modified. Throws
/// PreconditionFailed. A copy's conditions on its source have names that begin with `prefix`.
bool read_conditions_hold(const http::Headers& headers, const Object& object,
                          std::string_view prefix = {});
/// Stores the call's body as the part that its query names; throws NoSuchUpload.
Part put_part(S3Store& store, const Call& call);
/// As S3 says of every object: it is encrypted with keys of S3's own.
void tell_encryption(http::Response& response);
/// Throws when a header of a write has a value that is not here, such as another storage class.
void refuse_object_headers(const Call& call);
/// The headers of a write that a later GetObject gives back as they came.
std::map<std::string, std::string> kept_headers(const Call& call);
std::string quoted_etag(const std::string& etag);

} // namespace s3_api
} // namespace nimbus::local
