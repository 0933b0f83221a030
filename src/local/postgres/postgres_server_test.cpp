#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "local/postgres/data_directory.h"
#include "local/postgres/postgres_server.h"
#include "local/postgres/test_server.h"
#include "process/child_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <csignal>
#include <mutex>
#include <poll.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace nimbus::local::postgres {
namespace {

using testing::HasSubstr;

std::vector<std::string> pid_file_lines(const std::filesystem::path& directory)
{
    const auto content = read_file(directory / "data" / "postmaster.pid");
    const auto lines = split(content, '\n');
    return {lines.begin(), lines.end()};
}

/// A server's process and its shared memory, to see them go.
struct Footprint {
    explicit Footprint(const std::filesystem::path& directory)
    {
        const auto lines = pid_file_lines(directory);
        pid = std::stoi(lines.at(0));
        segment = std::stoi(lines.at(6).substr(lines.at(6).find_last_of(' ') + 1));
        descriptor = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    }

    void kill(int number) const { ::kill(pid, number); }
    bool ended() const
    {
        pollfd end{descriptor.get(), POLLIN, 0};
        return ::poll(&end, 1, 20'000) > 0;
    }
    bool has_shared_memory() const
    {
        shmid_ds information{};
        return ::shmctl(segment, IPC_STAT, &information) == 0;
    }

    pid_t pid;
    int segment;
    UniqueFd descriptor;
};

/// Collects what a server logs of what went wrong.
class Problems {
public:
    Log log()
    {
        return {LogLevel::warning, [this](LogLevel, const std::string& line) {
                    const std::lock_guard lock(mutex_);
                    lines_.push_back(line);
                    changed_.notify_all();
                }};
    }

