#include "aws/ops/iam/policies.h"

#include "aws/ops/form_protocol.h"
#include "aws/ops/xml_protocol.h"

namespace nimbus::aws::iam {

Encoded GetPolicy::encode() const
{
    return Form(info).add("PolicyArn", policy_arn).request();
}

GetPolicy::Response GetPolicy::decode(const http::Response& response)
{
    const auto document = parse_xml(response);
    const auto policy = result_of(document, info).child("Policy");
    return {.arn = required_text(policy, "Arn"),
            .policy_name = required_text(policy, "PolicyName")};
}

} // namespace nimbus::aws::iam
