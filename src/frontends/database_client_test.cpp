#include "base/file.h"
#include "frontends/database_client.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class QueriesWithoutTheirPackage : public testing::Test {
protected:
    /// Of an index.ts that declares a database, and another source with this text.
    std::vector<std::string>
    told(const std::string& text,
         const std::string& declaration = "const db = app.SQL({ name: 'main-db' });")
    {
        const auto& project = directory_.path();
        write_file(project / "index.ts", declaration + '\n');
        write_file(project / "users.ts", text);
        return warnings_of_queries({project / "index.ts", project / "users.ts"}, project);
    }

private:
    TemporaryDirectory directory_;
};

TEST_F(QueriesWithoutTheirPackage, AreToldWithTheirPlace)
{
    EXPECT_THAT(
        told("\nconst users = await db.query<User>('SELECT 1');\nawait db.execute('…');"),
        ElementsAre("users.ts:2: db.query needs the package pg, which is not installed: npm "
                    "install pg."));
    EXPECT_THAT(told("await data.db.transaction(async (tx) => {});"), testing::SizeIs(1));
    EXPECT_THAT(told("await store.queryOne('…')", "export const store: SqlDatabase = app.SQL({"),
                ElementsAre(testing::StartsWith("users.ts:1: store.queryOne needs")));
}

TEST_F(QueriesWithoutTheirPackage, AreNothingElse)
{
    EXPECT_THAT(
        told(
            "// await db.query('…')\n * db.query(\nmydb.query('…'); db.queryAll(); db.query.users"),
        IsEmpty());
    EXPECT_THAT(told("const client = postgres(db.options('postgres.js')); client.query('…')"),
                IsEmpty());
    EXPECT_THAT(told("db.query('…')", "app.SQL({ name: 'main-db' });"), IsEmpty());
    EXPECT_THAT(told("db.query('…')", "// const db = app.SQL({ name: 'main-db' });"), IsEmpty());
}

} // namespace
} // namespace nimbus::frontends
