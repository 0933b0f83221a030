// A bucket's lifecycle rules are somebody else's, too, and go back to S3 with ours: whatever the
// bytes, what is decoded either throws Error or says the same after it was written and read again.

#include "aws/ops/s3/bucket_settings.h"
#include "base/error.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <tuple>
#include <vector>

namespace {

using nimbus::aws::s3::LifecycleRule;

auto fields(const LifecycleRule& rule)
{
    return std::tie(rule.id, rule.enabled, rule.prefix, rule.noncurrent_days,
                    rule.removes_delete_markers, rule.abort_uploads_days);
}

std::vector<LifecycleRule> decode(const std::string& body)
{
    return nimbus::aws::s3::GetBucketLifecycleConfiguration::decode({.body = body}).rules;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    try {
        const auto rules = decode(std::string(reinterpret_cast<const char*>(data), size));
        const nimbus::aws::s3::PutBucketLifecycleConfiguration request{.bucket = "b",
                                                                       .rules = rules};
        const auto again = decode(request.encode().body);
        if (again.size() != rules.size())
            std::abort();
        for (std::size_t i = 0; i < rules.size(); ++i)
            if (fields(again[i]) != fields(rules[i]))
                std::abort();
    } catch (const nimbus::Error&) {
    }
    return 0;
}
