#include "base/error.h"
#include "deploy/kinds/sql/migration_batch.h"

#include <gmock/gmock.h>

namespace nimbus::deploy::sql {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<KeyColumn> id{{.name = "id", .type = "bigint"}};
const std::vector<KeyColumn> two{{.name = "tenant", .type = "text"},
                                 {.name = "Id", .type = "uuid"}};

std::string refusal(std::string_view statement)
{
    try {
        batch_of(statement);
    } catch (const Error& error) {
        return error.what();
    }
    return "was not refused";
}

TEST(MigrationBatch, TakesTheRowsBehindOneKeyUpToAnother)
{
    const auto update = batch_of("UPDATE users AS u SET n = n + 1 -- all\nWHERE n < 5 OR n > 9");
    EXPECT_EQ(update.table, "users");
    EXPECT_EQ(end_of_batch(update, id, false, 2000),
              "SELECT \"id\"::text AS nimbus_key_0 FROM users AS u WHERE (n < 5 OR n > 9) ORDER BY "
              "\"id\" LIMIT 1 OFFSET 1999");
    EXPECT_EQ(one_batch(update, id, false, true),
              "UPDATE users AS u SET n = n + 1 WHERE (n < 5 OR n > 9) AND \"id\" <= $1::bigint");
    EXPECT_EQ(one_batch(update, id, true, true),
              "UPDATE users AS u SET n = n + 1 WHERE (n < 5 OR n > 9) AND \"id\" > $1::bigint AND "
              "\"id\" <= $2::bigint");
}

TEST(MigrationBatch, GoesOnAlongTheTableThatItBeganWith)
{
    const auto corrected = batch_of("UPDATE users SET n = 2");
    EXPECT_NO_THROW(check_correction(corrected, "UPDATE users SET n = 1"));
    EXPECT_NO_THROW(check_correction(corrected, "INSERT INTO a (b, c"));
    EXPECT_THROW(check_correction(corrected, "DELETE FROM others"), Error);
}

TEST(MigrationBatch, GoesAlongAllColumnsOfAKey)
{
    const auto all = batch_of("DELETE FROM app.\"Users\"");
    EXPECT_EQ(all.table, "app.\"Users\"");
    EXPECT_EQ(end_of_batch(all, two, true, 10),
              "SELECT \"tenant\"::text AS nimbus_key_0, \"Id\"::text AS nimbus_key_1 FROM "
              "app.\"Users\" WHERE (\"tenant\", \"Id\") > ($1::text, $2::uuid) ORDER BY "
              "\"tenant\", \"Id\" LIMIT 1 OFFSET 9");
    EXPECT_EQ(one_batch(all, two, false, false), "DELETE FROM app.\"Users\"");
    EXPECT_EQ(one_batch(all, two, true, true),
              "DELETE FROM app.\"Users\" WHERE (\"tenant\", \"Id\") > ($1::text, $2::uuid) AND "
              "(\"tenant\", \"Id\") <= ($3::text, $4::uuid)");
}

TEST(MigrationBatch, AnInsertGoesAlongTheTableThatItSelectsFrom)
{
    const auto insert = batch_of(
        "INSERT INTO names (id, name) SELECT u.id, (SELECT max(e.a) FROM e WHERE e.u = u.id) FROM "
        "users u WHERE u.a IS DISTINCT FROM u.b ON CONFLICT (id) WHERE id > 1 DO NOTHING");
    EXPECT_EQ(insert.table, "users");
    EXPECT_EQ(insert.from, "users u");
    EXPECT_EQ(insert.condition, "u.a IS DISTINCT FROM u.b");
    EXPECT_EQ(insert.tail, "ON CONFLICT (id) WHERE id > 1 DO NOTHING");
    EXPECT_THAT(one_batch(insert, id, true, false),
                HasSubstr("AND \"id\" > $1::bigint ON CONFLICT (id)"));
}

TEST(MigrationBatch, RefusesWhatWouldDoSomethingElseInBatches)
{
    for (const auto& [statement, why] : std::initializer_list<std::pair<const char*, const char*>>{
             {"CREATE TABLE a (b int)", "it is no UPDATE, DELETE or INSERT"},
             {"WITH x AS (SELECT 1) UPDATE a SET b = 1", "it is no UPDATE"},
             {"INSERT INTO a VALUES (1)", "it selects no rows of a table"},
             {"UPDATE a SET b = c.d FROM c WHERE a.id = c.id", "takes values FROM another table"},
             {"DELETE FROM a USING b WHERE a.id = b.id", "deletes USING another table"},
             {"UPDATE a SET b = 1 RETURNING id", "it has RETURNING"},
             {"UPDATE a SET b = (SELECT max(b) FROM a)", "its query in brackets reads a"},
             {"DELETE FROM app.a WHERE id IN (SELECT p FROM \"a\")", "reads a"},
             {"DELETE FROM a WHERE id IN (SELECT b FROM c LIMIT 10)", "without ORDER BY"},
             {"INSERT INTO a SELECT count(*) FROM b", "its COUNT takes more than one row"},
             {"INSERT INTO a SELECT coalesce(sum(c), 0) FROM b", "its SUM takes"},
             {"INSERT INTO a SELECT rank() OVER (ORDER BY c) FROM b", "its OVER takes"},
             {"INSERT INTO a SELECT DISTINCT c FROM b", "its DISTINCT takes"},
             {"INSERT INTO a SELECT c FROM b ORDER BY c LIMIT 5", "its ORDER takes"},
             {"INSERT INTO a SELECT c FROM b UNION ALL SELECT c FROM d", "its UNION takes"},
             {"INSERT INTO a SELECT b.c FROM b JOIN d ON b.id = d.id", "its JOIN takes"},
             {"INSERT INTO a SELECT b.c FROM b, d", "not those of one table"},
             {"INSERT INTO a SELECT n FROM generate_series(1, 9) n", "not those of one table"},
             {"INSERT INTO a SELECT c FROM (SELECT c FROM b) x", "not those of one table"},
             {"INSERT INTO a SELECT c FROM a", "it selects from a, into which it inserts"}})
        EXPECT_THAT(refusal(statement), HasSubstr(why)) << statement;
}

TEST(MigrationBatch, TakesQueriesThatSayTheSameInEachBatch)
{
    for (const char* statement :
         {"UPDATE users SET e = (SELECT m FROM mails WHERE mails.u = users.id ORDER BY t LIMIT 1)",
          "DELETE FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.id = a.id)",
          "UPDATE a SET b = CASE WHEN c IS DISTINCT FROM d THEN 1 ELSE 2 END"})
        EXPECT_EQ(refusal(statement), "was not refused") << statement;
}

TEST(MigrationBatch, NeedsAPrimaryKeyThatStaysAsItIs)
{
    const auto update = batch_of("UPDATE a SET (b, \"Id\") = (1, c), d =-e");
    EXPECT_THAT(update.assigned, ElementsAre("b", "Id", "d"));
    EXPECT_NO_THROW(check_key(update, id));
    EXPECT_THROW(check_key(update, two), Error);
    EXPECT_THROW(check_key(update, {}), Error);
}

} // namespace
} // namespace nimbus::deploy::sql
