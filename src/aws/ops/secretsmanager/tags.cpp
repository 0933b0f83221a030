#include "aws/ops/secretsmanager/tags.h"

#include "aws/ops/json_protocol.h"

namespace nimbus::aws::secretsmanager {

Encoded TagResource::encode() const
{
    return target_request(info, {{"SecretId", secret_id}, {"Tags", to_tag_list(tags)}});
}

Encoded UntagResource::encode() const
{
    return target_request(info, {{"SecretId", secret_id},
                                 {"TagKeys", json::array(tag_keys.begin(), tag_keys.end())}});
}

} // namespace nimbus::aws::secretsmanager
