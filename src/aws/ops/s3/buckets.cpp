#include "aws/ops/s3/buckets.h"

#include "aws/ops/xml_protocol.h"

namespace nimbus::aws::s3 {
Encoded CreateBucket::encode() const
{
    Encoded request{.method = "PUT", .path = "/", .bucket = bucket};
    if (region.empty() || region == "us-east-1") // the default, which S3 refuses to hear
        return request;
    const XmlBody body("CreateBucketConfiguration");
    add_text(body.root(), "LocationConstraint", region);
    request.headers.add("Content-Type", "application/xml");
    request.body = body.text();
    return request;
}

Encoded HeadBucket::encode() const
{
    Encoded request{.method = "HEAD", .path = "/", .bucket = bucket};
    if (!expected_owner.empty())
        request.headers.add("x-amz-expected-bucket-owner", expected_owner);
    return request;
}

HeadBucket::Response HeadBucket::decode(const http::Response& response)
{
    return {.region = std::string(response.headers.get("x-amz-bucket-region"))};
}

} // namespace nimbus::aws::s3
