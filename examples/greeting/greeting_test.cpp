#include "greeting.hpp"

#include <gtest/gtest.h>

class Greeting : public testing::Test {
protected:
    Greeting() { declare_greeting(app); }

    nimbus::app app{{.project_name = "greeting", .region = "us-east-1"}};
};

TEST_F(Greeting, SaysHelloToTheNameInThePath)
{
    const auto answer = app.invoke("GET", "/hello/Ada%20Lovelace");

    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.json().at("message"), "Hello, Ada Lovelace");
}

TEST_F(Greeting, TakesTheGreetingFromTheQuery)
{
    EXPECT_EQ(app.invoke("GET", "/hello/Ada?greeting=Salut").json().at("message"), "Salut, Ada");
}

TEST_F(Greeting, SaysWhichFieldOfAnOrderIsWrong)
{
    const auto answer = app.invoke("POST", "/orders", {.body = R"({"drink": "tea"})"});

    EXPECT_EQ(answer.status(), 400);
    EXPECT_EQ(answer.json().at("error"), "cups is required");
}

TEST_F(Greeting, HasNoOtherRoutes)
{
    EXPECT_EQ(app.invoke("GET", "/goodbye").status(), 404);
}
