#include "manifest/grammar.h"

#include "base/arn.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <vector>

namespace nimbus::manifest {
namespace {

bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_letter(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}

bool is_alphanumeric(char c)
{
    return is_letter(c) || is_digit(c);
}

bool is_name(std::string_view text)
{
    return !text.empty() && text.size() <= 32 && is_lower(text.front()) &&
           std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_stage(std::string_view text)
{
    return !text.empty() && text.size() <= 16 && text.front() != '-' &&
           std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

/// ^[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}$
bool is_region(std::string_view text)
{
    const auto parts = split(text, '-');
    if (parts.size() < 3 || parts.size() > 5 || parts.front().size() < 2 ||
        parts.front().size() > 4 || parts.back().size() > 2)
        return false;
    return std::ranges::all_of(parts, [](auto part) { return !part.empty(); }) &&
           std::ranges::all_of(parts.back(), is_digit) &&
           std::ranges::all_of(parts.begin(), parts.end() - 1,
                               [](auto part) { return std::ranges::all_of(part, is_lower); });
}

bool is_function_name(std::string_view text)
{
    return !text.empty() && text.size() <= 128 && is_alphanumeric(text.front()) &&
           std::ranges::all_of(text,
                               [](char c) { return is_alphanumeric(c) || c == '-' || c == '_'; });
}

bool is_variable_name(std::string_view text)
{
    return text.size() >= 2 && is_letter(text.front()) &&
           std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '_'; });
}

/// Bytes of UTF-8 sequences count: a character of a name in another script takes several.
bool is_description(std::string_view text)
{
    return text.size() <= 256 && std::ranges::all_of(text, [](char c) {
               return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
           });
}

bool is_action(std::string_view text)
{
    if (text == "*")
        return true;
    const auto colon = text.find(':');
    const auto is_part = [](std::string_view part, std::string_view more) {
        return !part.empty() && std::ranges::all_of(part, [&](char c) {
            return is_alphanumeric(c) || more.find(c) != std::string_view::npos;
        });
    };
    return colon != std::string_view::npos && is_part(text.substr(0, colon), "-") &&
           is_part(text.substr(colon + 1), "*?");
}

bool is_resource(std::string_view text)
{
    return text == "*" || (text.starts_with("arn:") && split(text, ':').size() >= 6);
}

/// ^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[!-~]+$
/// Of IAM: 1 to 128 letters, digits and a few others; no wildcards.
bool is_policy_name(std::string_view name)
{
    constexpr std::string_view others = "_+=,.@-";
    return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, [&](char c) {
        return is_lower(c) || (c >= 'A' && c <= 'Z') || is_digit(c) || others.contains(c);
    });
}

bool is_managed_policy(std::string_view text)
{
    constexpr std::string_view begin = "policy/";
    const auto arn = Arn::parse(text);
    return arn && arn->partition.starts_with("aws") &&
           std::ranges::all_of(arn->partition, [](char c) { return is_lower(c) || c == '-'; }) &&
           arn->service == "iam" && arn->region.empty() &&
           (arn->account == "aws" ||
            (arn->account.size() == 12 && std::ranges::all_of(arn->account, is_digit))) &&
           arn->resource.starts_with(begin) && text.size() <= 2048 &&
           is_policy_name(std::string_view(arn->resource).substr(arn->resource.rfind('/') + 1)) &&
           std::ranges::all_of(arn->resource, [](char c) { return c >= '!' && c <= '~'; });
}

} // namespace

const TextRule name_rule{is_name, "a lower-case letter followed by lower-case letters, digits and "
                                  "dashes, at most 32 characters"};
const TextRule stage_rule{is_stage, "lower-case letters, digits and dashes, not beginning with a "
                                    "dash, at most 16 characters"};
const TextRule region_rule{is_region, "an AWS region such as us-east-1"};
const TextRule runtime_rule{
    [](std::string_view text) { return text == "provided.al2023" || text == "nodejs22.x"; },
    "provided.al2023 or nodejs22.x"};
const TextRule architecture_rule{
    [](std::string_view text) { return text == "x86_64" || text == "arm64"; }, "x86_64 or arm64"};
const TextRule function_name_rule{is_function_name,
                                  "a letter or digit followed by letters, digits, '-' and '_', at "
                                  "most 128 characters"};
const TextRule variable_name_rule{is_variable_name,
                                  "a letter followed by letters, digits and '_', at least 2 "
                                  "characters"};

const TextRule description_rule{is_description, "text without line breaks, at most 256 bytes"};
const TextRule effect_rule{[](std::string_view text) { return text == "Allow" || text == "Deny"; },
                           "Allow or Deny"};
const TextRule action_rule{is_action, "an action such as s3:GetObject, or *"};
const TextRule resource_rule{is_resource, "an ARN, or *"};
const TextRule boundary_rule{is_managed_policy, "the ARN of a managed policy, such as "
                                                "arn:aws:iam::123456789012:policy/limit"};

bool is_reserved_variable(std::string_view name)
{
    // Source: AWS Lambda Developer Guide, "Defined runtime environment variables".
    constexpr std::array<std::string_view, 22> reserved{"AWS_ACCESS_KEY",
                                                        "AWS_ACCESS_KEY_ID",
                                                        "AWS_DEFAULT_REGION",
                                                        "AWS_EXECUTION_ENV",
                                                        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                                        "AWS_LAMBDA_FUNCTION_NAME",
                                                        "AWS_LAMBDA_FUNCTION_VERSION",
                                                        "AWS_LAMBDA_INITIALIZATION_TYPE",
                                                        "AWS_LAMBDA_LOG_GROUP_NAME",
                                                        "AWS_LAMBDA_LOG_STREAM_NAME",
                                                        "AWS_LAMBDA_MAX_CONCURRENCY",
                                                        "AWS_LAMBDA_METADATA_API",
                                                        "AWS_LAMBDA_METADATA_TOKEN",
                                                        "AWS_LAMBDA_RUNTIME_API",
                                                        "AWS_REGION",
                                                        "AWS_SECRET_ACCESS_KEY",
                                                        "AWS_SESSION_TOKEN",
                                                        "LAMBDA_RUNTIME_DIR",
                                                        "LAMBDA_TASK_ROOT",
                                                        "NIMBUS_MANIFEST_OUT",
                                                        "_HANDLER",
                                                        "_X_AMZN_TRACE_ID"};
    return std::ranges::find(reserved, name) != reserved.end();
}

} // namespace nimbus::manifest
