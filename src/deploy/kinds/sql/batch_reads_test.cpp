#include "base/error.h"
#include "deploy/kinds/sql/batch_reads.h"

#include <gmock/gmock.h>

namespace nimbus::deploy::sql {
namespace {

using testing::HasSubstr;
using Kind = Definition::Kind;

const std::vector<Definition> schema{
    {.name = "tot", .text = " SELECT sum(acc.bal) AS total FROM acc;"},
    {.name = "over tot", .text = " SELECT tot.total FROM tot;"},
    {.name = "others", .text = " SELECT other.n FROM other;"},
    {.name = "f", .kind = Kind::function, .text = "SELECT * FROM \"over tot\""},
    {.name = "g", .kind = Kind::function, .text = "SELECT $1 + 1"},
    {.name = "atomic", .kind = Kind::function, .text = ""},
    {.name = "pure", .kind = Kind::function, .text = "", .is_immutable = true},
};

std::string refusal(std::string_view statement, const std::string& changed = "acc")
{
    try {
        check_reads(statement, changed, schema);
    } catch (const Error& error) {
        return error.what();
    }
    return "was not refused";
}

TEST(BatchReads, FollowViewsAndFunctionsToTheTableThatIsChanged)
{
    EXPECT_THAT(refusal("UPDATE acc SET bal = bal / (SELECT total FROM tot)"),
                HasSubstr("it uses the view tot, which reads acc"));
    EXPECT_THAT(refusal("UPDATE acc SET bal = (SELECT total FROM \"over tot\")"),
                HasSubstr("it uses the view tot, which reads acc"));
    EXPECT_THAT(refusal("INSERT INTO acc SELECT n, F () FROM other"),
                HasSubstr("it uses the view tot, which reads acc"));
    EXPECT_THAT(refusal("UPDATE acc SET bal = atomic(bal)"),
                HasSubstr("it calls the function atomic, of which it is not known what it reads"));
    EXPECT_THAT(refusal("INSERT INTO tot SELECT 1 FROM acc", "tot"),
                HasSubstr("it changes the view tot"));
}

TEST(BatchReads, TakeWhatReadsOtherTablesOrNone)
{
    EXPECT_EQ(refusal("UPDATE acc SET bal = g(bal) + pure(bal) + (SELECT n FROM others)"),
              "was not refused");
    EXPECT_EQ(refusal("UPDATE acc SET f = atomic WHERE \"F\" (1)"), "was not refused");
    EXPECT_EQ(refusal("UPDATE other SET n = (SELECT total FROM tot)", "other"), "was not refused");
}

} // namespace
} // namespace nimbus::deploy::sql
