#include "local/lambda/log_sink.h"
#include "local/services/answers.h"
#include "local/services/inputs.h"
#include "local/services/logs/logs_service.h"

#include <algorithm>
#include <array>

namespace nimbus::local {
namespace {

using namespace logs_api;

constexpr std::string_view invalid = "InvalidParameterException";

/// AWS answers operations without output with an empty body.
http::Response nothing()
{
    return {.headers = {{"content-type", "application/x-amz-json-1.1"}}};
}

std::map<std::string, std::string> checked_tags(const Call& call)
{
    auto tags =
        Input(call.input, invalid).map("tags").value_or(std::map<std::string, std::string>{});
    for (const auto& [key, value] : tags)
        if (key.empty() || key.size() > 128 || value.size() > 256 || key.starts_with("aws:"))
            throw_invalid("Invalid tag: " + key);
    return tags;
}

void need_standard_class(const Call& call)
{
    const auto given = Input(call.input, invalid).text("logGroupClass").value_or("STANDARD");
    if (given != "STANDARD")
        throw_invalid("The local cloud's log groups are of the class STANDARD, not " + given + ".");
}

http::Response create_group(LogStore& store, Call& call)
{
    const auto key = group_key(call);
    need_standard_class(call);
    if (!store.create_group(key, checked_tags(call)))
        throw ServiceError(400, "ResourceAlreadyExistsException",
                           "The specified log group already exists");
    return nothing();
}

http::Response delete_group(LogStore& store, Call& call)
{
    if (!store.delete_group(group_key(call)))
        throw_no_group();
    return nothing();
}

http::Response describe_groups(LogStore& store, Call& call)
{
    const Input input(call.input, invalid);
    need_standard_class(call);
    const auto limit = static_cast<std::size_t>(input.integer("limit", 1, 50).value_or(50));
    const auto prefix = input.text("logGroupNamePrefix").value_or("");
    const auto pattern = input.text("logGroupNamePattern").value_or("");
    if (!prefix.empty() && !pattern.empty())
        throw_invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive "
                      "parameters.");
    const auto in_region = [&](const std::string& name) {
        return log_group_key(call.region, name);
    };
    auto groups = store.groups(in_region(prefix), pattern,
                               in_region(input.text("nextToken").value_or("")), limit + 1);
    json::object body;
    if (groups.size() > limit) {
        groups.resize(limit);
        body["nextToken"] = groups.back().name;
    }
    json::array list;
    for (const auto& group : groups) {
        const auto arn = group_arn(call, group.name);
        json::object item{{"logGroupName", group.name},
                          {"creationTime", group.created},
                          {"metricFilterCount", 0},
                          {"arn", arn + ":*"},
                          {"storedBytes", group.stored_bytes},
                          {"logGroupClass", "STANDARD"},
                          {"logGroupArn", arn}};
        if (group.retention_days)
            item["retentionInDays"] = *group.retention_days;
        list.emplace_back(std::move(item));
    }
    body["logGroups"] = std::move(list);
    return json_1_1_answer(body);
}

http::Response put_retention(LogStore& store, Call& call)
{
    constexpr std::array<std::int64_t, 22> allowed{1,    3,    5,    7,    14,   30,  60,  90,
                                                   120,  150,  180,  365,  400,  545, 731, 1096,
                                                   1827, 2192, 2557, 2922, 3288, 3653};
    const auto days = Input(call.input, invalid).integer("retentionInDays", 1, 3653);
    if (!days || std::ranges::find(allowed, *days) == allowed.end())
        throw_invalid("1 validation error detected: Value at 'retentionInDays' failed to satisfy "
                      "constraint: Member must satisfy enum value set: [1, 3, 5, 7, 14, 30, 60, "
                      "90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, "
                      "3653]");
    auto group = need_group(store, call);
    group.retention_days = days;
    store.put_group(group);
    return nothing();
}

http::Response delete_retention(LogStore& store, Call& call)
{
    auto group = need_group(store, call);
    group.retention_days.reset();
    store.put_group(group);
    return nothing();
}

// --- tags: by ARN, and by the older calls that name the group -------------------------------

LogGroup tagged_group(LogStore& store, const Call& call)
{
    if (call.input.contains("logGroupName"))
        return need_group(store, call);
    const auto arn = Input(call.input, invalid).required_text("resourceArn");
    const auto prefix = group_arn(call, "");
    if (!arn.starts_with(prefix))
        throw_invalid("Invalid resourceArn: " + arn);
    auto name = arn.substr(prefix.size());
    if (name.ends_with(":*"))
        name.resize(name.size() - 2);
    auto group = store.find_group(log_group_key(call.region, name));
    if (!group)
        throw_no_group();
    return std::move(*group);
}

http::Response tag(LogStore& store, Call& call)
{
    auto group = tagged_group(store, call);
    for (const auto& [key, value] : checked_tags(call))
        group.tags[key] = value;
    if (group.tags.size() > 50)
        throw ServiceError(400, "TooManyTagsException", "A resource has at most 50 tags");
    store.put_group(group);
    return nothing();
}

http::Response untag(LogStore& store, Call& call)
{
    auto group = tagged_group(store, call);
    const Input input(call.input, invalid);
    for (const auto* name : {"tagKeys", "tags"})
        if (call.input.contains(name))
            for (const auto& key : *input.array(name))
                if (key.is_string())
                    group.tags.erase(std::string(key.get_string()));
    store.put_group(group);
    return nothing();
}

http::Response list_tags(LogStore& store, Call& call)
{
    return json_1_1_answer({{"tags", map_to_json(tagged_group(store, call).tags)}});
}

} // namespace

std::vector<Operation> logs_group_operations(LogStore& store)
{
    auto describe = entry(store, "DescribeLogGroups", "logs:DescribeLogGroups", describe_groups);
    describe.resource = nullptr; // of a list, IAM knows no resource
    auto create = entry(store, "CreateLogGroup", "logs:CreateLogGroup", create_group);
    create.tag_action = "logs:TagResource";
    return {
        create,
        entry(store, "DeleteLogGroup", "logs:DeleteLogGroup", delete_group),
        describe,
        entry(store, "PutRetentionPolicy", "logs:PutRetentionPolicy", put_retention),
        entry(store, "DeleteRetentionPolicy", "logs:DeleteRetentionPolicy", delete_retention),
        entry(store, "TagResource", "logs:TagResource", tag),
        entry(store, "UntagResource", "logs:UntagResource", untag),
        entry(store, "ListTagsForResource", "logs:ListTagsForResource", list_tags),
        entry(store, "TagLogGroup", "logs:TagLogGroup", tag),
        entry(store, "UntagLogGroup", "logs:UntagLogGroup", untag),
        entry(store, "ListTagsLogGroup", "logs:ListTagsLogGroup", list_tags),
    };
}

} // namespace nimbus::local
