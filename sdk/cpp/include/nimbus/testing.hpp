#pragma once

#include <map>
#include <nimbus/sql.hpp>
#include <optional>
#include <stdexcept>
#include <string>

/// For the tests of an application that run under `nimbus test`. GoogleTest is not needed, and
/// nimbus.hpp does not include this header.
namespace nimbus::testing {

/// There is no database for the test: `nimbus test` does not run it, or could not make one.
class no_database : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Databases that nobody else has, with all migrations applied and no other rows: for as long as it
/// lives, the variables of the process lead to them (SQL_<NAME>_…). An application that is made
/// meanwhile uses them. One at a time in a process.
class schema {
public:
    /// Throws no_database.
    schema();
    /// Deletes them.
    ~schema();
    schema(const schema&) = delete;
    schema& operator=(const schema&) = delete;

    const std::string& name() const noexcept { return name_; }

private:
    std::string name_;
    std::map<std::string, std::optional<std::string>> before_; ///< values of the variables
};

/// A fixture whose tests have a schema each:
///
///     class orders : public nimbus::testing::schema_per_test<::testing::Test> {
///     protected:
///         orders() { declare_orders(app); }
///         nimbus::app app{{.project_name = "shop", .region = "us-east-1"}};
///     };
///
/// `Test` is a fixture of the test library, such as GoogleTest's.
template <class Test>
class schema_per_test : public Test {
private:
    schema schema_;
};

/// Runs `f(transaction&)` and rolls back what it did, whether it returns or throws: for tests that
/// share a schema. The application's handlers have transactions of their own, which this does not
/// undo.
template <class F>
void rolled_back(const sql::database& database, F&& f)
{
    struct over {};
    try {
        database.transaction(
            [&](sql::transaction& statements) {
                f(statements);
                throw over{};
            },
            {.max_attempts = 1});
    } catch (const over&) {
        // All is as it was.
    }
}

} // namespace nimbus::testing
