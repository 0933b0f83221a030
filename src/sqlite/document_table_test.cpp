#include "base/error.h"
#include "sqlite/document_table.h"

#include <gtest/gtest.h>

namespace nimbus::sqlite {
namespace {

class DocumentTableTest : public testing::Test {
protected:
    std::vector<std::string> keys(const std::vector<DocumentTable::Entry>& entries)
    {
        std::vector<std::string> result;
        for (const auto& [key, document] : entries)
            result.push_back(key);
        return result;
    }

    Database database_{":memory:"};
    DocumentTable table_{database_, "things"};
};

TEST_F(DocumentTableTest, KeepsOneDocumentAKey)
{
    table_.put("a", {{"n", 1}});
    table_.put("a", {{"n", 2}});
    EXPECT_EQ(table_.find("a"), (json::object{{"n", 2}}));
    EXPECT_TRUE(table_.erase("a"));
    EXPECT_FALSE(table_.erase("a"));
    EXPECT_FALSE(table_.find("a"));
}

TEST_F(DocumentTableTest, ListsByPrefixInPages)
{
    for (const auto* key : {"b/2", "a/1", "b/1", "b%", "c"})
        table_.put(key, {});
    EXPECT_EQ(keys(table_.list()), (std::vector<std::string>{"a/1", "b%", "b/1", "b/2", "c"}));
    EXPECT_EQ(keys(table_.list("b/")), (std::vector<std::string>{"b/1", "b/2"}));
    EXPECT_EQ(keys(table_.list("b/", "b/1")), std::vector<std::string>{"b/2"});
    EXPECT_EQ(keys(table_.list({}, {}, 2)), (std::vector<std::string>{"a/1", "b%"}));
}

TEST_F(DocumentTableTest, TakesPartInTransactions)
{
    EXPECT_THROW(database_.transaction([&] {
        table_.put("a", {});
        throw Error("changed my mind");
    }),
                 Error);
    EXPECT_FALSE(table_.find("a"));
}

TEST_F(DocumentTableTest, ARowThatIsNoObjectIsNamedWithItsTable)
{
    database_.execute("INSERT INTO things VALUES ('a', '[]')");
    try {
        table_.find("a");
        FAIL() << "the row was taken";
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(), "A row of things does not hold a JSON object.");
    }
}

} // namespace
} // namespace nimbus::sqlite
