#include "notes.hpp"

#include <gtest/gtest.h>

class Notes : public testing::Test {
protected:
    Notes() { declare_notes(app); }

    nimbus::app app{{.project_name = "starter", .region = "us-east-1"}};
};

TEST_F(Notes, SaysHelloToTheNameInThePath)
{
    const auto answer = app.invoke("GET", "/hello/Ada%20Lovelace");

    EXPECT_EQ(answer.status(), 200);
    EXPECT_EQ(answer.json().at("hello"), "Ada Lovelace");
}

TEST_F(Notes, RefusesANoteWithoutText)
{
    EXPECT_EQ(app.invoke("POST", "/notes", {.body = R"({"text": ""})"}).status(), 400);

    const auto answer = app.invoke("POST", "/notes", {.body = "{}"});
    EXPECT_EQ(answer.status(), 400);
    EXPECT_EQ(answer.json().at("error"), "text is required");
}

TEST_F(Notes, HasNoOtherRoutes)
{
    EXPECT_EQ(app.invoke("GET", "/goodbye").status(), 404);
}
