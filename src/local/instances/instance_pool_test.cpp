#include "local/instances/test_pool.h"

#include <gmock/gmock.h>

#include <unistd.h>

namespace nimbus::local {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;
using Kind = InvocationResult::Kind;

using InstancePoolTest = PoolFixture;

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

TEST_F(InstancePoolTest, LetsRequestsWaitLongerWhereInstancesFillTheMachine)
{
    options_.growth_delay = 0ms;
    options_.crowd = 2;
    options_.growth_delay_in_a_crowd = 1h;
    const auto place = new_directory("meeting");
    auto first = begin(function(), "meet 3 " + place.string());
    until([&] { return !std::filesystem::is_empty(place); });
    auto second = begin(function(), "meet 3 " + place.string());
    EXPECT_EQ(instances(), 2U);
    auto third = begin(function(), "pid");
    EXPECT_EQ(instances(), 2U);
    write_file(place / "release", "x");
    EXPECT_EQ(first.get().kind, Kind::success);
    EXPECT_EQ(second.get().kind, Kind::success);
    EXPECT_EQ(third.get().kind, Kind::success);
    EXPECT_EQ(instances(), 2U);
}

/// Three instances, of which two are at work until `release_those_at_work`.
class ACrowd : public InstancePoolTest {
protected:
    void set_to_work(std::chrono::milliseconds wait)
    {
        options_.growth_delay = 0ms;
        options_.growth_delay_in_a_crowd = 0ms;
        options_.crowd = 2;
        options_.wait_in_a_crowd = wait;
        const auto hall = new_directory("hall");
        for (int i = 0; i < 3; ++i)
            begun_.push_back(begin(function(), "meet 3 " + hall.string()));
        end_all();
        until([&] { return idle_instances() == 3; });
        place_ = new_directory("place");
        for (int i = 0; i < 2; ++i)
            begun_.push_back(begin(function(), "meet 3 " + place_.string()));
        until([&] { return std::distance(std::filesystem::directory_iterator(place_), {}) == 2; });
    }

    void release_those_at_work()
    {
        write_file(place_ / "release", "x");
        end_all();
    }

    bool was_at_work(const std::string& process) const
    {
        return std::filesystem::exists(place_ / process);
    }

private:
    void end_all()
    {
        for (auto& each : std::exchange(begun_, {}))
            EXPECT_EQ(each.get().kind, Kind::success);
    }

