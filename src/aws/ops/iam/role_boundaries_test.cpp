#include "aws/ops/iam/role_boundaries.h"
#include "http/message.h"

#include <gtest/gtest.h>

namespace nimbus::aws::iam {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

TEST(IamRoleBoundaries, AreSetByTheArnOfAPolicy)
{
    const auto request =
        PutRolePermissionsBoundary{.role_name = "demo",
                                   .permissions_boundary = "arn:aws:iam::123456789012:policy/limit"}
            .encode();
    EXPECT_EQ(http::parse_query(request.body),
              (Fields{{"Action", "PutRolePermissionsBoundary"},
                      {"Version", "2010-05-08"},
                      {"RoleName", "demo"},
                      {"PermissionsBoundary", "arn:aws:iam::123456789012:policy/limit"}}));
}

TEST(IamRoleBoundaries, AreRemovedByTheRolesName)
{
    const auto request = DeleteRolePermissionsBoundary{.role_name = "demo"}.encode();
    EXPECT_EQ(http::parse_query(request.body), (Fields{{"Action", "DeleteRolePermissionsBoundary"},
                                                       {"Version", "2010-05-08"},
                                                       {"RoleName", "demo"}}));
}

} // namespace
} // namespace nimbus::aws::iam
