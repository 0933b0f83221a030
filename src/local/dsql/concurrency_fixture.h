#pragma once

#include "local/dsql/session_fixture.h"

#include <array>
#include <optional>
#include <string>

/// Two sessions that meet on a table and another one that refers to it.
namespace nimbus::local::dsql {

using namespace testing_cluster;

/// A client in one of the two protocols.
struct Client {
    Connection connection;
    bool extended = false;

    std::string operator()(const std::string& sql)
    {
        return extended ? connection.run_extended(sql) : connection.run(sql);
    }
};

class DsqlConcurrency : public DsqlSession, public testing::WithParamInterface<bool> {
public:
    static constexpr const char* conflict =
        "40001 change conflicts with another transaction (OC000)";
    static constexpr const char* schema_conflict =
        "40001 schema has been updated by another transaction (OC001)";

protected:
    void SetUp() override
    {
        DsqlSession::SetUp();
        if (IsSkipped())
            return;
        a_.emplace(Client{admin(), GetParam()});
        b_.emplace(Client{admin(), GetParam()});
        b("CREATE TABLE parent (id int PRIMARY KEY, name text UNIQUE, rank int)");
        b("CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent, n int)");
        b("INSERT INTO parent VALUES (1, 'one'), (2, 'two')");
        b("INSERT INTO child VALUES (1, 1, 0)");
    }
    void TearDown() override
    {
        if (IsSkipped())
            return;
        a_.reset();
        b_.reset();
        auto connection = admin();
        connection.run("DROP TABLE IF EXISTS child, parent CASCADE");
    }

    std::string a(const std::string& sql) { return (*a_)(sql); }
    std::string b(const std::string& sql) { return (*b_)(sql); }
    std::string seen(const std::string& sql) { return admin().run(sql); }

    std::optional<Client> a_;
    std::optional<Client> b_;
};

/// The row of `parent` that is written to, and how a block ends whose child was first.
struct ParentChange {
    const char* sql;
    const char* tag;
    const char* end;
};

inline constexpr std::array<ParentChange, 8> changes_of_parents{
    {{"SELECT name FROM parent WHERE id = 2 FOR UPDATE", "two", DsqlConcurrency::conflict},
     {"SELECT name FROM parent WHERE id = 1 FOR UPDATE", "one", "COMMIT"},
     {"SELECT name FROM parent WHERE id = 2 FOR KEY SHARE", "two", "COMMIT"},
     {"DELETE FROM parent WHERE id = 2", "DELETE 1", DsqlConcurrency::conflict},
     {"UPDATE parent SET id = 7 WHERE id = 2", "UPDATE 1", DsqlConcurrency::conflict},
     {"UPDATE parent SET name = 'zwei' WHERE id = 2", "UPDATE 1", DsqlConcurrency::conflict},
     {"UPDATE parent SET name = 'eins' WHERE id = 1", "UPDATE 1", "COMMIT"},
     {"UPDATE parent SET rank = 7 WHERE id = 2", "UPDATE 1", "COMMIT"}}};

} // namespace nimbus::local::dsql
