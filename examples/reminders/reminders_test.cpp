#include "reminders.hpp"

#include <gtest/gtest.h>

class Reminders : public testing::Test {
protected:
    Reminders()
    {
        declare_reminders(app);
        app.override_secret("signing-key", "a key for this test");
    }

    // What /verify says of a reminder with that text and a signature for "Tea is ready".
    bool is_genuine(const std::string& text)
    {
        const auto id = nimbus::uuid::random();
        const auto signature = sign("a key for this test", id, "Tea is ready");
        const auto body = nimbus::ok({{"id", id}, {"text", text}, {"signature", signature}}).body();
        return app.invoke("POST", "/verify", {.body = body}).json().at("genuine").as_bool();
    }

    nimbus::app app{{.project_name = "reminders", .region = "us-east-1"}};
};

TEST_F(Reminders, AreGenuineWithTheSignatureOfTheirText)
{
    EXPECT_TRUE(is_genuine("Tea is ready"));
    EXPECT_FALSE(is_genuine("Tea is cold"));
}

TEST_F(Reminders, NeedATimeToBeDue)
{
    const auto answer = app.invoke("POST", "/reminders", {.body = R"({"text": "Tea is ready"})"});

    EXPECT_EQ(answer.status(), 400);
    EXPECT_EQ(answer.json().at("error"), "due_at is required");
}

// The database is not there in a unit test.
TEST_F(Reminders, AreDeliveredByATimer)
{
    EXPECT_THROW(app.invoke_timer("deliver"), nimbus::sql::usage_error);
}
