#pragma once

#include "base/mutex.h"
#include "base/time.h"
#include "local/iam/policy_document.h"
#include "local/lambda/function.h"
#include "sqlite/document_table.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace nimbus::local {

/// What an owner says of a function's events. Source: Lambda API Reference,
/// PutFunctionEventInvokeConfig.
struct EventInvokeConfig {
    std::optional<int> maximum_retry_attempts;
    std::optional<std::chrono::seconds> maximum_event_age;
    SystemTime modified;
};

/// Everything that Lambda's control plane keeps of a function: the data plane's part, and the rest.
struct FunctionRecord {
    std::shared_ptr<const Function> function;
    std::string region;
    std::string description;
    std::int64_t code_bytes = 0;
    SystemTime modified;
    std::string tracing_mode = "PassThrough";
    std::map<std::string, std::string> tags;
    json::array policy_statements; ///< of the resource policy, in the order they were added

    std::optional<EventInvokeConfig> event_invoke_config;

    /// The policy document; empty when there are no statements.
    std::string policy() const;
    /// How often an event that the function fails is run again, and for how long an event is kept.
    int maximum_retry_attempts() const;
    std::chrono::seconds maximum_event_age() const;
};

/// The functions of all regions: a table, and what it holds in memory, for whoever only reads.
/// Thread-safe.
class FunctionRegistry : public FunctionDirectory {
public:
    /// A bare name means the function of that name in `default_region`. Reads the table; throws
    /// Error when it cannot.
    FunctionRegistry(sqlite::Database& database, std::string default_region);
    ~FunctionRegistry() override;

    std::shared_ptr<const Function> find_function(const std::string& arn_or_name) override;
    bool api_gateway_may_invoke(const std::string& function_arn,
                                const std::string& source_arn) override;

    /// From the table, in a transaction where it is changed after that.
    std::optional<FunctionRecord> find(const std::string& region, const std::string& name);
    /// By its ARN, qualified or not. From memory; null when there is none.
    std::shared_ptr<const FunctionRecord> find_arn(const std::string& arn);
    void put(const FunctionRecord& record);
    void erase(const FunctionRecord& record);
    /// Of one region, by name.
    std::vector<FunctionRecord> list(const std::string& region);
    /// Of all regions.
    std::vector<FunctionRecord> all();

    sqlite::Database& database() noexcept { return database_; }

private:
    struct Entry;

    std::shared_ptr<Entry> entry(const std::string& arn_or_name) const;

    sqlite::Database& database_;
    std::string default_region_;
    sqlite::DocumentTable table_;
    mutable Mutex mutex_; ///< held for a lookup at most: the gateway's thread takes it
    std::unordered_map<std::string, std::shared_ptr<Entry>>
        entries_ NIMBUS_GUARDED_BY(mutex_); ///< by ARN; what an entry says never changes
};

/// The ARN without a version or alias behind the name.
std::string unqualified_function_arn(const std::string& arn);

} // namespace nimbus::local
