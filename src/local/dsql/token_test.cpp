#include "base/text.h"
#include "local/dsql/token_fixture.h"

namespace nimbus::local::dsql {
namespace {

std::string token(const std::string& action, const std::string& expires,
                  const std::string& session_token, const std::string& signature)
{
    // In the order that AWS's clients emit.
    return std::string(host) + "/?Action=" + action +
           "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261001%2Fus-east-1"
           "%2Fdsql%2Faws4_request&X-Amz-Date=20261001T120000Z&X-Amz-Expires=" +
           expires + "&X-Amz-SignedHeaders=host" +
           (session_token.empty() ? "" : "&X-Amz-Security-Token=" + session_token) +
           "&X-Amz-Signature=" + signature;
}

/// Tokens that AWS's own client made (botocore 1.43.11).
class Token : public TokenTest {
protected:
    std::string check(const std::string& text, const std::string& user = "admin",
                      std::chrono::seconds later = std::chrono::seconds{10})
    {
        return check_at(*parse_amz_date("20261001T120000Z") + later, text, user);
    }

    const std::string admin_ =
        token("DbConnectAdmin", "900", "",
              "2cb939849b7c0ce791a2daf4e78b7de3a1ba25c0bc814a4d1f267102965afae6");
};

TEST_F(Token, PoliciesMayTestTheTagsThatTheClusterHasAtTheTime)
{
    std::string team = "web";
    cluster_.tags = [&] { return std::map<std::string, std::string>{{"team", team}}; };
    check(admin_);
    EXPECT_EQ(access_.asked_with, (ConditionContext{{"aws:ResourceTag/team", "web"}}));
    team = "api";
    check(admin_);
    EXPECT_EQ(access_.asked_with, (ConditionContext{{"aws:ResourceTag/team", "api"}}));
}

TEST_F(Token, AwssOwnAreAccepted)
{
    EXPECT_EQ(admin_.size(), 330U);
    EXPECT_EQ(check(admin_), user_arn);
    EXPECT_EQ(access_.asked, "dsql:DbConnectAdmin on " + cluster_.arn);
    EXPECT_EQ(check(token("DbConnect", "900", "",
                          "6dc6b6fbe346432784db81c39d39cccd062feec33de3fe86eeee47f09b84177c"),
                    "app"),
              user_arn);
    access_.session_token = "IQoJb3JpZ2luX2VjEXAMPLE+/token==";
    EXPECT_EQ(check(token("DbConnect", "3600", "IQoJb3JpZ2luX2VjEXAMPLE%2B%2Ftoken%3D%3D",
                          "6b27d23cf7df8226b065945bf241abef44b32fbe3f7af9f23c15f8dddb0f0561"),
                    "app"),
              user_arn);
    EXPECT_EQ(access_.asked, "dsql:DbConnect on " + cluster_.arn);
}

TEST_F(Token, NothingInThemCanBeChanged)
{
    for (const auto& [from, to] : std::initializer_list<std::pair<const char*, const char*>>{
             {"2cb9", "2cb8"},
             {"Expires=900", "Expires=901"},
             {"Expires=900", "Expires=604801"},
             {"Expires=900", "Expires="},
             {"&X-Amz-Expires=900", ""},
             {"T120000Z", "T120001Z"},
             {"HMAC-SHA256", "HMAC-SHA1"},
             {"us-east-1%2F", "us-west-2%2F"},
             {"%2Fdsql%2F", "%2Frds-db%2F"},
             {"SignedHeaders=host", "SignedHeaders="},
             {"SignedHeaders=host", "SignedHeaders=host%3Bx"},
             {"abcdef", "bbcdef"},
             {".us-east-1.", ".us-west-2."},
             {"DbConnectAdmin", "DbConnect"},
             {"DbConnectAdmin", "DeleteCluster"},
             {"Action=DbConnectAdmin&", ""},
             {"Action=", "Action=DbConnectAdmin&Action="},
             {"AKIDEXAMPLE", "AKIDOTHER"},
             {"/?", "/x?"},
             {"/?", ":5432/?"},
             {"/?", "/?x=y&"}}) {
        const auto changed = replace_all(admin_, from, to);
        EXPECT_NE(changed, admin_) << from;
        EXPECT_THAT(check(changed), testing::StartsWith(denied)) << changed;
    }
    for (std::size_t size = 0; size < admin_.size(); ++size)
        EXPECT_THAT(check(admin_.substr(0, size)), testing::StartsWith(denied)) << size;
}

TEST_F(Token, TimeRunsOut)
{
    EXPECT_EQ(check(admin_, "admin", std::chrono::seconds{900}), user_arn);
    EXPECT_EQ(check(admin_, "admin", std::chrono::seconds{901}),
              std::string(denied) + "Signature expired: 20261001T121500Z is now earlier than "
                                    "20261001T121501Z");
    EXPECT_THAT(check(admin_, "admin", -std::chrono::minutes{6}), testing::StartsWith(denied));
}

TEST_F(Token, TheSessionIsPartOfTheCredentials)
{
    access_.session_token = "session";
    EXPECT_THAT(check(admin_), testing::StartsWith(denied));
}

TEST_F(Token, ActionsBelongToUsers)
{
    EXPECT_EQ(check(admin_, "app"),
              std::string(denied) +
                  "Wrong user to action mapping. user: app, action: DbConnectAdmin");
}

} // namespace
} // namespace nimbus::local::dsql
