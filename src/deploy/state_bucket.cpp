#include "deploy/state_bucket.h"

#include "aws/endpoints.h"
#include "aws/ops/s3/bucket_settings.h"
#include "aws/ops/s3/buckets.h"
#include "aws/ops/s3/objects.h"
#include "base/arn.h"
#include "deploy/bucket.h"
#include "deploy/kms_key.h"
#include "deploy/world.h"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace nimbus::deploy {
namespace {

constexpr std::string_view policy_statement_id = "NimbusTlsOnly";
constexpr std::string_view lifecycle_rule_id = "nimbus-old-versions";
constexpr int noncurrent_days = 30;
constexpr int abort_uploads_days = 7;

/// Nobody reaches the bucket without TLS, whatever else allows it. Source: S3 User Guide, "Security
/// best practices", "Enforce encryption of data in transit".
json::object tls_only_statement(const Target& target)
{
    const auto arn = Arn{.partition = aws::partition_of(target.region),
                         .service = "s3",
                         .resource = target.bucket}
                         .to_string();
    return {{"Sid", policy_statement_id},
            {"Effect", "Deny"},
            {"Principal", "*"},
            {"Action", "s3:*"},
            {"Resource", json::array{arn, arn + "/*"}},
            {"Condition", json::object{{"Bool", json::object{{"aws:SecureTransport", "false"}}}}}};
}

/// `document` with `statement` in the place of the one that has its Sid, else at the end.
json::object with_statement(json::object document, const json::object& statement)
{
    if (!document.contains("Version"))
        document["Version"] = "2012-10-17";
    auto& present = document["Statement"];
    if (present.is_object()) // IAM takes a lone statement without its array
        present = json::array{present};
    if (!present.is_array())
        present = json::array();
    auto& statements = present.get_array();
    const auto twin = std::ranges::find_if(statements, [&](const json::value& one) {
        return one.is_object() && string_or_empty(one.get_object(), "Sid") == policy_statement_id;
    });
    if (twin == statements.end())
        statements.emplace_back(statement);
    else
        *twin = statement;
    return document;
}

/// Only for Nimbus's own keys, whatever else may come to lie there.
aws::s3::LifecycleRule expiry_of_old_versions()
{
    return {.id = std::string(lifecycle_rule_id),
            .prefix = std::string(root_of_keys),
            .noncurrent_days = noncurrent_days,
            .removes_delete_markers = true,
            .abort_uploads_days = abort_uploads_days};
}

bool says_the_same(const aws::s3::LifecycleRule& a, const aws::s3::LifecycleRule& b)
{
    return a.enabled == b.enabled && a.prefix == b.prefix &&
           a.noncurrent_days == b.noncurrent_days &&
           a.removes_delete_markers == b.removes_delete_markers &&
           a.abort_uploads_days == b.abort_uploads_days;
}

class Preparation {
public:
    Preparation(World& world, const std::string& kms_key, PreparedBucket& result)
        : world_(world), kms_key_(kms_key), result_(result)
    {
    }

    void run()
    {
        world_.status().phase("Preparing the bucket " + name());
        if (exists())
            check_content();
        else
            create();
        attempt([this] { block_public_access(); });
        attempt([this] { encrypt(); });
        attempt([this] { keep_versions(); });
        attempt([this] { insist_on_tls(); });
        attempt([this] { expire_old_versions(); });
    }

private:
    const std::string& name() const { return world_.target().bucket; }

    [[noreturn]] void throw_foreign() const
    {
        throw Error("The bucket '" + name() + "' belongs to another account, or account " +
                        world_.target().account_id + " may not read it",
                    "Choose another name with --bucket.");
    }

    bool exists()
    {
        try {
            const auto found = world_.find(aws::s3::HeadBucket{
                .bucket = name(), .expected_owner = world_.target().account_id});
            if (found && !found->region.empty() && found->region != world_.target().region)
                throw_elsewhere(world_.target());
            return found.has_value();
        } catch (const aws::ApiError& error) {
            check_region(error, world_.target());
            if (error.http_status() == 403)
                throw_foreign();
            throw;
        }
    }

    void create()
    {
        try {
            world_.call(aws::s3::CreateBucket{.bucket = name(), .region = world_.target().region});
            result_.created = true;
        } catch (const aws::ApiError& error) {
            if (error.is("BucketAlreadyExists"))
                throw_foreign();
            if (!error.is("BucketAlreadyOwnedByYou"))
                throw;
        }
    }

