#include "deploy/kms_key.h"

#include "aws/endpoints.h"
#include "base/arn.h"
#include "manifest/grammar.h"

#include <algorithm>

namespace nimbus::deploy {

bool is_kms_key_id(std::string_view text)
{
    return text.size() >= 36 && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

bool is_kms_key_arn(std::string_view text)
{
    constexpr std::string_view prefix = "key/";
    const auto arn = Arn::parse(text);
    return arn && arn->service == "kms" && manifest::region_rule.holds(arn->region) &&
           arn->partition == aws::partition_of(arn->region) && arn->account.size() == 12 &&
           std::ranges::all_of(arn->account, [](char c) { return c >= '0' && c <= '9'; }) &&
           arn->resource.starts_with(prefix) &&
           is_kms_key_id(std::string_view(arn->resource).substr(prefix.size()));
}

} // namespace nimbus::deploy
