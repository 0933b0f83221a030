#include "local/services/lambda/function_registry.h"

#include "base/arn.h"
#include "base/assert.h"
#include "local/iam/evaluate.h"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace nimbus::local {
namespace {

/// A greedy route makes a source ARN per path that clients ask for; decisions beyond this many are
/// made anew each time.
constexpr std::size_t most_cached_decisions = 4096;

json::object to_json(const std::map<std::string, std::string>& map)
{
    json::object result;
    for (const auto& [key, value] : map)
        result[key] = value;
    return result;
}

std::map<std::string, std::string> map_member(const json::object& document, std::string_view key)
{
    std::map<std::string, std::string> result;
    if (const auto* object = object_member(document, key))
        for (const auto& [name, value] : *object)
            result[name] = std::string(value.as_string());
    return result;
}

json::object to_json(const EventInvokeConfig& config)
{
    json::object object{{"modified", to_unix_milliseconds(config.modified)}};
    if (config.maximum_retry_attempts)
        object["retryAttempts"] = *config.maximum_retry_attempts;
    if (config.maximum_event_age)
        object["eventAge"] = config.maximum_event_age->count();
    return object;
}

std::optional<EventInvokeConfig> event_invoke_config(const json::object& document)
{
    const auto* object = object_member(document, "eventInvokeConfig");
    if (object == nullptr)
        return std::nullopt;
    EventInvokeConfig config{
        .modified = from_unix_milliseconds(integer_member(*object, "modified").value_or(0))};
    if (const auto attempts = integer_member(*object, "retryAttempts"))
        config.maximum_retry_attempts = static_cast<int>(*attempts);
    if (const auto age = integer_member(*object, "eventAge"))
        config.maximum_event_age = std::chrono::seconds(*age);
    return config;
}

json::object to_json(const FunctionRecord& record)
{
    const auto& function = *record.function;
    json::object document{{"name", function.name},
                          {"arn", function.arn},
                          {"runtime", function.runtime},
                          {"handler", function.handler},
                          {"role", function.role_arn},
                          {"architecture", function.architecture},
                          {"memory", function.memory_megabytes},
                          {"timeout", function.timeout_seconds},
                          {"environment", to_json(function.environment)},
                          {"codeSha256", function.code_sha256},
                          {"codeZip", function.code_zip.string()},
                          {"revision", function.revision_id},
                          {"logGroup", function.log_group},
                          {"region", record.region},
                          {"description", record.description},
                          {"codeBytes", record.code_bytes},
                          {"modified", to_unix_milliseconds(record.modified)},
                          {"ephemeralStorage", function.ephemeral_storage_megabytes},
                          {"tracing", record.tracing_mode},
                          {"tags", to_json(record.tags)},
                          {"policy", record.policy_statements}};
    if (record.event_invoke_config)
        document["eventInvokeConfig"] = to_json(*record.event_invoke_config);
    return document;
}

FunctionRecord from_json(const json::object& document)
{
    const auto number = [&](std::string_view key) {
        return integer_member(document, key).value_or(0);
    };
    auto function = std::make_shared<Function>();
    function->name = string_or_empty(document, "name");
    function->arn = string_or_empty(document, "arn");
    function->runtime = string_or_empty(document, "runtime");
    function->handler = string_or_empty(document, "handler");
    function->role_arn = string_or_empty(document, "role");
    function->architecture = string_or_empty(document, "architecture");
    function->memory_megabytes = static_cast<int>(number("memory"));
    function->timeout_seconds = static_cast<int>(number("timeout"));
    function->ephemeral_storage_megabytes = static_cast<int>(number("ephemeralStorage"));
    function->environment = map_member(document, "environment");
    function->code_sha256 = string_or_empty(document, "codeSha256");
    function->code_zip = string_or_empty(document, "codeZip");
    function->revision_id = string_or_empty(document, "revision");
    function->log_group = string_or_empty(document, "logGroup");
    FunctionRecord record;
    record.function = std::move(function);
    record.region = string_or_empty(document, "region");
    record.description = string_or_empty(document, "description");
    record.code_bytes = number("codeBytes");
    record.modified = from_unix_milliseconds(number("modified"));
    record.tracing_mode = string_member(document, "tracing").value_or(record.tracing_mode);
    record.tags = map_member(document, "tags");
    if (const auto* statements = array_member(document, "policy"))
        record.policy_statements = *statements;
    record.event_invoke_config = event_invoke_config(document);
    return record;
}

std::string key_of(const FunctionRecord& record)
{
    return record.region + "/" + record.function->name;
}

} // namespace

std::string FunctionRecord::policy() const
{
    if (policy_statements.empty())
        return {};
    return R"({"Version":"2012-10-17","Id":"default","Statement":)" +
           json::serialize(policy_statements) + '}';
}

int FunctionRecord::maximum_retry_attempts() const
{
    constexpr int by_default = 2;
    return event_invoke_config ? event_invoke_config->maximum_retry_attempts.value_or(by_default)
                               : by_default;
}

