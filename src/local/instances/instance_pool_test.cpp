#include "base/error.h"
#include "base/file.h"
#include "base/time.h"
#include "local/instances/instance_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <future>
#include <mutex>
#include <regex>
#include <set>
#include <sys/stat.h>
#include <thread>

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

class FakeAccess : public AccessControl {
public:
    std::optional<AccessKey> find_access_key(const std::string&) override { return {}; }
    Decision authorize(const Principal&, const std::string&, const std::string&,
                       const ConditionContext&, const std::string&) override
    {
        return {};
    }
    AccessKey assume_role_for_service(const std::string& role_arn, const std::string& service,
                                      const std::string& session_name,
                                      std::chrono::seconds) override
    {
        if (role_arn.ends_with("gone"))
            throw Error("The role " + role_arn + " does not exist.", "Create it.");
        ++sessions;
        return {.access_key_id = "ASIA" + session_name,
                .secret_access_key = "secret of " + service,
                .session_token = "token of " + role_arn};
    }

    std::atomic<int> sessions = 0;
};

class MemoryLog : public LogSink {
public:
    void put(const std::string& group, const std::string& stream, std::int64_t,
             std::string message) override
    {
        const std::lock_guard lock(mutex_);
        groups_.insert(group);
        streams_.insert(stream);
        lines_.push_back(std::move(message));
    }
    std::vector<std::string> lines()
    {
        const std::lock_guard lock(mutex_);
        return lines_;
    }
    std::set<std::string> groups()
    {
        const std::lock_guard lock(mutex_);
        return groups_;
    }
    std::set<std::string> streams()
    {
        const std::lock_guard lock(mutex_);
        return streams_;
    }

private:
    std::mutex mutex_;
    std::set<std::string> groups_, streams_;
    std::vector<std::string> lines_;
};

struct ZipEntry {
    std::string name;
    std::string content;
    mode_t mode = S_IFREG | 0755;
};

void write_zip(const std::filesystem::path& path, const std::vector<ZipEntry>& entries)
{
    auto* archive = ::zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
    for (const auto& entry : entries) {
        auto* source = ::zip_source_buffer(archive, entry.content.data(), entry.content.size(), 0);
        const auto index = ::zip_file_add(archive, entry.name.c_str(), source, ZIP_FL_ENC_UTF_8);
        ASSERT_GE(index, 0);
        ::zip_file_set_external_attributes(archive, static_cast<zip_uint64_t>(index), 0,
                                           ZIP_OPSYS_UNIX, entry.mode << 16);
        ::zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
    }
    ASSERT_EQ(::zip_close(archive), 0);
}

bool is_alive(pid_t process)
{
    return ::kill(process, 0) == 0;
}

void until(const std::function<bool()>& condition)
{
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it does not happen";
        std::this_thread::sleep_for(1ms);
    }
}

class InstancePoolTest : public testing::Test {
protected:
    InstancePoolTest()
    {
        options_.code_directory = directory_.path() / "code";
        options_.environment = {{"AWS_ENDPOINT_URL", "http://127.0.0.1:1"}, {"SHARED", "shared"}};
        put_code("main", {{"bootstrap", read_file(NIMBUS_TEST_BOOTSTRAP)}});
    }

    ~InstancePoolTest() override
    {
        if (!thread_.joinable())
            return;
        loop_.post([this] {
            pool_.reset();
            loop_.stop();
        });
        thread_.join();
    }

    void put_code(const std::string& name, const std::vector<ZipEntry>& entries)
    {
        write_zip(directory_.path() / (name + ".zip"), entries);
    }

    Function function(const std::string& name = "f", const std::string& code = "main") const
    {
        return {.name = name,
                .arn = "arn:aws:lambda:eu-west-9:123456789012:function:" + name,
                .runtime = "provided.al2023",
                .handler = "handler",
                .role_arn = "arn:aws:iam::123456789012:role/r",
                .architecture = "x86_64",
                .memory_megabytes = 128,
                .timeout_seconds = 20,
                .environment = {},
                .code_sha256 = code + "-hash",
                .code_zip = directory_.path() / (code + ".zip"),
                .revision_id = "revision-of-" + name,
                .log_group = "/aws/lambda/" + name};
    }

    InstancePool& pool()
    {
        if (!pool_) {
            pool_ = std::make_unique<InstancePool>(options_, loop_, access_, log_);
            thread_ = std::thread([this] { loop_.run(); });
        }
        return *pool_;
    }

