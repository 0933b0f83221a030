#include "aws/ops/iam/policies.h"
#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus::aws::iam {
namespace {

TEST(IamGetPolicy, FindsAPolicyByItsArn)
{
    EXPECT_EQ((GetPolicy{.policy_arn = "arn:aws:iam::123456789012:policy/limit"}.encode().body),
              "Action=GetPolicy&Version=2010-05-08&"
              "PolicyArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Apolicy%2Flimit");
    const auto found = GetPolicy::decode(
        {.body = "<GetPolicyResponse><GetPolicyResult><Policy><PolicyName>limit</PolicyName>"
                 "<Arn>arn:aws:iam::123456789012:policy/limit</Arn><AttachmentCount>0"
                 "</AttachmentCount></Policy></GetPolicyResult></GetPolicyResponse>"});
    EXPECT_EQ(found.arn, "arn:aws:iam::123456789012:policy/limit");
    EXPECT_EQ(found.policy_name, "limit");
    EXPECT_THROW(GetPolicy::decode({.body = "<GetPolicyResponse><GetPolicyResult/>"
                                            "</GetPolicyResponse>"}),
                 Error);
}

} // namespace
} // namespace nimbus::aws::iam
