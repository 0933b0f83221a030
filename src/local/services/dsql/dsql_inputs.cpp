#include "local/services/dsql/dsql_service.h"

namespace nimbus::local {

std::vector<InputMembers> dsql_inputs()
{
    return {
        {"CreateCluster",
         "deletionProtectionEnabled kmsEncryptionKey tags clientToken multiRegionProperties "
         "policy",
         {{"bypassPolicyLockoutSafetyCheck", "clusters have no policies here"}}},
        {"DeleteCluster", "", {{"client-token", "to delete twice is to delete once"}}},
        {"GetCluster", "", {}},
        {"GetVpcEndpointServiceName", "", {}},
        {"ListClusters", "max-results next-token", {}},
        {"ListTagsForResource", "", {}},
        {"TagResource", "tags", {}},
        {"UntagResource", "tagKeys", {}},
        {"UpdateCluster",
         "deletionProtectionEnabled kmsEncryptionKey multiRegionProperties",
         {{"clientToken", "to update twice is to update once"}}},
    };
}

} // namespace nimbus::local
