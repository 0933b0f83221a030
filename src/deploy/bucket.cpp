#include "deploy/bucket.h"

#include "aws/ops/s3/buckets.h"
#include "aws/ops/s3/objects.h"
#include "base/text.h"

namespace nimbus::deploy {
namespace {

bool is_condition_failure(const aws::ApiError& error)
{
    // An object that is gone does not match, either.
    return error.http_status() == 412 || error.is("PreconditionFailed") ||
           error.is("ConditionalRequestConflict") || error.is("NoSuchKey");
}

[[noreturn]] void throw_no_bucket(const Target& target)
{
    throw Error("The bucket '" + target.bucket + "' for the state does not exist",
                "Create it with 'nimbus init --create-bucket --bucket " + target.bucket +
                    " --region " + target.region +
                    "', or choose another one with 'nimbus init --bucket <name>'.");
}

} // namespace

void throw_elsewhere(const Target& target)
{
    throw Error("The bucket '" + target.bucket + "' is not in Region " + target.region,
                "Functions take their code from a bucket in their own Region. Choose one with "
                "'nimbus init --bucket <name> --region " +
                    target.region + "'.");
}

void check_region(const aws::ApiError& error, const Target& target)
{
    if (error.http_status() == 301 || error.is("AuthorizationHeaderMalformed") ||
        error.is("IllegalLocationConstraintException"))
        throw_elsewhere(target);
}

namespace {

/// Throws the Error that says so when the bucket is elsewhere, or nowhere.
void check_bucket(const aws::ApiError& error, const Target& target)
{
    check_region(error, target);
    if (error.is("NoSuchBucket") && target.name != "local")
        throw_no_bucket(target);
}

} // namespace

std::string object_key(const DeploymentId& deployment, std::string_view name)
{
    return std::string(root_of_keys) + deployment.project + '/' + deployment.stage + '/' +
           deployment.region + '/' + std::string(name);
}

std::string Bucket::location(const std::string& key) const
{
    return "s3://" + world_.target().bucket + '/' + key;
}

std::optional<Bucket::Object> Bucket::get(const std::string& key)
{
    try {
        auto answer = world_.call(aws::s3::GetObject{.bucket = world_.target().bucket, .key = key});
        return Object{.body = std::move(answer.body),
                      .etag = std::move(answer.etag),
                      .written = answer.last_modified,
                      .now = answer.answered_at.value_or(system_now())};
    } catch (const aws::ApiError& error) {
        check_bucket(error, world_.target());
        if (error.is_not_found())
            return {};
        throw;
    }
}

std::optional<std::string> Bucket::put(const std::string& key, const std::string& body,
                                       const Condition& condition)
{
    const aws::s3::PutObject request{.bucket = world_.target().bucket,
                                     .key = key,
                                     .body = body,
                                     .content_type = "application/json",
                                     .if_match = condition.etag,
                                     .if_none_match = condition.etag.empty() ? "*" : ""};
    for (bool bucket_made = false;;) {
        try {
            return call(request).etag;
        } catch (const aws::ApiError& error) {
            if (!error.is("NoSuchBucket")) {
                if (is_condition_failure(error))
                    return {};
                throw;
            }
            if (bucket_made || world_.target().name != "local")
                throw_no_bucket(world_.target());
        }
        try {
            call(aws::s3::CreateBucket{.bucket = world_.target().bucket,
                                       .region = world_.target().region});
        } catch (const aws::ApiError& error) {
            if (!error.is_conflict())
                throw;
        }
        bucket_made = true;
    }
}

bool Bucket::remove(const std::string& key, const std::string& etag)
{
    try {
        call(aws::s3::DeleteObject{.bucket = world_.target().bucket, .key = key, .if_match = etag});
        return true;
    } catch (const aws::ApiError& error) {
        if (is_condition_failure(error))
            return false;
        throw;
    }
}

std::vector<DeploymentId> deployments_with(const Target& target, std::string_view name)
{
    std::vector<DeploymentId> found;
    try {
        target.client.for_each_page(
            aws::s3::ListObjectsV2{.bucket = target.bucket, .prefix = std::string(root_of_keys)},
            [&](const aws::s3::ListObjectsV2::Response& page) {
                for (const auto& object : page.objects) {
                    const auto parts = split(object.key, '/');
                    if (parts.size() == 5 && parts[4] == name)
                        found.push_back({.project = std::string(parts[1]),
                                         .stage = std::string(parts[2]),
                                         .region = std::string(parts[3])});
                }
            });
    } catch (const aws::ApiError& error) {
        check_bucket(error, target);
        if (!error.is_not_found())
            throw;
    }
    return found;
}

} // namespace nimbus::deploy
