#include "core/test_app.h"

#include <gtest/gtest.h>

#include <nimbus/nimbus.hpp>

namespace nimbus::detail {
namespace {

struct Login {
    std::string user;
    int port;
};
BOOST_DESCRIBE_STRUCT(Login, (), (user, port))

/// A secret with that value.
class SecretTest : public testing::Test {
protected:
    nimbus::secret with_value(std::string value)
    {
        app_.override_secret("login", std::move(value));
        return secret_;
    }

    app app_{{.project_name = "demo", .region = "us-east-1"}};
    nimbus::secret secret_ = app_.secret({.name = "login"});
};

TEST(Secrets, AreDescribed)
{
    auto app = make_app();
    app.secret({.name = "stripe-key"});
    app.secret({.name = "login", .description = "Of the bank", .kms_key_id = "alias/app"});

    const auto described = describe(app);
    EXPECT_EQ(described.manifest.at("secrets"), parse_json_text(R"([
        {"name": "stripe-key"},
        {"name": "login", "description": "Of the bank", "kmsKeyId": "alias/app"}])"));
    EXPECT_TRUE(described.places.as_object().contains("secrets[1]"));
}

TEST_F(SecretTest, IsTextOrBytes)
{
    const auto secret = with_value("hush");
    EXPECT_EQ(secret.value(), "hush");
    EXPECT_EQ(secret.binary(),
              (std::vector{std::byte{'h'}, std::byte{'u'}, std::byte{'s'}, std::byte{'h'}}));
}

TEST_F(SecretTest, IsJson)
{
    const auto secret = with_value(R"({"user": "ada", "port": 5432})");
    EXPECT_EQ(secret.json().at("user"), "ada");
    EXPECT_EQ(secret.json<Login>().port, 5432);
}

TEST_F(SecretTest, MistakesInItsFormAreNamedWithoutTheValue)
{
    for (const auto* value : {"hush", R"({"user": "hush"})", R"({"user": "ada", "port": "hush"})",
                              R"({"user": "hush", "port": 5.5})"}) {
        try {
            with_value(value).json<Login>();
            FAIL() << value;
        } catch (const secret_format_error& failure) {
            EXPECT_EQ(failure.secret(), "login");
            EXPECT_NE(std::string(failure.what()).find("the secret login"), std::string::npos);
            EXPECT_EQ(std::string(failure.what()).find("hush"), std::string::npos)
                << failure.what();
        }
    }
}

TEST_F(SecretTest, IsTheSameInAllCopies)
{
    app_.api({.name = "web"}).route("GET", "/", [secret = secret_] {
        return text(secret.value());
    });
    app_.override_secret("login", "hush");
    EXPECT_EQ(app_.invoke("GET", "/").body(), "hush");
}

TEST_F(SecretTest, OutsideOfAFunctionSaysWhatIsMissing)
{
    try {
        static_cast<void>(secret_.value());
        FAIL();
    } catch (const secret_not_deployed& failure) {
        const std::string message = failure.what();
        EXPECT_NE(message.find("SECRET_LOGIN_ARN is not set"), std::string::npos) << message;
        EXPECT_NE(message.find("`uses`"), std::string::npos) << message;
    }
}

TEST_F(SecretTest, WhileTheProgramIsDescribedSaysToAskInAHandler)
{
    const Variable described("NIMBUS_MANIFEST_OUT", "/tmp/manifest.json");
    try {
        static_cast<void>(secret_.value());
        FAIL();
    } catch (const secret_not_deployed& failure) {
        const std::string message = failure.what();
        EXPECT_NE(message.find("in a handler"), std::string::npos) << message;
        EXPECT_EQ(message.find("deploy"), std::string::npos) << message;
    }
}

TEST_F(SecretTest, OnlyDeclaredOnesCanBeOverridden)
{
    EXPECT_THROW(app_.override_secret("stripe-key", "x"), std::out_of_range);
}

} // namespace
} // namespace nimbus::detail
