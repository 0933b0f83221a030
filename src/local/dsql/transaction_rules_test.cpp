#include "local/dsql/transaction_rules.h"

#include <gtest/gtest.h>

namespace nimbus::local::dsql {
namespace {

using enum StatementKind;

class Rules : public testing::Test {
protected:
    std::string admit(StatementKind kind, std::optional<std::uint64_t> rows = {})
    {
        const auto refusal = rules_.admit(kind, rows, now_);
        return refusal ? refusal->sqlstate + ' ' + refusal->message : "";
    }

    TransactionRules rules_;
    SystemTime now_ = system_now();
    static constexpr const char* multiple =
        "0A000 multiple ddl statements not supported in a transaction";
    static constexpr const char* mixed =
        "0A000 ddl and dml are not supported in the same transaction";
    static constexpr const char* too_many_rows = "54000 transaction row limit exceeded";
};

TEST_F(Rules, StatementsOutsideOfBlocksAreTransactions)
{
    for (const auto kind : {ddl, dml, ddl, ddl, read}) {
        EXPECT_EQ(admit(kind), "");
        rules_.end_of_statements();
    }
}

TEST_F(Rules, OneDdlAndNoDml)
{
    admit(begin);
    EXPECT_EQ(admit(read), "");
    EXPECT_EQ(admit(ddl), "");
    EXPECT_EQ(admit(read), "");
    EXPECT_EQ(admit(ddl), multiple);
    EXPECT_EQ(admit(dml), mixed);
    EXPECT_EQ(admit(rollback), "");
    EXPECT_EQ(admit(dml), "");
    EXPECT_EQ(admit(ddl), mixed);
}

TEST_F(Rules, BlocksLastUntilTheirEnd)
{
    admit(begin);
    admit(ddl);
    rules_.end_of_statements();
    EXPECT_EQ(admit(ddl), multiple);
    EXPECT_EQ(admit(commit), "");
    EXPECT_EQ(admit(ddl), "");
    rules_.set_in_block(false); // as the server says
    EXPECT_EQ(admit(ddl), "");
}

TEST_F(Rules, RowsAddUp)
{
    EXPECT_EQ(admit(dml, 3'000), "");
    rules_.end_of_statements();
    EXPECT_EQ(admit(dml, 3'001), too_many_rows);
    rules_.end_of_statements();
    admit(begin);
    EXPECT_EQ(admit(dml, 2'999), "");
    EXPECT_FALSE(rules_.add_rows(1));
    EXPECT_TRUE(rules_.add_rows(1));
    EXPECT_EQ(admit(dml, 1), too_many_rows);
}

TEST_F(Rules, BlocksGrowOld)
{
    admit(begin);
    now_ += std::chrono::seconds{300};
    EXPECT_EQ(admit(read), "");
    now_ += std::chrono::seconds{1};
    EXPECT_EQ(admit(read), "54000 transaction age limit of 300s exceeded");
    EXPECT_EQ(admit(commit), "54000 transaction age limit of 300s exceeded");
    EXPECT_EQ(admit(rollback), "");
    EXPECT_EQ(admit(read), "");
}

} // namespace
} // namespace nimbus::local::dsql
