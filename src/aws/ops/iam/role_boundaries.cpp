#include "aws/ops/iam/role_boundaries.h"

#include "aws/ops/form_protocol.h"

namespace nimbus::aws::iam {

Encoded PutRolePermissionsBoundary::encode() const
{
    return Form(info)
        .add("RoleName", role_name)
        .add("PermissionsBoundary", permissions_boundary)
        .request();
}

Encoded DeleteRolePermissionsBoundary::encode() const
{
    return Form(info).add("RoleName", role_name).request();
}

} // namespace nimbus::aws::iam