    std::string wait_for(std::size_t count)
    {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(40), [&] { return lines_.size() >= count; });
        return lines_.size() >= count ? lines_[count - 1] : "";
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> lines_;
};

/// A cloud in a process of its own, to be killed: it starts a server, inserts a row and waits.
pid_t fork_a_cloud(const std::filesystem::path& directory)
{
    return fork_until_ready([&](const auto& ready) {
        Server server(options_in(directory));
        server.start(soon());
        query(server, "CREATE TABLE t (a int)");
        query(server, "INSERT INTO t VALUES (7)");
        ready();
    });
}

void kill_and_reap(pid_t pid)
{
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
}

TEST(Installation, IsFoundWithItsVersion)
{
    const auto found = find_installation();
    EXPECT_TRUE(std::filesystem::exists(found.bin_directory / "initdb"));
    EXPECT_GE(found.major_version, 14);
    EXPECT_EQ(find_installation(found.bin_directory).major_version, found.major_version);
}

TEST(Installation, ThatIsMissingIsAnErrorThatSaysWhatToDo)
{
    const TemporaryDirectory empty;
    try {
        find_installation(empty.path());
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr(empty.path().string()));
        EXPECT_THAT(error.hint(), HasSubstr("NIMBUS_POSTGRES_BIN"));
    }
}

TEST(Installation, ThatCannotBeUsedIsAnErrorThatSaysWhy)
{
    const auto reason = [](const std::string& script, std::filesystem::perms of_directory) {
        const TemporaryDirectory directory;
        for (const char* name : {"postgres", "initdb"}) {
            write_file(directory.path() / name, "#!/bin/sh\n" + script + "\n");
            std::filesystem::permissions(directory.path() / name, std::filesystem::perms(0755));
        }
        std::filesystem::permissions(directory.path(), of_directory);
        try {
            find_installation(directory.path());
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string("it is usable");
    };
    const auto open_to_all = std::filesystem::perms(0755);
    EXPECT_THAT(reason("echo 'postgres (PostgreSQL) 9.6.1'", open_to_all),
                HasSubstr("': it is version 9, older than 14"));
    EXPECT_THAT(reason("echo 'libicu is missing' >&2; exit 127", open_to_all),
                HasSubstr("': 'postgres --version' does not work: libicu is missing"));
    if (server_identity()) {
        EXPECT_THAT(reason("echo 'postgres (PostgreSQL) 16.1'", std::filesystem::perms(0700)),
                    HasSubstr("Permission denied"));
    }
}

/// What PostgreSQL says to somebody who comes with that password.
std::string refusal(const Server& server, const std::string& user, const std::string& password)
{
    const auto parameters = "host='" + server.socket_path().parent_path().string() +
                            "' port=5432 dbname=postgres connect_timeout=10 user=" + user +
                            " password=" + password;
    const Connection connection(PQconnectdb(parameters.c_str()), PQfinish);
    return PQstatus(connection.get()) == CONNECTION_OK ? "" : PQerrorMessage(connection.get());
}

TEST(Server, AsksForAPasswordThatIsInItsDirectoryAlone)
{
    const TemporaryDirectory home;
    Server server(options_in(home.path() / "cluster"));
    server.start(soon());
    const auto file = home.path() / "cluster" / Server::password_file;
    EXPECT_THAT(refusal(server, Server::superuser, "guessed"), HasSubstr("authentication failed"));
    EXPECT_EQ(refusal(server, Server::superuser, read_file(file)), "");
    EXPECT_EQ(static_cast<unsigned>(std::filesystem::status(file).permissions()), 0600U);
}

TEST(Server, AsksForThePasswordWhereAnEarlierVersionAskedForNone)
{
    const TemporaryDirectory home;
    const auto directory = home.path() / "cluster";
    Server server(options_in(directory));
    server.start(soon());
    query(server, "CREATE TABLE kept ()");
    server.stop();
    rewrite_file(directory / "data" / "pg_hba.conf", "local all all trust\n");
    std::filesystem::remove(directory / Server::password_file);
    server.start(soon());
    EXPECT_THAT(refusal(server, Server::superuser, "guessed"), HasSubstr("authentication failed"));
    EXPECT_EQ(query(server, "SELECT count(*) FROM kept"), "0");
}

TEST(Server, SpeaksAsDsqlIsSetUp)
{
    const TemporaryDirectory home;
    Server server(options_in(home.path() / "cluster"));
    server.start(soon());
    const auto connection = connect(server.socket_path());
    EXPECT_EQ(query(connection, "SHOW default_transaction_isolation"), "repeatable read");
    EXPECT_EQ(query(connection, "SHOW timezone"), "UTC");
    EXPECT_EQ(query(connection, "SHOW server_encoding"), "UTF8");
    EXPECT_EQ(query(connection, "SELECT datcollate FROM pg_database WHERE datname = 'postgres'"),
              "C");
    EXPECT_EQ(query(connection, "SELECT string_agg(datname, ',') FROM pg_database"), "postgres");
    EXPECT_EQ(query(connection, "SHOW listen_addresses"), "");
    EXPECT_EQ(query(connection, "SHOW fsync"), "on");
    EXPECT_EQ(query(connection, "SHOW synchronous_commit"), "on");
}

TEST(Server, KeepsItsFilesToItself)
{
    const TemporaryDirectory home; // 0700: PostgreSQL's user cannot enter it when we are root
    Server server(options_in(home.path() / "cluster"));
    server.start(soon());
    struct stat directory{};
    ASSERT_EQ(::stat((home.path() / "cluster").c_str(), &directory), 0);
    EXPECT_EQ(directory.st_mode & 07777, 0700U);
    struct stat process{};
    ASSERT_EQ(::stat(("/proc/" + pid_file_lines(home.path() / "cluster").at(0)).c_str(), &process),
              0);
    EXPECT_NE(process.st_uid, 0U);
    EXPECT_EQ(process.st_uid, directory.st_uid);
}

TEST(Server, KeepsDataAcrossAStop)
{
    const TemporaryDirectory home;
    const auto directory = home.path() / "cluster";
    {
        Server server(options_in(directory));
        server.start(soon());
        query(server, "CREATE TABLE t (a int)");
        query(server, "INSERT INTO t VALUES (42)");
        const Footprint first(directory);
        server.stop();
        EXPECT_TRUE(first.ended());
        EXPECT_FALSE(first.has_shared_memory());
        server.start(soon());
        EXPECT_EQ(query(server, "SELECT a FROM t"), "42");
    }
    EXPECT_FALSE(std::filesystem::exists(directory / "data" / "postmaster.pid"));
    Server again(options_in(directory));
    again.start(soon());
    EXPECT_EQ(query(again, "SELECT a FROM t"), "42");
}

TEST(Server, StopsWhileSessionsAreOpen)
{
    const TemporaryDirectory home;
    Server server(options_in(home.path() / "cluster"));
    server.start(soon());
    const auto connection = connect(server.socket_path());
    query(connection, "BEGIN");
    const Footprint footprint(home.path() / "cluster");
    server.stop();
    EXPECT_TRUE(footprint.ended());
}

TEST(Server, ThatDiesIsStartedAgainWithItsData)
{
    const TemporaryDirectory home;
    const auto directory = home.path() / "cluster";
    Problems problems;
    auto options = options_in(directory);
    options.log = problems.log();
    Server server(options);
    server.start(soon());
    query(server, "CREATE TABLE t (a int)");
    query(server, "INSERT INTO t VALUES (1)");
    const auto orphan =
        connect(server.socket_path()); // whose backend is left when the postmaster is killed

    const Footprint first(directory);
    first.kill(SIGKILL);
    EXPECT_THAT(problems.wait_for(1), HasSubstr("message=\"PostgreSQL was started again\" "
                                                "reason=\"it ended (signal 9 (Killed))\""));
    EXPECT_EQ(query(server, "SELECT a FROM t"), "1");

    const Footprint second(directory);
    EXPECT_NE(second.pid, first.pid);
    second.kill(SIGKILL);
    EXPECT_THAT(problems.wait_for(2), HasSubstr("was started again"));
    EXPECT_EQ(query(server, "SELECT a FROM t"), "1");
}

TEST(Server, DiesWithAKilledCloudAndLosesNothing)
{
    const TemporaryDirectory home;
    const auto directory = home.path() / "cluster";
    const pid_t cloud = fork_a_cloud(directory);
    const Footprint footprint(directory);
    kill_and_reap(cloud);
    EXPECT_TRUE(footprint.ended());
    EXPECT_FALSE(footprint.has_shared_memory());

    Server server(options_in(directory));
    server.start(soon());
    EXPECT_EQ(query(server, "SELECT a FROM t"), "7");
}

TEST(Server, ClearsAwayAnOrphanThatDidNotDie)
{
    const TemporaryDirectory home;
    const auto directory = home.path() / "cluster";
    const pid_t cloud = fork_a_cloud(directory);
    const Footprint orphan(directory);
    orphan.kill(SIGSTOP); // it will not hear of the cloud's death
    kill_and_reap(cloud);

    Server server(options_in(directory));
    server.start(soon());
    EXPECT_TRUE(orphan.ended());
    EXPECT_EQ(query(server, "SELECT a FROM t"), "7");
}

TEST(Server, StartsOverAPidFileOfAnInnocentProcess)
{
    const TemporaryDirectory home;
    const auto directory = home.path() / "cluster";
    std::string pid_file;
    {
        Server server(options_in(directory));
        server.start(soon());
        pid_file = read_file(directory / "data" / "postmaster.pid");
    }
    auto innocent = process::ChildProcess::spawn({.arguments = {"sleep", "1000"}});
    write_file(directory / "data" / "postmaster.pid",
               std::to_string(innocent.pid()) + pid_file.substr(pid_file.find('\n')));
    write_file(directory / ".s.PGSQL.5432.lock", std::to_string(innocent.pid()) + "\n");

    Server server(options_in(directory));
    server.start(soon());
    EXPECT_EQ(query(server, "SELECT 1"), "1");
    EXPECT_FALSE(innocent.wait(Deadline::after(std::chrono::milliseconds(0))));
}

TEST(Server, MakesADirectoryAgainThatACrashLeftHalfMade)
{
    const TemporaryDirectory home;
    const auto directory = home.path() / "cluster";
    make_directories(directory / "data.new" / "base");
    write_file(directory / "data.new" / "PG_VERSION", "15\n");
    Server server(options_in(directory));
    server.start(soon());
    EXPECT_EQ(query(server, "SELECT 1"), "1");
    EXPECT_FALSE(std::filesystem::exists(directory / "data.new"));
}

TEST(Server, IsRemovedWithoutATrace)
{
    const TemporaryDirectory home;
    const auto directory = home.path() / "cluster";
    Server server(options_in(directory));
    server.start(soon());
    const Footprint footprint(directory);
    server.remove();
    EXPECT_TRUE(footprint.ended());
    EXPECT_FALSE(footprint.has_shared_memory());
    EXPECT_TRUE(std::filesystem::is_empty(home.path()));
    server.remove(); // there is nothing any more, which is what was asked for
}

TEST(Server, IsRemovedAfterACrashWithoutATrace)
{
    const TemporaryDirectory home;
    const auto directory = home.path() / "cluster";
    const pid_t cloud = fork_a_cloud(directory);
    const Footprint orphan(directory);
    orphan.kill(SIGSTOP);
    kill_and_reap(cloud);
    orphan.kill(SIGKILL); // now nobody cleans up
    EXPECT_TRUE(orphan.ended());

    Server server(options_in(directory));
    server.remove();
    EXPECT_FALSE(orphan.has_shared_memory());
    EXPECT_TRUE(std::filesystem::is_empty(home.path()));
}

TEST(Server, SharesATemplateThatIsBeingMade)
{
    const TemporaryDirectory home;
    auto options = options_in("");
    options.template_directory = home.path() / "template";
    std::vector<std::jthread> clouds;
    for (const char* name : {"one", "two"})
        clouds.emplace_back([&options, directory = home.path() / name] {
            auto own = options;
            own.directory = directory;
            Server server(own);
            EXPECT_NO_THROW(server.start(soon()));
            EXPECT_EQ(query(server, "SELECT 1"), "1");
        });
    clouds.clear();
    std::vector<std::filesystem::path> made(
        std::filesystem::directory_iterator(options.template_directory), {});
    EXPECT_EQ(made.size(), 1U);
}

TEST(Server, IsMadeFromAnotherTemplateWhenItsOwnIsDamaged)
{
    const TemporaryDirectory home;
    auto options = options_in("");
    options.template_directory = home.path() / "template";
    const auto start = [&](const std::string& name) {
        options.directory = home.path() / name;
        Server server(options);
        server.start(soon());
        EXPECT_EQ(query(server, "SELECT 1"), "1") << name;
    };
    start("first");
    const std::filesystem::directory_iterator entry(options.template_directory);
    const auto data = entry->path() / "data";
    ASSERT_TRUE(std::filesystem::remove(data / "global" / "pg_control"));
    start("after-a-loss");
    ASSERT_TRUE(std::filesystem::exists(data / "global" / "pg_control")) << "it was made again";
    write_file(data / "PG_VERSION", "1");
    start("after-a-change");
}

TEST(Server, HoldsTheInitialContentOfItsTemplate)
{
    const TemporaryDirectory home;
    auto options = options_in(home.path() / "cluster");
    options.template_directory = home.path() / "template";
    options.initial_content =
        InitialContent{.name = "greeting", .fill = [](const auto& socket) {
                           query(socket, "CREATE TABLE greeting AS SELECT 'hello' AS text");
                       }};
    Server server(options);
    server.start(soon());
    EXPECT_EQ(query(server, "SELECT text FROM public.greeting"), "hello");
}

TEST(Server, HasAnotherTemplateForOtherContent)
{
    const TemporaryDirectory home;
    auto options = options_in(home.path() / "empty");
    options.template_directory = home.path() / "template";
    Server empty(options);
    empty.start(soon());
    options.directory = home.path() / "cluster";
    options.initial_content = InitialContent{
        .name = "schema", .fill = [](const auto& socket) { query(socket, "CREATE SCHEMA own"); }};
    Server server(options);
    server.start(soon());
    EXPECT_EQ(query(server, "SELECT to_regnamespace('own') IS NOT NULL"), "t");
    EXPECT_EQ(query(empty, "SELECT to_regnamespace('own') IS NOT NULL"), "f");
}

TEST(Server, IsReachedBelowAPathTooLongForASocket)
{
    const TemporaryDirectory home;
    const auto directory = home.path() / std::string(120, 'd') / "cluster";
    Server server(options_in(directory));
    server.start(soon());
    EXPECT_LT(server.socket_path().native().size(), 108U);
    EXPECT_EQ(query(server, "SELECT 1"), "1");
}

TEST(Server, IsNotStartedTwiceOnOneDirectory)
{
    const TemporaryDirectory home;
    Server server(options_in(home.path() / "cluster"));
    server.start(soon());
    Server second(options_in(home.path() / "cluster"));
    try {
        second.start(Deadline::after(std::chrono::milliseconds(1)));
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("Another process serves the database"));
    }
    EXPECT_EQ(query(server, "SELECT 1"), "1");
}

TEST(Server, ThatCannotStartSaysWhatItsLogSays)
{
    const TemporaryDirectory home;
    const auto directory = home.path() / "cluster";
    {
        Server server(options_in(directory));
        server.start(soon());
    }
    std::filesystem::remove(directory / "data" / "global" / "pg_control");
    Server server(options_in(directory));
    try {
        server.start(soon());
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("pg_control"));
        EXPECT_THAT(error.what(), HasSubstr(directory.string()));
    }
}

TEST(Server, DoesNotOpenDataOfAVersionThatIsNotInstalled)
{
    const TemporaryDirectory home;
    const auto directory = home.path() / "cluster";
    make_directories(directory / "data");
    write_file(directory / "data" / "PG_VERSION", "9\n");
    Server server(options_in(directory));
    try {
        server.start(soon());
        FAIL() << "no exception";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("was made by PostgreSQL 9"));
        EXPECT_THAT(error.hint(), HasSubstr("postgresql-9"));
    }
}

} // namespace
} // namespace nimbus::local::postgres
