#include "orders.hpp"

#include <gtest/gtest.h>

#include <nimbus/testing.hpp>

// Each test has a database of its own, with all migrations applied.
class Orders : public nimbus::testing::schema_per_test<::testing::Test> {
protected:
    nimbus::response order(const std::string& item)
    {
        return app.invoke("POST", "/orders",
                          {.body = R"({"item": ")" + item + R"(", "count": 2})"});
    }

    nimbus::app app{{.project_name = "orders", .region = "us-east-1"}};
    nimbus::sql::database db = declare_orders(app);
};

TEST_F(Orders, AreListed)
{
    EXPECT_EQ(order("pen").status(), 201);
    EXPECT_EQ(order("ink").status(), 201);

    const auto orders = app.invoke("GET", "/orders").json().as_array();
    ASSERT_EQ(orders.size(), 2);
    EXPECT_EQ(orders[0].at("item"), "ink");
    EXPECT_EQ(orders[0].at("shipped"), false);
}

TEST_F(Orders, OfOneItemAreOne)
{
    EXPECT_EQ(order("pen").status(), 201);
    EXPECT_EQ(order("pen").status(), 409);
}

TEST_F(Orders, AreShippedByTheTimer)
{
    app.override_secret("carrier-key", "for tests");
    order("pen");
    order("ink");

    EXPECT_EQ(app.invoke_timer("ship"), 2);
    EXPECT_EQ(db.query_value<std::int64_t>("SELECT count(*) FROM orders WHERE shipped"), 2);
    EXPECT_EQ(app.invoke_timer("ship"), 0);
}

// These share one, and leave it as it was.
class Statements : public ::testing::Test {
protected:
    static void SetUpTestSuite() { schema = std::make_unique<nimbus::testing::schema>(); }
    static void TearDownTestSuite() { schema.reset(); }

    static inline std::unique_ptr<nimbus::testing::schema> schema;
    nimbus::app app{{.project_name = "orders", .region = "us-east-1"}};
    nimbus::sql::database db = declare_orders(app);
};

TEST_F(Statements, AreRolledBack)
{
    nimbus::testing::rolled_back(db, [](nimbus::sql::transaction& statements) {
        statements.execute("INSERT INTO orders (item, count) VALUES ('pen', 1)");
        EXPECT_EQ(statements.query_value<std::int64_t>("SELECT count(*) FROM orders"), 1);
    });

    EXPECT_EQ(db.query_value<std::int64_t>("SELECT count(*) FROM orders"), 0);
}
