#include "core/test_app.h"

#include <gtest/gtest.h>

#include <nimbus/nimbus.hpp>

namespace nimbus::detail {
namespace {

TEST(Sql, DatabasesAreDescribed)
{
    auto app = make_app();
    app.sql({.name = "main-db", .schema = "myapp", .deletion_protection = false});
    app.sql(
        {.name = "log-db", .cluster = "team-db", .migrations = "migrations", .seed = "seed.sql"});

    EXPECT_EQ(describe(app).manifest.at("sql"), parse_json_text(R"([
        {"name": "main-db", "schema": "myapp", "deletionProtection": false},
        {"name": "log-db", "deletionProtection": true, "cluster": "team-db",
         "migrations": "migrations", "seed": "seed.sql"}])"));
}

TEST(Sql, OutsideOfAFunctionSaysWhatIsMissing)
{
    auto app = make_app();
    const auto db = app.sql({.name = "main-db", .schema = "myapp"});
    try {
        db.execute("SELECT 1");
        FAIL();
    } catch (const sql::usage_error& failure) {
        EXPECT_NE(std::string(failure.what()).find("SQL_MAIN_DB_ENDPOINT is not set"),
                  std::string::npos);
    }
}

TEST(Sql, WhileTheProgramIsDescribedSaysToUseItInAHandler)
{
    auto app = make_app();
    const auto db = app.sql({.name = "main-db"});
    const Variable described("NIMBUS_MANIFEST_OUT", "/tmp/manifest.json");
    try {
        db.execute("SELECT 1");
        FAIL();
    } catch (const sql::usage_error& failure) {
        EXPECT_NE(failure.hint().find("in a handler"), std::string::npos) << failure.hint();
    }
}

} // namespace
} // namespace nimbus::detail