    std::future<InvocationResult> begin(const Function& of, const std::string& payload)
    {
        auto promise = std::make_shared<std::promise<InvocationResult>>();
        pool().invoke(std::make_shared<Function>(of), payload, [promise](InvocationResult result) {
            promise->set_value(std::move(result));
        });
        return promise->get_future();
    }

    InvocationResult call(const Function& of, const std::string& payload)
    {
        return begin(of, payload).get();
    }

    template <class Work>
    std::invoke_result_t<Work> on_loop(Work work)
    {
        pool();
        auto task = std::make_shared<std::packaged_task<std::invoke_result_t<Work>()>>(work);
        auto result = task->get_future();
        loop_.post([task] { (*task)(); });
        return result.get();
    }

    std::size_t instances()
    {
        return on_loop([this] { return pool_->instances(); });
    }

    std::filesystem::path new_directory(const std::string& name)
    {
        const auto path = directory_.path() / name;
        std::filesystem::create_directory(path);
        return path;
    }

    TemporaryDirectory directory_;
    InstancePoolOptions options_;
    net::EventLoop loop_;
    FakeAccess access_;
    MemoryLog log_;
    std::unique_ptr<InstancePool> pool_;
    std::thread thread_;
};

TEST_F(InstancePoolTest, UsesAWarmInstanceAgain)
{
    const auto first = call(function(), "pid");
    EXPECT_EQ(first.kind, Kind::success);
    EXPECT_THAT(
        first.request_id,
        MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(call(function(), "pid").payload, first.payload);
    EXPECT_EQ(instances(), 1U);
    EXPECT_EQ(access_.sessions, 1);
}

TEST_F(InstancePoolTest, TellsTheRuntimeAboutItsInvocation)
{
    const auto before = to_unix_milliseconds(system_now());
    const auto result = call(function(), "head");
    const std::regex expected(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: " +
        result.request_id + "\r\nLambda-Runtime-Deadline-Ms: ([0-9]+)\r\n" +
        "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-9:123456789012:function:f\r\n"
        "Lambda-Runtime-Trace-Id: "
        "Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0\r\nContent-Length: 4");
    std::smatch match;
    ASSERT_TRUE(std::regex_match(result.payload, match, expected)) << result.payload;
    const auto deadline = std::stoll(match[1].str());
    EXPECT_GE(deadline, before + 20'000);
    EXPECT_LE(deadline, to_unix_milliseconds(system_now()) + 20'000);
}

TEST_F(InstancePoolTest, ServesRuntimesThatAskForTheNextEventInOneGo)
{
    auto f = function();
    f.environment["PIPELINE"] = "1";
    const auto process = call(f, "pid").payload;
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(call(f, "echo " + std::to_string(i)).payload, std::to_string(i));
    EXPECT_EQ(call(f, "pid").payload, process);
    EXPECT_EQ(call(f, "large 5000000").payload.size(), 5'000'000U);
}

TEST_F(InstancePoolTest, RunsConcurrentRequestsInProcessesOfTheirOwn)
{
    const auto place = new_directory("meeting").string();
    std::vector<std::future<InvocationResult>> calls;
    for (int i = 0; i < 6; ++i)
        calls.push_back(begin(function(), "meet 6 " + place));
    for (auto& each : calls)
        EXPECT_EQ(each.get().payload, "met");
    EXPECT_EQ(instances(), 6U);
}

TEST_F(InstancePoolTest, KeepsRequestsWaitingWhereItMayAddNoInstance)
{
    options_.max_instances_per_function = 2;
    std::vector<std::future<InvocationResult>> calls;
    for (int i = 0; i < 40; ++i)
        calls.push_back(begin(function(), "sleep 2"));
    for (auto& each : calls)
        EXPECT_EQ(each.get().kind, Kind::success);
    EXPECT_EQ(instances(), 2U);
}

TEST_F(InstancePoolTest, ThrottlesWhatWouldWaitTooLongOrBehindTooMany)
{
    options_.max_instances_per_function = 1;
    options_.max_waiting_per_function = 2;
    options_.waiting_limit = 30ms;
    EXPECT_EQ(call(function(), "pid").kind, Kind::success);
    auto busy = begin(function(), "sleep 200");
    auto first = begin(function(), "pid");
    auto second = begin(function(), "pid");
    EXPECT_EQ(call(function(), "pid").kind, Kind::throttled);
    EXPECT_EQ(first.get().kind, Kind::throttled);
    EXPECT_EQ(second.get().kind, Kind::throttled);
    EXPECT_EQ(busy.get().kind, Kind::success);
}

TEST_F(InstancePoolTest, EndsTheOldestIdleInstanceForAFunctionThatHasNone)
{
    options_.max_instances = 2;
    EXPECT_EQ(call(function("a"), "pid").kind, Kind::success);
    const auto b = call(function("b"), "pid").payload;
    EXPECT_EQ(call(function("c"), "pid").kind, Kind::success);
    EXPECT_EQ(call(function("b"), "pid").payload, b);
    EXPECT_EQ(instances(), 2U);
}

TEST_F(InstancePoolTest, LetsNoFunctionStarveBesideABusyOne)
{
    options_.max_instances = 2;
    std::vector<std::future<InvocationResult>> busy;
    for (int i = 0; i < 100; ++i)
        busy.push_back(begin(function("busy"), "sleep 10"));
    until([&] { return instances() == 2; });
    EXPECT_EQ(call(function("other"), "echo hello").payload, "hello");
    EXPECT_NE(busy.back().wait_for(0s), std::future_status::ready);
    for (auto& each : busy)
        EXPECT_EQ(each.get().kind, Kind::success);
}

TEST_F(InstancePoolTest, GivesTheEnvironmentThatLambdaGives)
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
            MatchesRegex("AWS_LAMBDA_RUNTIME_API=127\\.0\\.0\\.1:[0-9]+"), "AWS_REGION=eu-west-9",
            "AWS_SECRET_ACCESS_KEY=secret of lambda.amazonaws.com",
            "AWS_SESSION_TOKEN=token of arn:aws:iam::123456789012:role/r",
            "LAMBDA_RUNTIME_DIR=/var/runtime", "LAMBDA_TASK_ROOT=" + code, "LANG=en_US.UTF-8",
            "OWN=own=value", "PATH=/usr/local/bin:/usr/bin/:/bin:/opt/bin", "SHARED=own",
            "TZ=Europe/Berlin", "_HANDLER=handler"));
    EXPECT_EQ(call(f, "cwd").payload, code);
}

