#pragma once

#include "aws/client.h"
#include "base/mutex.h"
#include "cli/database_template.h"
#include "sigv4/sigv4.h"

#include <map>
#include <string>
#include <vector>

namespace nimbus::cli {

/// A copy of each database of the application, for one test or one run of them.
struct TestSchema {
    std::string name;
    /// What functions find: SQL_<NAME>_ENDPOINT and so on.
    std::map<std::string, std::string> variables;
    std::map<std::string, std::string> endpoints; ///< by the names of the databases
};

/// The databases that this process has for tests. Thread-safe.
class TestDatabases {
public:
    /// `local` outlives it.
    TestDatabases(const aws::Client& local, TestTemplate from);
    /// Removes those that are left.
    ~TestDatabases();
    TestDatabases(const TestDatabases&) = delete;
    TestDatabases& operator=(const TestDatabases&) = delete;

    TestSchema make() NIMBUS_EXCLUDES(mutex_);
    /// False when there is none of that name.
    bool remove(const std::string& name) NIMBUS_EXCLUDES(mutex_);

    /// Those of the functions' role. They last longer than tests do.
    const sigv4::Credentials& credentials() const noexcept { return credentials_; }
    /// The one that all tests may use that ask for none.
    const TestSchema& common() const noexcept { return common_; }

private:
    TestSchema make_with(sigv4::Credentials* credentials) NIMBUS_EXCLUDES(mutex_);

    const aws::Client& local_;
    const TestTemplate from_;
    Mutex mutex_;
    /// The identifiers of their copies, by their names.
    std::map<std::string, std::vector<std::string>> schemas_ NIMBUS_GUARDED_BY(mutex_);
    sigv4::Credentials credentials_;
    TestSchema common_;
};

} // namespace nimbus::cli
