#pragma once

#include "local/dsql/token.h"

#include <gmock/gmock.h>

namespace nimbus::local::dsql {

/// The one key that the tokens of the tests are signed with.
class OneKey : public AccessControl {
public:
    std::optional<AccessKey> find_access_key(const std::string& id) override
    {
        if (id != "AKIDEXAMPLE")
            return std::nullopt;
        return AccessKey{
            .access_key_id = id,
            .secret_access_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            .session_token = session_token,
            .principal = {.account_id = "111122223333", .arn = "arn:aws:iam::111122223333:user/u"}};
    }
    Decision authorize(const Principal&, const std::string& action, const std::string& resource,
                       const ConditionContext& context, const std::string&) override
    {
        asked = action + " on " + resource;
        asked_with = context;
        return {.allowed = true};
    }
    AccessKey assume_role_for_service(const std::string&, const std::string&, const std::string&,
                                      std::chrono::seconds) override
    {
        return {};
    }

    std::string session_token;
    std::string asked;
    ConditionContext asked_with;
};

inline constexpr const char* host = "abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws";

inline constexpr const char* user_arn = "arn:aws:iam::111122223333:user/u";
inline constexpr const char* denied = "unable to accept connection, access denied: ";

/// A cluster, and what it says to a token.
class TokenTest : public testing::Test {
protected:
    /// Who signed it, or why it is refused.
    std::string check_at(SystemTime now, const std::string& text, const std::string& user = "admin")
    {
        const auto result = verify_token(text, user, cluster_, access_, now);
        return result ? result->arn : result.error().message + ": " + result.error().hint;
    }

    OneKey access_;
    Cluster cluster_{.id = "abcdefghijklmnopqrstuvwxyz",
                     .arn = "arn:aws:dsql:us-east-1:111122223333:cluster/"
                            "abcdefghijklmnopqrstuvwxyz",
                     .region = "us-east-1",
                     .address = "127.1.2.3"};
};

} // namespace nimbus::local::dsql