TEST_F(InstancePoolTest, GivesNoDescriptorsOfTheCloud)
{
    const auto descriptors = call(function(), "descriptors").payload;
    EXPECT_THAT(descriptors, HasSubstr("0 /dev/null\n"));
    EXPECT_THAT(descriptors, Not(HasSubstr(directory_.path().string())));
    EXPECT_LE(std::ranges::count(descriptors, '\n'), 5) << descriptors;
}

TEST_F(InstancePoolTest, TellsWhatAHandlerReports)
{
    const auto result = call(function(), "fail");
    EXPECT_EQ(result.kind, Kind::function_error);
    EXPECT_EQ(result.payload, R"({"errorMessage":"on purpose","errorType":"My.Error"})");
    EXPECT_EQ(call(function(), "echo on").payload, "on");
    EXPECT_EQ(instances(), 1U);
}

TEST_F(InstancePoolTest, EndsAnInvocationAtItsTimeout)
{
    auto f = function();
    f.timeout_seconds = 1;
    const auto process = std::stoi(call(f, "pid").payload);
    const auto started = std::chrono::steady_clock::now();
    const auto result = call(f, "hang");
    EXPECT_LT(std::chrono::steady_clock::now() - started, 2s);
    EXPECT_EQ(result.kind, Kind::crashed);
    EXPECT_EQ(result.payload, "{\"errorType\":\"Sandbox.Timedout\",\"errorMessage\":\"RequestId: " +
                                  result.request_id +
                                  " Error: Task timed out after 1.00 seconds\"}");
    EXPECT_THAT(result.log_tail,
                AllOf(HasSubstr("Z " + result.request_id + " Task timed out after 1.00 seconds\n"),
                      HasSubstr("\tStatus: timeout\t")));
    EXPECT_EQ(call(f, "echo next").payload, "next");
    until([&] { return !is_alive(process); });
}

TEST_F(InstancePoolTest, TellsHowAProcessEnded)
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
    EXPECT_EQ(ended("signal 11"), "Runtime exited with error: signal: segmentation fault\"}");
}