std::chrono::seconds FunctionRecord::maximum_event_age() const
{
    constexpr std::chrono::hours by_default(6);
    return event_invoke_config ? event_invoke_config->maximum_event_age.value_or(by_default)
                               : by_default;
}

/// One function as the gateway sees it. A change makes a new entry, with an empty cache.
struct FunctionRegistry::Entry {
    explicit Entry(FunctionRecord of) : record(std::move(of))
    {
        if (const auto text = record.policy(); !text.empty())
            policy = iam::parse_policy(text, iam::PolicyUse::resource);
    }

    bool allows(const std::string& source_arn) NIMBUS_EXCLUDES(mutex)
    {
        {
            const MutexLock lock(mutex);
            if (const auto known = decisions.find(source_arn); known != decisions.end())
                return known->second;
        }
        const auto source = Arn::parse(source_arn);
        const iam::Question question{
            .principal = {.kind = Principal::Kind::service, .arn = "apigateway.amazonaws.com"},
            .action = "lambda:InvokeFunction",
            .resource = record.function->arn,
            .context = {{"aws:SourceArn", source_arn},
                        {"aws:SourceAccount", source ? source->account : ""}}};
        const auto allowed = iam::evaluate_resource(policy, question) == iam::Verdict::allow;
        const MutexLock lock(mutex);
        if (decisions.size() < most_cached_decisions)
            decisions.emplace(source_arn, allowed);
        return allowed;
    }

    FunctionRecord record;
    iam::PolicyDocument policy;
    Mutex mutex;
    std::unordered_map<std::string, bool> decisions NIMBUS_GUARDED_BY(mutex);
};

std::string unqualified_function_arn(const std::string& arn)
{
    // arn:aws:lambda:region:account:function:name[:qualifier]
    if (std::ranges::count(arn, ':') <= 6)
        return arn;
    std::size_t end = 0;
    for (int field = 0; field < 7; ++field)
        end = arn.find(':', end) + 1;
    return arn.substr(0, end - 1);
}

FunctionRegistry::FunctionRegistry(sqlite::Database& database, std::string default_region)
    : database_(database), default_region_(std::move(default_region)),
      table_(database, "lambda_functions")
{
    for (const auto& [key, document] : table_.list()) {
        auto one = std::make_shared<Entry>(from_json(document));
        auto arn = one->record.function->arn;
        entries_.emplace(std::move(arn), std::move(one));
    }
}

FunctionRegistry::~FunctionRegistry() = default;

std::shared_ptr<FunctionRegistry::Entry>
FunctionRegistry::entry(const std::string& arn_or_name) const
{
    const MutexLock lock(mutex_);
    if (arn_or_name.starts_with("arn:")) {
        const auto found = entries_.find(unqualified_function_arn(arn_or_name));
        return found == entries_.end() ? nullptr : found->second;
    }
    for (const auto& [arn, one] : entries_)
        if (one->record.function->name == arn_or_name && one->record.region == default_region_)
            return one;
    return nullptr;
}

std::shared_ptr<const Function> FunctionRegistry::find_function(const std::string& arn_or_name)
{
    const auto found = entry(arn_or_name);
    return found ? found->record.function : nullptr;
}

bool FunctionRegistry::api_gateway_may_invoke(const std::string& function_arn,
                                              const std::string& source_arn)
{
    const auto found = entry(function_arn);
    return found && found->allows(source_arn);
}

std::shared_ptr<const FunctionRecord> FunctionRegistry::find_arn(const std::string& arn)
{
    auto found = entry(arn);
    const auto* record = found ? &found->record : nullptr;
    return {std::move(found), record};
}

std::optional<FunctionRecord> FunctionRegistry::find(const std::string& region,
                                                     const std::string& name)
{
    const auto document = table_.find(region + "/" + name);
    if (!document)
        return std::nullopt;
    return from_json(*document);
}

void FunctionRegistry::put(const FunctionRecord& record)
{
    NIMBUS_ASSERT(record.function != nullptr, "a function's record has a function");
    auto one = std::make_shared<Entry>(record);
    table_.put(key_of(record), to_json(record));
    const MutexLock lock(mutex_);
    entries_[record.function->arn].swap(one); // the old one ends outside the lock
}

void FunctionRegistry::erase(const FunctionRecord& record)
{
    // As one: somebody may make a function of that name again.
    database_.transaction([&] {
        table_.erase(key_of(record));
        const MutexLock lock(mutex_);
        entries_.erase(record.function->arn);
    });
}

std::vector<FunctionRecord> FunctionRegistry::list(const std::string& region)
{
    auto records = all();
    std::erase_if(records, [&](const FunctionRecord& one) { return one.region != region; });
    return records;
}

std::vector<FunctionRecord> FunctionRegistry::all()
{
    std::vector<FunctionRecord> result;
    for (const auto& [key, document] : table_.list())
        result.push_back(from_json(document));
    return result;
}

} // namespace nimbus::local