    std::filesystem::path place_;
    std::vector<std::future<InvocationResult>> begun_;
};

TEST_F(ACrowd, ServesARequestRatherThanAnIdleInstance)
{
    set_to_work(std::chrono::hours(1));
    auto third = begin(function(), "pid");
    EXPECT_EQ(idle_instances(), 1U);
    release_those_at_work();
    EXPECT_TRUE(was_at_work(third.get().payload));
}

TEST_F(ACrowd, ThatTakesTooLongIsNotWaitedFor)
{
    set_to_work(0ms);
    EXPECT_FALSE(was_at_work(call(function(), "pid").payload));
    release_those_at_work();
}

TEST_F(ACrowd, IsNotWaitedForWithoutEnd)
{
    set_to_work(std::chrono::milliseconds(50));
    EXPECT_FALSE(was_at_work(call(function(), "pid").payload));
    release_those_at_work();
}

TEST_F(InstancePoolTest, AFunctionThatIsDebuggedHasOneInstanceThatWasStartedForIt)
{
    const auto owner = process::identity_of(::getpid());
    const auto before = call(function(), "pid").payload;
    options_.debugging->set({.owner = owner, .functions = {"f"}});
    std::vector<std::future<InvocationResult>> calls;
    for (int i = 0; i < 4; ++i)
        calls.push_back(begin(function(), "pid"));
    const auto debugged = calls.front().get().payload;
    EXPECT_NE(debugged, before);
    for (std::size_t i = 1; i < calls.size(); ++i)
        EXPECT_EQ(calls[i].get().payload, debugged);
    EXPECT_EQ(std::to_string(options_.debugging->processes().at("f")), debugged);
    EXPECT_NE(call(function("other"), "pid").payload, debugged);

    options_.debugging->set({.owner = owner, .functions = {}});
    EXPECT_NE(call(function(), "pid").payload, debugged);
}

TEST_F(InstancePoolTest, AnInstanceThatWaitsForADebuggerIsGivenTheTimeItTakes)
{
    options_.start_limit = 1ms;
    options_.debugging->set({.owner = process::identity_of(::getpid()), .functions = {"f"}});
    EXPECT_EQ(call(function(), "pid").kind, Kind::success);
}

TEST_F(InstancePoolTest, OneInstanceAtATimeHasTheInspector)
{
    options_.runtimes["provided.al2023"].arguments_to_inspect = {"inspected"};
    options_.debugging->set({.owner = process::identity_of(::getpid()),
                             .functions = {"f", "g"},
                             .mode = {.inspector_port = 9229}});
    std::vector<std::future<InvocationResult>> calls;
    for (const auto* name : {"f", "g", "f", "g"})
        calls.push_back(begin(function(name), "sleep 2"));
    for (auto& each : calls)
        EXPECT_EQ(each.get().kind, Kind::success);
    EXPECT_EQ(instances(), 1U);
}

/// Each request has its own on Lambda, at once.
TEST_F(InstancePoolTest, SlowStartsDoNotKeepOthersFromStarting)
{
    options_.start_limit = 20s;
    auto slow = function();
    slow.handler = "start-hang";
    std::vector<std::future<InvocationResult>> calls;
    for (int i = 0; i < 5; ++i)
        calls.push_back(begin(slow, "x"));
    until([&] { return instances() == 5; });
    on_loop([this] { pool_->stop(); });
}

TEST_F(InstancePoolTest, ThrottlesWhatWouldWaitBehindTooMany)
{
    options_.max_instances_per_function = 1;
    options_.max_waiting_per_function = 2;
    const auto place = new_directory("meeting");
    auto busy = begin(function(), "meet 2 " + place.string());
    until([&] { return !std::filesystem::is_empty(place); });
    auto first = begin(function(), "pid");
    auto second = begin(function(), "pid");
    EXPECT_EQ(call(function(), "pid").kind, Kind::throttled);
    write_file(place / "release", "x");
    EXPECT_EQ(busy.get().kind, Kind::success);
    EXPECT_EQ(first.get().kind, Kind::success);
    EXPECT_EQ(second.get().kind, Kind::success);
}

FaultSettings always(Fault fault)
{
    FaultSettings settings;
    settings.rate(fault) = *Rate::parse("100%");
    return settings;
}

TEST_F(InstancePoolTest, ThrottlesOnDemand)
{
    options_.faults->set(always(Fault::throttle));
    const auto result = begin(function(), "pid", {.request_id = "mine"}).get();
    EXPECT_EQ(result.kind, Kind::throttled);
    EXPECT_EQ(result.reason, "a fault on demand");
    EXPECT_THAT(cloud_log_.lines(), Contains(AllOf(HasSubstr("fault=throttles request_id=mine "),
                                                   HasSubstr("level=info"))));
    options_.faults->set({});
    EXPECT_EQ(call(function(), "pid").kind, Kind::success);
}

TEST_F(InstancePoolTest, StartsANewInstanceOnDemand)
{
    const auto warm = call(function(), "pid");
    options_.faults->set(always(Fault::cold_start));
    const auto cold = call(function(), "pid");
    EXPECT_EQ(cold.kind, Kind::success);
    EXPECT_NE(cold.payload, warm.payload);
    EXPECT_NE(call(function(), "pid").payload, cold.payload);
    options_.faults->set({});
    const auto last = call(function(), "pid");
    EXPECT_EQ(call(function(), "pid").payload, last.payload);
}

TEST_F(InstancePoolTest, AnInstanceThatBecomesFreeIsNotNewEnoughForAColdStart)
{
    options_.growth_delay = 1h;
    const auto place = new_directory("meeting");
    auto busy = begin(function(), "meet 2 " + place.string());
    until([&] { return !std::filesystem::is_empty(place); });
    const auto used = std::filesystem::directory_iterator(place)->path().filename();
    options_.faults->set(always(Fault::cold_start));
    auto cold = begin(function(), "pid");
    write_file(place / "release", "x");
    EXPECT_EQ(busy.get().kind, Kind::success);
    EXPECT_NE(cold.get().payload, used);
    EXPECT_EQ(instances(), 1U);
}

TEST_F(InstancePoolTest, DoesNotBeginWhatItsCallerHasGivenUp)
{
    options_.max_instances_per_function = 1;
    const auto place = new_directory("meeting");
    auto busy = begin(function(), "meet 2 " + place.string());
    until([&] { return !std::filesystem::is_empty(place); });
    auto patient = begin(function(), "pid");
    const auto result =
        begin(function(), "pid", {.request_id = "mine", .deadline = Deadline::after(10ms)}).get();
    EXPECT_EQ(result.kind, Kind::throttled);
    EXPECT_EQ(result.reason, "none of 1 instances was free in time");
    EXPECT_THAT(cloud_log_.lines(),
                Contains(AllOf(HasSubstr("message=\"An invocation was refused\" request_id=mine "),
                               HasSubstr(" function=f "), HasSubstr(result.reason))));
    write_file(place / "release", "x");
    EXPECT_EQ(busy.get().kind, Kind::success);
    EXPECT_EQ(patient.get().kind, Kind::success) << "it came before, and has time";
}

TEST_F(InstancePoolTest, ThrottlesWhatWaitsTooLong)
{
    options_.max_instances_per_function = 1;
    options_.waiting_limit = 10ms;
    // The limit holds for the wait for a first instance, too, and that instance stays.
    until([&] { return call(function(), "pid").kind == Kind::success; });
    const auto place = new_directory("meeting");
    auto busy = begin(function(), "meet 2 " + place.string());
    EXPECT_EQ(call(function(), "pid").kind, Kind::throttled);
    write_file(place / "release", "x");
    EXPECT_EQ(busy.get().kind, Kind::success);
}

TEST_F(InstancePoolTest, EndsTheOldestIdleInstanceForAFunctionThatHasNone)
{
    options_.max_instances = 2;
    options_.max_first_instances = 0;
    EXPECT_EQ(call(function("a"), "pid").kind, Kind::success);
    until([&] { return idle_instances() == 1; });
    const auto b = call(function("b"), "pid").payload;
    until([&] { return idle_instances() == 2; });
    EXPECT_EQ(call(function("c"), "pid").kind, Kind::success);
    EXPECT_EQ(call(function("b"), "pid").payload, b);
    EXPECT_EQ(instances(), 2U);
}

TEST_F(InstancePoolTest, GivesAFunctionItsFirstInstanceBesideOthersThatHang)
{
    options_.max_instances = 2;
    std::vector<std::future<InvocationResult>> hanging;
    for (int i = 0; i < 3; ++i)
        hanging.push_back(begin(function("slow"), "hang"));
    until([&] { return instances() == 2; });
    EXPECT_EQ(call(function("other"), "echo served").payload, "served");
    EXPECT_EQ(instances(), 3U) << "the third that hangs has to wait";
    on_loop([this] { pool_->stop(); });
}

TEST_F(InstancePoolTest, LetsNoFunctionStarveBesideABusyOne)
{
    options_.max_instances = 2;
    options_.max_first_instances = 0;
    EXPECT_EQ(call(function("other"), "pid").kind, Kind::success);
    const auto start = new_directory("start");
    const auto end = new_directory("end");
    std::vector<std::future<InvocationResult>> busy;
    const auto meet_at = [&](const std::filesystem::path& place) {
        for (int i = 0; i < 2; ++i)
            busy.push_back(begin(function("busy"), "meet 3 " + place.string()));
    };
    meet_at(start);
    until([&] { return std::distance(std::filesystem::directory_iterator(start), {}) == 2; });
    for (int i = 0; i < 20; ++i)
        busy.push_back(begin(function("busy"), "pid"));
    meet_at(end);
    auto other = begin(function("other"), "echo hello");
    write_file(start / "release", "x");
    EXPECT_EQ(other.get().payload, "hello") << "before the busy function has room to spare";
    write_file(end / "release", "x");
    for (auto& each : busy)
        EXPECT_EQ(each.get().kind, Kind::success);
}

TEST_F(InstancePoolTest, ReplacesAnInstanceThatDiedWhileIdle)
{
    const auto process = std::stoi(call(function(), "pid").payload);
    ::kill(process, SIGKILL);
    until([&] { return instances() == 0; });
    EXPECT_EQ(call(function(), "echo on").payload, "on");
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
    for (const auto* name : {"..\\outside", "lib\\..\\..\\outside", "\\outside", "/outside",
                             "c:\\outside", "C:outside", "lib/../../outside", "lib/.."}) {
        put_code("outside", {{name, "x"}});
        EXPECT_THAT(call(function("outside", "outside"), "x").payload,
                    HasSubstr("leaves its directory"))
            << name;
    }
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
    EXPECT_GE(access_.sessions, 2);
}

TEST_F(InstancePoolTest, KeepsTheCodeThatWasUsedLastUnpacked)
{
    options_.max_idle_code = 1;
    put_code("next", {{"bootstrap", read_file(NIMBUS_TEST_BOOTSTRAP)}});
    const auto unpacked = [&](const char* code) {
        return std::filesystem::exists(directory_.path() / "code" / code);
    };
    const auto first = function();
    call(first, "pid");
    pool().retire(first.arn, {});
    until([&] { return instances() == 0; });
    EXPECT_TRUE(unpacked("main-hash"));

    const auto second = function("g", "next");
    call(second, "pid");
    pool().retire(second.arn, {});
    until([&] { return !unpacked("main-hash"); });
    EXPECT_TRUE(unpacked("next-hash"));
}

TEST_F(InstancePoolTest, RetiresOtherRevisionsAndTheirCode)
{
    options_.max_idle_code = 0;
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
    write_file(std::filesystem::path(place) / "release", "x");
    EXPECT_EQ(busy.get().payload, "met") << "what runs may finish";
    until([&] { return !is_alive(idle) && instances() == 1; });
    until([&] { return !std::filesystem::exists(directory_.path() / "code/main-hash"); });

    pool().retire(current.arn, {});
    until([&] { return instances() == 0; });
    until([&] { return !std::filesystem::exists(directory_.path() / "code/next-hash"); });
    until([&] { return std::filesystem::is_empty(directory_.path() / "code/garbage"); });
}

TEST_F(InstancePoolTest, ServesOthersWhileItUnpacksALargePackage)
{
    std::vector<ZipEntry> entries{{"bootstrap", read_file(NIMBUS_TEST_BOOTSTRAP)}};
    for (int number = 0; number < 20'000; ++number)
        entries.push_back({"large/" + std::to_string(number) + "/", "", S_IFDIR | 0755});
    put_code("large", entries);
    auto large = begin(function("large", "large"), "pid");
    EXPECT_EQ(call(function(), "echo served").payload, "served");
    EXPECT_EQ(large.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    on_loop([this] { pool_.reset(); });
    EXPECT_FALSE(std::filesystem::exists(directory_.path() / "code/large-hash"))
        << "nor does it wait for the rest when it ends";
}

TEST_F(InstancePoolTest, ServesBeforeTheRestsOfAnEarlierRunAreTakenAway)
{
    const auto code = directory_.path() / "code";
    make_directories(code / "main-hash");
    write_file(code / "main-hash/bootstrap", "of an earlier run");
    EXPECT_EQ(call(function(), "echo served").payload, "served");
    until([&] { return std::filesystem::is_empty(code / "garbage"); });
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
    EXPECT_EQ(status.st_mode & 0777, 0644U);
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(code / "link")));
}

} // namespace
} // namespace nimbus::local