TEST_F(InstancePoolTest, TakesTheAnswerOfAProcessThatEndsRightAfter)
{
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(call(function(), "answer-and-exit").payload, "done");
}

TEST_F(InstancePoolTest, ReplacesAnInstanceThatDiedWhileIdle)
{
    const auto process = std::stoi(call(function(), "pid").payload);
    ::kill(process, SIGKILL);
    until([&] { return instances() == 0; });
    EXPECT_EQ(call(function(), "echo on").payload, "on");
}

TEST_F(InstancePoolTest, KillsWhatUsesMoreThanItsMemory)
{
    const auto result = call(function(), "eat");
    EXPECT_EQ(result.kind, Kind::crashed);
    EXPECT_EQ(result.payload,
              "{\"errorType\":\"Runtime.OutOfMemory\",\"errorMessage\":\"RequestId: " +
                  result.request_id + " Error: Runtime exited with error: signal: killed\"}");
    EXPECT_EQ(call(function(), "echo next").payload, "next");
}

TEST_F(InstancePoolTest, RefusesAnswersOverTheLimitWithoutHurtingTheInstance)
{
    const auto result = call(function(), "large 6291557");
    EXPECT_EQ(result.kind, Kind::function_error);
    EXPECT_THAT(result.payload, AllOf(HasSubstr("\"errorType\":\"Function.ResponseSizeTooLarge\""),
                                      HasSubstr("Response payload size exceeded maximum allowed "
                                                "payload size (6291556 bytes).")));
    EXPECT_EQ(call(function(), "large 6291556").payload.size(), 6'291'556U);
    EXPECT_EQ(instances(), 1U);
}

TEST_F(InstancePoolTest, TellsWhyAFunctionDoesNotStart)
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

TEST_F(InstancePoolTest, StartsAnInstanceAgainThatEndsOnItsWay)
{
    auto f = function();
    f.handler = "start-exit-once";
    f.environment["MARK"] = (directory_.path() / "mark").string();
    EXPECT_EQ(call(f, "echo fine").payload, "fine");
}

TEST_F(InstancePoolTest, EndsInstancesThatDoNotGetReady)
{
    options_.start_limit = 50ms;
    auto f = function();
    f.handler = "start-hang";
    const auto result = call(f, "x");
    EXPECT_EQ(result.kind, Kind::crashed);
    EXPECT_THAT(result.payload, HasSubstr("did not ask for an event within 0.05 seconds"));
    until([&] { return instances() == 0; });
}

TEST_F(InstancePoolTest, SaysWhyItCannotRunAFunction)
{
    auto f = function();
    f.role_arn = "arn:aws:iam::123456789012:role/gone";
    auto result = call(f, "x");
    EXPECT_EQ(result.kind, Kind::unavailable);
    EXPECT_EQ(result.payload,
              "The role arn:aws:iam::123456789012:role/gone does not exist. Create it.");
    f.role_arn = "arn:aws:iam::123456789012:role/r";
    EXPECT_EQ(call(f, "echo back").payload, "back") << "it looks again";

    f = function("unknown");
    f.runtime = "cobol85";
    EXPECT_THAT(call(f, "x").payload, HasSubstr("no runtime 'cobol85'"));
    write_file(directory_.path() / "damaged.zip", "PK nonsense");
    EXPECT_THAT(call(function("damaged", "damaged"), "x").payload,
                HasSubstr("cannot be read as a zip"));
    put_code("outside", {{"../outside", "x"}});
    EXPECT_THAT(call(function("outside", "outside"), "x").payload,
                HasSubstr("leaves its directory"));
    EXPECT_FALSE(std::filesystem::exists(directory_.path() / "code" / "outside"));
}

TEST_F(InstancePoolTest, WritesTheLogThatLambdaWrites)
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
    EXPECT_THAT(log_.groups(), ElementsAre("/aws/lambda/f"));
    EXPECT_THAT(*log_.streams().begin(),
                MatchesRegex("[0-9]{4}/[0-9]{2}/[0-9]{2}/\\[\\$LATEST\\][0-9a-f]{32}"));
    EXPECT_THAT(call(function(), "echo").log_tail, Not(HasSubstr("Init Duration")));
}

