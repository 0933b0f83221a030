#include "manifest/function_reader.h"

#include "base/text.h"
#include "manifest/grammar.h"
#include "manifest/reader.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace nimbus::manifest {
namespace {

/// A non-empty list whose texts each hold to `rule`.
std::vector<std::string> need_texts(ObjectReader& reader, std::string_view field,
                                    const TextRule& rule)
{
    auto texts = reader.text_or_list(field);
    if (!texts || texts->empty()) {
        if (reader.find(field) == nullptr || (texts && texts->empty()))
            reader.report(field, "is missing: it must be " + std::string(rule.allowed) +
                                     ", or a list of such");
        return {};
    }
    for (const auto& text : *texts)
        if (!rule.holds(text))
            reader.report(field,
                          "must be " + std::string(rule.allowed) + ", not " + in_quotes(text));
    return std::move(*texts);
}

Permission read_permission(const json::value& value, const std::string& path, Problems& problems)
{
    ObjectReader reader(value, path, {"Effect", "Action", "Resource"}, problems);
    Permission permission;
    permission.effect = reader.required_text("Effect", effect_rule);
    permission.actions = need_texts(reader, "Action", action_rule);
    permission.resources = need_texts(reader, "Resource", resource_rule);
    return permission;
}

/// AWS's name, or the one that Nimbus had first.
std::optional<int> read_memory(ObjectReader& reader)
{
    const auto* alias = "memory";
    const auto read = [&](std::string_view field) {
        return reader.integer(field, 128, 10'240, "megabytes");
    };
    if (reader.find("memorySize") == nullptr)
        return read(alias);
    const auto memory = read("memorySize");
    if (reader.find(alias) != nullptr && memory && read(alias) != memory)
        reader.report(alias, "must not differ from memorySize, which means the same");
    return memory;
}

/// What CloudWatch Logs takes; from the API reference of PutRetentionPolicy.
constexpr std::array log_retention_days{1,    3,    5,    7,    14,   30,  60,  90,
                                        120,  150,  180,  365,  400,  545, 731, 1096,
                                        1827, 2192, 2557, 2922, 3288, 3653};

/// Those next to `days`, which is none of them: "14 or 30".
std::string allowed_days_near(double days)
{
    const auto more = std::ranges::lower_bound(log_retention_days, days);
    std::string near;
    if (more != log_retention_days.begin())
        near = std::to_string(*std::prev(more));
    if (more != log_retention_days.end())
        near += (near.empty() ? "" : " or ") + std::to_string(*more);
    return near;
}

} // namespace

std::optional<int> read_log_retention(ObjectReader& reader)
{
    constexpr auto* field = "logRetention";
    const auto* value = reader.find(field);
    if (value == nullptr)
        return {};
    if (const auto* text = value->if_string(); text != nullptr && *text == "infinite")
        return infinite_retention;
    const auto days = whole_number(*value);
    if (days && std::ranges::find(log_retention_days, *days) != log_retention_days.end())
        return static_cast<int>(*days);
    const auto near = value->is_number() ? allowed_days_near(value->to_number<double>()) : "30";
    reader.refuse(field, "a number of days that CloudWatch Logs allows, such as " + near +
                             ", or \"infinite\"");
    return {};
}

FunctionReading read_function(const json::value& value, const std::string& path, Problems& problems)
{
    ObjectReader reader(value, path,
                        {"name", "description", "architecture", "memorySize", "memory", "timeout",
                         "environment", "uses", "permissions", "logRetention"},
                        problems);
    Function function;
    function.name = reader.required_text("name", function_name_rule);
    function.description = reader.text("description", description_rule).value_or("");
    function.architecture = reader.text("architecture", architecture_rule).value_or("");
    function.memory_megabytes = read_memory(reader).value_or(function.memory_megabytes);
    function.timeout_seconds =
        reader.integer("timeout", 1, 900, "seconds").value_or(function.timeout_seconds);
    function.environment = reader.text_map("environment");
    auto uses = reader.text_list("uses");
    const bool has_uses = uses.has_value();
    function.uses = std::move(uses).value_or(std::vector<std::string>());
    reader.each("permissions", [&](const json::value& permission, const std::string& where) {
        function.permissions.push_back(read_permission(permission, where, problems));
    });
    function.log_retention_days = read_log_retention(reader);
    return {std::move(function), has_uses};
}

} // namespace nimbus::manifest