    /// Settings hold for a whole bucket: one with other content is somebody's for other things.
    void check_content()
    {
        const auto page =
            world_.call(aws::s3::ListObjectsV2{.bucket = name(), .delimiter = "/", .max_keys = 2});
        const auto is_foreign = [](const std::string& prefix) { return prefix != root_of_keys; };
        const auto stranger = std::ranges::find_if(page.common_prefixes, is_foreign);
        if (page.objects.empty() && stranger == page.common_prefixes.end())
            return;
        throw Error("The bucket '" + name() + "' holds other things than Nimbus's, such as '" +
                        (page.objects.empty() ? *stranger : page.objects.front().key) + "'",
                    "Choose another name with --bucket, or leave out --create-bucket to use the "
                    "bucket as it is.");
    }

    /// An endpoint that is not AWS may lack a setting. That is told, and does not keep from the
    /// others.
    template <class Set>
    void attempt(Set set)
    {
        try {
            set();
        } catch (const aws::ApiError& error) {
            if (!error.is("NotImplemented"))
                throw;
            result_.missing.push_back(error.message());
        }
    }

    void block_public_access()
    {
        const auto now = world_.find(aws::s3::GetPublicAccessBlock{.bucket = name()});
        if (now && now->blocks_all)
            return;
        world_.call(aws::s3::PutPublicAccessBlock{.bucket = name()});
        result_.changes.emplace_back("all public access is blocked");
    }

    void encrypt()
    {
        const auto now = world_.find(aws::s3::GetBucketEncryption{.bucket = name()});
        if (now && is_right(*now))
            return;
        world_.call(aws::s3::PutBucketEncryption{.bucket = name(), .kms_key = kms_key_});
        result_.changes.push_back("objects are encrypted" +
                                  (kms_key_.empty() ? "" : " with the key " + kms_key_));
    }

    /// Without a key to set, one of the account's own stays.
    bool is_right(const aws::s3::GetBucketEncryption::Response& now) const
    {
        if (kms_key_.empty())
            return !now.algorithm.empty();
        return now.kms_key == kms_key_ ||
               (is_kms_key_id(now.kms_key) && kms_key_.ends_with("key/" + now.kms_key));
    }

    void keep_versions()
    {
        const auto now = world_.find(aws::s3::GetBucketVersioning{.bucket = name()});
        if (now && now->enabled)
            return;
        world_.call(aws::s3::PutBucketVersioning{.bucket = name()});
        result_.changes.emplace_back("versions are kept");
    }

    void insist_on_tls()
    {
        const auto now = world_.find(aws::s3::GetBucketPolicy{.bucket = name()});
        json::object present;
        if (now) {
            auto document = parse_json(now->policy, "The policy of the bucket " + name());
            if (document.is_object())
                present = std::move(document.get_object());
        }
        const auto wanted = with_statement(present, tls_only_statement(world_.target()));
        if (wanted == present)
            return;
        world_.call(aws::s3::PutBucketPolicy{.bucket = name(), .policy = json::serialize(wanted)});
        result_.changes.emplace_back("calls without TLS are denied");
    }

    void expire_old_versions()
    {
        const auto now = world_.find(aws::s3::GetBucketLifecycleConfiguration{.bucket = name()});
        auto rules = now ? now->rules : std::vector<aws::s3::LifecycleRule>{};
        const auto wanted = expiry_of_old_versions();
        const auto present = std::ranges::find(rules, wanted.id, &aws::s3::LifecycleRule::id);
        if (present == rules.end())
            rules.push_back(wanted);
        else if (says_the_same(*present, wanted))
            return;
        else
            *present = wanted;
        world_.call(
            aws::s3::PutBucketLifecycleConfiguration{.bucket = name(), .rules = std::move(rules)});
        result_.changes.push_back("old versions expire after " + std::to_string(noncurrent_days) +
                                  " days");
    }

    World& world_;
    const std::string& kms_key_;
    PreparedBucket& result_;
};

} // namespace

std::string default_state_bucket(const std::string& account_id, const std::string& region)
{
    return "nimbus-state-" + account_id + '-' + region;
}

PreparedBucket prepare_state_bucket(const Kinds& kinds, const Target& target,
                                    const std::string& kms_key, Status& status)
{
    World world(kinds, target, {.project = {}, .stage = {}, .region = target.region}, status);
    PreparedBucket result;
    Preparation(world, kms_key, result).run();
    return result;
}

} // namespace nimbus::deploy
