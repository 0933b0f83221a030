#pragma once

#include "base/mutex.h"
#include "base/time.h"
#include "local/iam/policy_document.h"
#include "local/lambda/function.h"
#include "sqlite/document_table.h"

#include <atomic>
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
    int ephemeral_storage_megabytes = 512;
    std::map<std::string, std::string> tags;
    json::array policy_statements; ///< of the resource policy, in the order they were added

    std::optional<EventInvokeConfig> event_invoke_config;

    /// The policy document; empty when there are no statements.
    std::string policy() const;
    /// How often an event that the function fails is run again, and for how long an event is kept.
    int maximum_retry_attempts() const;
    std::chrono::seconds maximum_event_age() const;
};

/// The functions of all regions: a table, and a snapshot of it in memory that is replaced as a
/// whole, so that lookups take no lock. Thread-safe.
class FunctionRegistry : public FunctionDirectory {
public:
    /// A bare name means the function of that name in `default_region`. Reads the table; throws
    /// Error when it cannot.
    FunctionRegistry(sqlite::Database& database, std::string default_region);
    ~FunctionRegistry() override;

    std::shared_ptr<const Function> find_function(const std::string& arn_or_name) override;
    bool api_gateway_may_invoke(const std::string& function_arn,
                                const std::string& source_arn) override;

    std::optional<FunctionRecord> find(const std::string& region, const std::string& name);
    /// By its ARN, qualified or not.
    std::optional<FunctionRecord> find_arn(const std::string& arn);
    void put(const FunctionRecord& record);
    void erase(const FunctionRecord& record);
    /// Of one region, by name.
    std::vector<FunctionRecord> list(const std::string& region);
    /// Of all regions.
    std::vector<FunctionRecord> all();

    sqlite::Database& database() noexcept { return database_; }

private:
    struct Entry;
    using Snapshot = std::unordered_map<std::string, std::shared_ptr<Entry>>; ///< by ARN

    std::shared_ptr<Entry> entry(const std::string& arn_or_name) const;
    void replace(const std::string& arn, std::shared_ptr<Entry> entry);

    sqlite::Database& database_;
    std::string default_region_;
    sqlite::DocumentTable table_;
    Mutex writers_; ///< one at a time makes the next snapshot; readers take none
    std::atomic<std::shared_ptr<const Snapshot>> snapshot_;
};

/// The ARN without a version or alias behind the name.
std::string unqualified_function_arn(const std::string& arn);

} // namespace nimbus::local
