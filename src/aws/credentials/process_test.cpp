#include "aws/credentials/process.h"
#include "base/error.h"

#include <gtest/gtest.h>

namespace nimbus::aws {
namespace {

const SystemTime now = from_unix_milliseconds(1'700'000'000'000); // 2023-11-14T22:13:20Z

std::string failure_of(const std::string& command, std::chrono::seconds limit)
{
    try {
        credentials_from_process(
            {.command = command, .profile = "dev", .file = "~/.aws/config", .time_limit = limit},
            now);
    } catch (const Error& error) {
        EXPECT_EQ(error.hint(), "Run its command by hand.") << command;
        return error.what();
    }
    return "no failure";
}

struct Case {
    std::string command;
    std::string problem;
    std::chrono::seconds limit{60};
};

TEST(CredentialProcess, NamesProfileFileAndWhatIsWrong)
{
    const std::string keys = R"("AccessKeyId": "AKIA", "SecretAccessKey": "s3cret")";
    const std::vector<Case> cases{
        {"echo 'sign in first' >&2; exit 3", "failed with exit status 3: sign in first"},
        {"kill -9 $$", "failed with signal 9 (Killed): "},
        {"exec sleep 600", "did not end within 1 s and was stopped", std::chrono::seconds(1)},
        {"exec >&- 2>&-; exec sleep 600", "did not end within 1 s and was stopped",
         std::chrono::seconds(1)},
        {"sh -c yes", "wrote more than 1 MiB and was stopped"},
        {"yes >&2", "wrote more than 1 MiB and was stopped"},
        {"sleep 600 & echo started", "did not end within 1 s and was stopped",
         std::chrono::seconds(1)},
        {"true", "wrote nothing to its standard output"},
        {"echo Please sign in", "wrote no credentials: its output is not valid JSON: syntax error, "
                                "at line 1, column 1"},
        {R"(echo '{"Version": 1, )" + keys + "'",
         "wrote no credentials: its output is not valid JSON: incomplete JSON, at line 2, column "
         "1"},
        {"echo '[]'", R"(wrote no credentials: "Version": 1 is missing in its output)"},
        {R"(echo '{"Version": 2, )" + keys + "}'",
         R"(wrote no credentials: "Version": 1 is missing in its output)"},
        {R"(echo '{"Version": 1, "AccessKeyId": "AKIA"}')",
         "wrote no credentials: AccessKeyId or SecretAccessKey is missing in its output"},
        {R"(echo '{"Version": 1, )" + keys + R"(, "Expiration": "tomorrow"}')",
         "wrote no credentials: Expiration in its output is not a time"},
        {R"(echo '{"Version": 1, )" + keys + R"(, "Expiration": "2023-11-14T22:13:20Z"}')",
         "wrote credentials that have expired, at 2023-11-14T22:13:20Z"},
    };
    for (const auto& [command, problem, limit] : cases)
        EXPECT_EQ(failure_of(command, limit), "The credential_process of the AWS profile 'dev' in "
                                              "~/.aws/config " +
                                                  problem)
            << command;
}

} // namespace
} // namespace nimbus::aws