TEST_F(InstancePoolTest, KeepsTheEndOfALongLog)
{
    const auto result = call(function(), "flood 20000");
    EXPECT_EQ(result.log_tail.size(), 4096U);
    EXPECT_THAT(result.log_tail, HasSubstr("lines were left out"));
    EXPECT_THAT(result.log_tail, MatchesRegex("(.|\n)*REPORT RequestId: [^\n]*\n"));
    EXPECT_LT(log_.lines().size(), 11'000U);
}

TEST_F(InstancePoolTest, WritesTheFirstInvocationsOfASecondOnly)
{
    options_.logged_invocations_per_second = 0;
    EXPECT_THAT(call(function(), "echo quiet").log_tail, StartsWith("START RequestId"));
    EXPECT_TRUE(log_.lines().empty());
    call(function(), "print loud");
    EXPECT_EQ(std::ranges::count(log_.lines(), "out loud"), 1);
    EXPECT_THAT(log_.lines(), Contains(StartsWith("START RequestId")));
    EXPECT_THAT(log_.lines(), Contains(StartsWith("REPORT RequestId")));
}

TEST_F(InstancePoolTest, EndsInstancesThatHaveBeenIdle)
{
    options_.idle_limit = 20ms;
    const auto process = std::stoi(call(function(), "pid").payload);
    until([&] { return !is_alive(process); });
    EXPECT_EQ(instances(), 0U);
    EXPECT_EQ(call(function(), "echo again").payload, "again");
}

TEST_F(InstancePoolTest, ReplacesInstancesBeforeTheirCredentialsExpire)
{
    options_.credentials_lifetime = 1s;
    const auto first = call(function(), "pid").payload;
    std::string later = first;
    until([&] { return (later = call(function(), "pid").payload) != first; });
    EXPECT_EQ(access_.sessions, 2);
}

TEST_F(InstancePoolTest, RetiresOtherRevisionsAndTheirCode)
{
    put_code("next", {{"bootstrap", read_file(NIMBUS_TEST_BOOTSTRAP)}, {"lib/data", "x"}});
    const auto old = function();
    auto current = function("f", "next");
    current.revision_id = "2";
    const auto place = new_directory("meeting").string();
    const auto idle = std::stoi(call(old, "pid").payload);
    auto busy = begin(old, "meet 2 " + place);
    until([&] { return !std::filesystem::is_empty(place); });
    pool().retire(old.arn, current.revision_id);
    EXPECT_NE(call(current, "pid").payload, std::to_string(idle));
    EXPECT_EQ(call(current, "cwd").payload, (directory_.path() / "code/next-hash").string());
    std::ofstream(std::filesystem::path(place) / "release") << "x";
    EXPECT_EQ(busy.get().payload, "met") << "what runs may finish";
    until([&] { return !is_alive(idle) && instances() == 1; });
    until([&] { return !std::filesystem::exists(directory_.path() / "code/main-hash"); });

    pool().retire(current.arn, {});
    until([&] { return instances() == 0; });
    until([&] { return std::filesystem::is_empty(directory_.path() / "code"); });
}

TEST_F(InstancePoolTest, EndsProcessesThatAFunctionLeftBehind)
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

TEST_F(InstancePoolTest, StopsEverythingAndAnswersWhatRuns)
{
    auto hanging = begin(function(), "hang");
    until([&] { return instances() == 1; });
    on_loop([this] { pool_->stop(); });
    const auto result = hanging.get();
    EXPECT_EQ(result.kind, Kind::unavailable);
    EXPECT_EQ(result.payload, "The local cloud is stopping.");
    EXPECT_EQ(instances(), 0U);
    EXPECT_EQ(call(function(), "pid").kind, Kind::unavailable);
}

TEST_F(InstancePoolTest, UnpacksFilesWithTheirPermissionsAndNothingElse)
{
    put_code("tree", {{"bootstrap", read_file(NIMBUS_TEST_BOOTSTRAP)},
                      {"lib/", "", S_IFDIR | 0755},
                      {"lib/data.txt", "data", S_IFREG | 0640},
                      {"link", "/etc/passwd", S_IFLNK | 0777}});
    EXPECT_EQ(call(function("tree", "tree"), "echo fine").payload, "fine");
    const auto code = directory_.path() / "code/tree-hash";
    EXPECT_EQ(read_file(code / "lib/data.txt"), "data");
    struct stat status{};
    ASSERT_EQ(::stat((code / "lib/data.txt").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0640U);
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(code / "link")));
}

} // namespace
} // namespace nimbus::local
