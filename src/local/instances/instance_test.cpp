#include "base/time.h"
#include "local/instances/test_pool.h"
#include "process/child_process.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <sstream>
#include <sys/stat.h>

namespace nimbus::local {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;
using Kind = InvocationResult::Kind;

using InstanceTest = PoolFixture;

TEST_F(InstanceTest, TellsTheRuntimeAboutItsInvocation)
{
    const auto before = to_unix_milliseconds(system_now());
    const auto result = call(function(), "head");
    EXPECT_THAT(result.payload,
                MatchesRegex("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                             "Lambda-Runtime-Aws-Request-Id: " +
                             result.request_id +
                             "\r\nLambda-Runtime-Deadline-Ms: [0-9]+\r\n"
                             "Lambda-Runtime-Invoked-Function-Arn: "
                             "arn:aws:lambda:eu-west-9:123456789012:function:f\r\n"
                             "Lambda-Runtime-Trace-Id: Root=1-[0-9a-f]{8}-[0-9a-f]{24};"
                             "Parent=[0-9a-f]{16};Sampled=0\r\nContent-Length: 4"));
    const auto deadline =
        std::stoll(result.payload.substr(result.payload.find("Deadline-Ms: ") + 13));
    EXPECT_GE(deadline, before + 20'000);
    EXPECT_LE(deadline, to_unix_milliseconds(system_now()) + 20'000);
}

TEST_F(InstanceTest, ServesRuntimesThatAskForTheNextEventInOneGo)
{
    auto f = function();
    f.environment["PIPELINE"] = "1";
    const auto process = call(f, "pid").payload;
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(call(f, "echo " + std::to_string(i)).payload, std::to_string(i));
    EXPECT_EQ(call(f, "pid").payload, process);
    EXPECT_EQ(call(f, "large 5000000").payload.size(), 5'000'000U);
}

TEST_F(InstanceTest, GivesTheEnvironmentThatLambdaGives)
{
    ::setenv("OF_THE_CLOUD", "leaks", 1);
    auto f = function();
    f.environment = {{"OWN", "own=value"}, {"SHARED", "own"}, {"TZ", "Europe/Berlin"}};
    const auto text = call(f, "env").payload;
    const auto code = (directory_.path() / "code" / "main-hash").string();
    std::istringstream lines(text);
    std::vector<std::string> variables;
    for (std::string line; std::getline(lines, line);)
        variables.push_back(line);
    EXPECT_THAT(
        variables,
        ElementsAre(
            "AWS_ACCESS_KEY_ID=ASIAf", "AWS_DEFAULT_REGION=eu-west-9",
            "AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
            "AWS_LAMBDA_FUNCTION_NAME=f", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand", "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/f",
            "AWS_LAMBDA_LOG_STREAM_NAME=" + *log_.streams().begin(),
            MatchesRegex("AWS_LAMBDA_RUNTIME_API=127\\.[0-9.]+:[0-9]+"), "AWS_REGION=eu-west-9",
            "AWS_SECRET_ACCESS_KEY=secret of lambda.amazonaws.com",
            "AWS_SESSION_TOKEN=token of arn:aws:iam::123456789012:role/r",
            "LAMBDA_RUNTIME_DIR=/var/runtime", "LAMBDA_TASK_ROOT=" + code, "LANG=en_US.UTF-8",
            "LD_LIBRARY_PATH=/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:" + code + ":" + code +
                "/lib:/opt/lib",
            "OWN=own=value", "PATH=/usr/local/bin:/usr/bin/:/bin:/opt/bin", "SHARED=own",
            "TZ=Europe/Berlin", "_HANDLER=handler"));
    EXPECT_EQ(call(f, "cwd").payload, code);
}

TEST_F(InstanceTest, LetsOthersReadWhatAFunctionWrites)
{
    const auto mask = ::umask(0077);
    const auto told = call(function(), "shell umask").payload;
    ::umask(mask);
    EXPECT_THAT(told, HasSubstr("0022"));
}

TEST_F(InstanceTest, GivesTheHostsFileOfTheMoment)
{
    const auto hosts = directory_.path() / "hosts";
    write_file(hosts, "127.64.0.1 a.example\n");
    if (!process::can_replace_hosts(hosts))
        GTEST_SKIP() << "this system does not let its users make namespaces";
    options_.hosts_file = [this] { return directory_.path() / "hosts"; };
    EXPECT_EQ(call(function("first"), "file /etc/hosts").payload, "127.64.0.1 a.example\n");
    write_file(hosts, "127.64.0.2 b.example\n");
    EXPECT_EQ(call(function("second"), "file /etc/hosts").payload, "127.64.0.2 b.example\n");
}

TEST_F(InstanceTest, GivesNoDescriptorsOfTheCloud)
{
    const auto descriptors = call(function(), "descriptors").payload;
    EXPECT_THAT(descriptors, HasSubstr("0 /dev/null\n"));
    EXPECT_THAT(descriptors, Not(HasSubstr(directory_.path().string())));
    EXPECT_LE(std::ranges::count(descriptors, '\n'), 5) << descriptors;
}

TEST_F(InstanceTest, TellsWhatAHandlerReports)
{
    const auto result = call(function(), "fail");
    EXPECT_EQ(result.kind, Kind::function_error);
    EXPECT_EQ(result.payload, R"({"errorMessage":"on purpose","errorType":"My.Error"})");
    EXPECT_EQ(call(function(), "echo on").payload, "on");
    EXPECT_EQ(instances(), 1U);
}

TEST_F(InstanceTest, EndsAnInvocationAtItsTimeout)
{
    auto f = function();
    f.timeout_seconds = 1;
    const auto process = std::stoi(call(f, "pid").payload);
    const auto result = call(f, "hang");
    EXPECT_EQ(result.kind, Kind::timed_out);
    EXPECT_EQ(result.reason, "Sandbox.Timedout: Task timed out after 1.00 seconds");
    EXPECT_EQ(result.payload, "{\"errorType\":\"Sandbox.Timedout\",\"errorMessage\":\"RequestId: " +
                                  result.request_id +
                                  " Error: Task timed out after 1.00 seconds\"}");
    EXPECT_THAT(result.log_tail,
                AllOf(HasSubstr("Z " + result.request_id + " Task timed out after 1.00 seconds\n"),
                      HasSubstr("\tStatus: timeout\t")));
    EXPECT_EQ(call(f, "echo next").payload, "next");
    until([&] { return !is_alive(process); });
}

TEST_F(InstanceTest, EndsAnInstanceThatAnswersAndNeverAsksAgain)
{
    auto f = function();
    f.timeout_seconds = 1;
    EXPECT_EQ(call(f, "answer-and-hang").payload, "done");
    EXPECT_EQ(instances(), 1U);
    until([&] { return instances() == 0; });
    EXPECT_THAT(log_.lines().back(), HasSubstr("did not ask for the next event"));
    EXPECT_EQ(call(f, "echo next").payload, "next");
}

TEST_F(InstanceTest, TellsHowAProcessEnded)
{
    const auto ended = [this](const std::string& command) {
        const auto result = call(function(), command);
        EXPECT_EQ(result.kind, Kind::crashed);
        EXPECT_THAT(
            result.payload,
            StartsWith("{\"errorType\":\"Runtime.ExitError\",\"errorMessage\":\"RequestId: " +
                       result.request_id + " Error: "));
        EXPECT_THAT(result.log_tail, AllOf(HasSubstr("\nRuntime.ExitError\nEND RequestId: "),
                                           HasSubstr("\tError Type: Runtime.ExitError\t")));
        EXPECT_EQ(call(function(), "echo next").payload, "next");
        return result.payload.substr(result.payload.find("Error: ") + 7);
    };
    EXPECT_EQ(ended("exit 3"), "Runtime exited with error: exit status 3\"}");
    EXPECT_EQ(ended("exit 0"), "Runtime exited without providing a reason\"}");
    EXPECT_EQ(ended("signal 9"), "Runtime exited with error: signal: killed\"}");
    EXPECT_EQ(ended("signal 15"), "Runtime exited with error: signal: terminated\"}");
}

TEST_F(InstanceTest, LogsFailuresWithTheIdThatTheCallerWasGivenAndNoneOfTheFunctionsWords)
{
    const auto result = begin(function(), "exit 3", {.request_id = "b1eTFgYfIAMEcKg="}).get();
    call(function(), "fail");
    EXPECT_THAT(cloud_log_.lines(),
                Contains(AllOf(HasSubstr(" level=warning component=instances "
                                         "message=\"An invocation failed\" "
                                         "request_id=b1eTFgYfIAMEcKg= invocation_id=" +
                                         result.request_id + " function=f "),
                               HasSubstr("reason=\"Runtime.ExitError: Runtime exited with error: "
                                         "exit status 3\""))));
    EXPECT_THAT(cloud_log_.lines(), Contains(HasSubstr("the handler reported an error")));
    EXPECT_THAT(cloud_log_.lines(), Not(Contains(HasSubstr("on purpose"))));
}

TEST_F(InstanceTest, TakesTheAnswerOfAProcessThatEndsRightAfter)
{
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(call(function(), "answer-and-exit").payload, "done");
}

TEST_F(InstanceTest, KillsWhatUsesMoreThanItsMemory)
{
    const auto result = call(function(), "eat");
    EXPECT_EQ(result.kind, Kind::crashed);
    EXPECT_EQ(result.payload,
              "{\"errorType\":\"Runtime.OutOfMemory\",\"errorMessage\":\"RequestId: " +
                  result.request_id + " Error: Runtime exited with error: signal: killed\"}");
    EXPECT_EQ(call(function(), "echo next").payload, "next");
}

TEST_F(InstanceTest, RefusesAnswersOverTheLimitWithoutHurtingTheInstance)
{
    const auto result = call(function(), "large 6291557");
    EXPECT_EQ(result.kind, Kind::function_error);
    EXPECT_THAT(result.payload, AllOf(HasSubstr("\"errorType\":\"Function.ResponseSizeTooLarge\""),
                                      HasSubstr("Response payload size exceeded maximum allowed "
                                                "payload size (6291556 bytes).")));
    EXPECT_EQ(call(function(), "large 6291556").payload.size(), 6'291'556U);
    EXPECT_EQ(instances(), 1U);
}

TEST_F(InstanceTest, TellsWhyAFunctionDoesNotStart)
{
    auto f = function();
    f.handler = "start-error";
    auto result = call(f, "x");
    EXPECT_EQ(result.kind, Kind::function_error);
    EXPECT_EQ(result.payload, R"({"errorMessage":"no","errorType":"My.StartError"})");

    f.handler = "start-exit";
    f.revision_id = "2";
    result = call(f, "x");
    EXPECT_EQ(result.kind, Kind::crashed);
    EXPECT_THAT(result.payload, HasSubstr("Runtime exited with error: exit status 7"));
    EXPECT_EQ(call(f, "x").kind, Kind::crashed);

    put_code("empty", {{"other", "x"}});
    result = call(function("empty", "empty"), "x");
    EXPECT_EQ(result.kind, Kind::crashed);
    EXPECT_THAT(result.payload, AllOf(HasSubstr("Runtime.InvalidEntrypoint"),
                                      HasSubstr("Couldn't find valid bootstrap(s)")));
    put_code("plain", {{"bootstrap", "x", S_IFREG | 0644}});
    EXPECT_THAT(call(function("plain", "plain"), "x").payload, HasSubstr("permission denied"));
    put_code("text", {{"bootstrap", "#!/no/such/interpreter\n"}});
    EXPECT_THAT(call(function("text", "text"), "x").payload,
                HasSubstr("Runtime.InvalidEntrypoint"));
}

TEST_F(InstanceTest, StartsAnInstanceAgainThatEndsOnItsWay)
{
    auto f = function();
    f.handler = "start-exit-once";
    f.environment["MARK"] = (directory_.path() / "mark").string();
    EXPECT_EQ(call(f, "echo fine").payload, "fine");
}

TEST_F(InstanceTest, InitializesAtTheInvocationWhatWasNotReadyInTime)
{
    options_.start_limit = 50ms;
    auto f = function();
    f.handler = "start-hang-once";
    f.environment["MARK"] = (directory_.path() / "mark").string();
    const auto result = call(f, "echo fine");
    EXPECT_EQ(result.kind, Kind::success);
    EXPECT_EQ(result.payload, "fine");
    EXPECT_THAT(
        log_.lines(),
        ElementsAre(
            MatchesRegex("INIT_REPORT Init Duration: [0-9.]+ ms\tPhase: init\tStatus: timeout"),
            StartsWith("START RequestId: "), StartsWith("END RequestId: "),
            AllOf(StartsWith("REPORT RequestId: "), Not(HasSubstr("Init Duration")))));
    EXPECT_EQ(call(f, "echo again").payload, "again");
    EXPECT_EQ(instances(), 1U);
}

TEST_F(InstanceTest, GivesInitializationAtAnInvocationTheTimeOfTheFunction)
{
    options_.start_limit = 50ms;
    auto f = function();
    f.handler = "start-hang";
    f.timeout_seconds = 1;
    const auto result = call(f, "x");
    EXPECT_EQ(result.kind, Kind::timed_out);
    EXPECT_EQ(result.payload, R"({"errorType":"Sandbox.Timedout","errorMessage":"RequestId: )" +
                                  result.request_id +
                                  R"( Error: Task timed out after 1.00 seconds"})");
    EXPECT_THAT(
        log_.lines(),
        ElementsAre(
            EndsWith("Phase: init\tStatus: timeout"), StartsWith("START RequestId: "),
            MatchesRegex("INIT_REPORT Init Duration: [0-9.]+ ms\tPhase: invoke\tStatus: timeout"),
            EndsWith(result.request_id + " Task timed out after 1.00 seconds"),
            StartsWith("END RequestId: "), EndsWith("\tStatus: timeout\t")));
    until([&] { return instances() == 0; });
}

TEST_F(InstanceTest, WritesTheLogThatLambdaWrites)
{
    const auto result = call(function(), "print words");
    const auto id = result.request_id;
    const auto lines = log_.lines();
    EXPECT_THAT(
        lines, ElementsAre("START RequestId: " + id + " Version: $LATEST", "out words", "err words",
                           "without an end", "END RequestId: " + id,
                           MatchesRegex(
                               "REPORT RequestId: " + id +
                               "\tDuration: [0-9.]+ ms\tBilled Duration: [0-9]+ ms\tMemory Size: "
                               "128 MB\tMax Memory Used: [0-9]+ MB\tInit Duration: [0-9.]+ ms\t")));
    std::string text;
    for (const auto& line : lines)
        text += line + "\n";
    EXPECT_EQ(result.log_tail, text);
    EXPECT_THAT(log_.groups(), ElementsAre("eu-west-9:/aws/lambda/f"));
    EXPECT_THAT(*log_.streams().begin(),
                MatchesRegex("[0-9]{4}/[0-9]{2}/[0-9]{2}/\\[\\$LATEST\\][0-9a-f]{32}"));
    EXPECT_THAT(call(function(), "echo").log_tail, Not(HasSubstr("Init Duration")));
}

TEST_F(InstanceTest, KeepsTheEndOfALongLog)
{
    const auto result = call(function(), "flood 2000");
    EXPECT_EQ(result.log_tail.size(), 4096U);
    EXPECT_THAT(result.log_tail, MatchesRegex("(.|\n)*REPORT RequestId: [^\n]*\n"));
}

TEST_F(InstanceTest, EndsProcessesThatAFunctionLeftBehind)
{
    const auto child = std::stoi(call(function(), "child").payload);
    EXPECT_TRUE(is_alive(child));
    call(function(), "exit 1");
    // Nobody reaps it here: a zombie has ended, too.
    until([&] {
        const auto status = read_file_if_exists("/proc/" + std::to_string(child) + "/status");
        return !status || status->find("State:\tZ") != std::string::npos;
    });
}

} // namespace
} // namespace nimbus::local
