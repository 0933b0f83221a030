#include "cli/local_process.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/pipe.h"
#include "base/text.h"
#include "cli/cloud_answers.h"
#include "local/cloud.h"
#include "process/child_process.h"

#include <boost/json/serialize.hpp>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;

constexpr int report_descriptor = 3;
constexpr auto start_timeout = 60s;
constexpr auto stop_timeout = 30s;
/// Of a process that was killed, for the kernel to take it down.
constexpr auto kill_timeout = 10s;

/// What the cloud may know of whoever starts it: its own settings and the machine's, nothing else.
constexpr std::array inherited_variables{"PATH",
                                         "HOME",
                                         "TMPDIR",
                                         "LANG",
                                         "NIMBUS_HOME",
                                         "NIMBUS_POSTGRES_BIN",
                                         "NIMBUS_POSTGRES_TEMPLATE_DIR",
                                         "ASAN_OPTIONS",
                                         "TSAN_OPTIONS"};

std::vector<std::string> cloud_environment(const local::Home& home)
{
    std::vector<std::string> environment;
    for (const char* name : inherited_variables)
        if (const char* value = std::getenv(name); value && std::string_view(name) != "NIMBUS_HOME")
            environment.push_back(std::string(name) + "=" + value);
    environment.push_back("NIMBUS_HOME=" + home.root().string());
    return environment;
}

bool wait_readable(int fd, Deadline deadline)
{
    for (;;) {
        pollfd entry{fd, POLLIN, 0};
        const int ready = ::poll(&entry, 1, static_cast<int>(deadline.remaining().count()));
        if (ready > 0)
            return true;
        if (ready == 0)
            return false;
        if (errno != EINTR)
            throw_system_error(errno, "Cannot wait for the local cloud");
    }
}

std::string read_report(int fd, Deadline deadline)
{
    std::string report;
    std::array<char, 4096> part{};
    while (wait_readable(fd, deadline)) {
        const auto count = ::read(fd, part.data(), part.size());
        if (count > 0)
            report.append(part.data(), static_cast<std::size_t>(count));
        else if (count == 0 || errno != EINTR)
            break;
    }
    return report;
}

std::string last_line(const std::filesystem::path& file)
{
    const auto text = read_file_if_exists(file).value_or("");
    const auto lines = split(trim(text), '\n');
    return std::string(lines.back());
}

[[noreturn]] void throw_not_started(const local::Home& home, const std::string& report)
{
    if (report.empty()) {
        const auto crash = last_line(home.crash_log_file());
        throw Error("The local cloud did not start" + (crash.empty() ? "" : ": " + crash),
                    "See " + home.log_file().string() + ".");
    }
    const auto document = parse_json(report, "What the local cloud reported").as_object();
    throw Error("The local cloud did not start: " + string_or_empty(document, "error"),
                string_or_empty(document, "hint"));
}

void write_report(const json::object& document)
{
    const auto text = json::serialize(document);
    [[maybe_unused]] const auto ignored = ::write(report_descriptor, text.data(), text.size());
    ::close(report_descriptor);
}

/// Checked by who starts the cloud, who has somebody to tell.
LogLevel chosen_log_level(const CloudStart& how)
{
    if (how.log_level)
        return *how.log_level;
    const char* value = std::getenv("NIMBUS_LOG_LEVEL");
    if (!value || !*value)
        return LogLevel::info;
    if (const auto level = parse_log_level(value))
        return *level;
    throw UsageError("NIMBUS_LOG_LEVEL must be one of " +
                     join({log_level_names.begin(), log_level_names.end()}, ", ") + ", not '" +
                     value + "'");
}

std::filesystem::path path_from_environment(const char* name)
{
    const char* value = std::getenv(name);
    return value ? std::filesystem::path(value) : std::filesystem::path();
}

} // namespace

std::optional<RunningCloud> find_running(const local::Home& home)
{
    const auto pid = home.running_process();
    if (!pid)
        return {};
    const auto settings = home.read_settings();
    if (!settings || settings->port == 0)
        return {};
    return RunningCloud{.pid = *pid, .settings = *settings, .was_running = true};
}

RunningCloud start_local_cloud(const local::Home& home, const CloudStart& how)
{
    const auto log_level = chosen_log_level(how);
    home.create();
    const auto one_at_a_time = local::wait_for_file_lock(home.start_lock_file());
    if (auto running = find_answering(home)) {
        if (how.port && *how.port != running->settings.port)
            throw Error("The local cloud is already running, on port " +
                            std::to_string(running->settings.port),
                        "Run 'nimbus local stop' first.");
        if (how.no_sandbox &&
            string_or_empty(local::sandbox_of(home), "reason") != local::asked_for_no_sandbox)
            throw Error("The local cloud is already running, with a sandbox for functions",
                        "Run 'nimbus local stop' first.");
        if (how.log_level)
            throw Error("The local cloud is already running, and keeps its log level until it is "
                        "stopped",
                        "To change it, run 'nimbus local stop', then start it with --log-level " +
                            std::string(name_of(*how.log_level)) + ".");
        return *running;
    }

    auto report = make_pipe();
    const UniqueFd crash_log(
        ::open(home.crash_log_file().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!crash_log)
        throw_system_error(errno, "Cannot write " + home.crash_log_file().string());
    process::SpawnOptions options;
    options.arguments = {"/proc/self/exe", "local", "serve", "--log-level",
                         std::string(name_of(log_level))};
    if (how.no_sandbox)
        options.arguments.emplace_back("--no-sandbox");
    if (how.port) {
        options.arguments.emplace_back("--port");
        options.arguments.push_back(std::to_string(*how.port));
    }
    options.environment = cloud_environment(home);
    options.working_directory = "/";
    options.standard_output = process::Stream::null;
    options.standard_error = process::Stream::null;
    options.descriptors = {{crash_log.get(), STDERR_FILENO},
                           {report.write.get(), report_descriptor}};
    options.new_session = true;
    auto child = process::ChildProcess::spawn(options);
    report.write.reset();

    const auto deadline = Deadline::after(start_timeout);
    const auto text = read_report(report.read.get(), deadline);
    if (text.empty() && deadline.reached())
        throw Error("The local cloud, process " + std::to_string(child.pid()) +
                        ", was not ready within " + std::to_string(start_timeout.count()) +
                        " s, and was ended",
                    "See " + home.log_file().string() + ".");
    const bool ready =
        !text.empty() &&
        parse_json(text, "What the local cloud reported").as_object().contains("ready");
    if (!ready)
        throw_not_started(home, text);
    child.release();
    auto running = find_answering(home);
    if (!running)
        throw_not_started(home, {});
    running->was_running = false;
    return *running;
}

int installed_postgres()
{
    return local::installed_postgres(path_from_environment("NIMBUS_POSTGRES_BIN"));
}

bool stop_local_cloud(const local::Home& home)
{
    const auto pid = home.running_process();
    if (!pid)
        return false;
    const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
    if (!process)
        return false;
    ::kill(*pid, SIGTERM);
    ::kill(*pid, SIGCONT); // what stands still would never hear of it
    if (wait_readable(process.get(), Deadline::after(stop_timeout)))
        return true;
    ::kill(*pid, SIGKILL);
    if (!wait_readable(process.get(), Deadline::after(kill_timeout)))
        throw Error("The local cloud, process " + std::to_string(*pid) +
                        ", was killed, and the system has not ended it within " +
                        std::to_string(kill_timeout.count()) + " s",
                    "It waits for a device, most likely a disk.");
    std::cerr << "The local cloud, process " << *pid << ", did not stop within "
              << stop_timeout.count() << " s and was killed. " << home.log_file().string()
              << " may say what it was doing.\n";
    return true;
}

int serve_local_cloud(const local::Home& home, const CloudStart& how)
{
    try {
        local::run_cloud(
            {.home = home,
             .port = how.port,
             .log_level = chosen_log_level(how),
             .sandbox = !how.no_sandbox,
             .postgres_bin = path_from_environment("NIMBUS_POSTGRES_BIN"),
             .postgres_template = path_from_environment("NIMBUS_POSTGRES_TEMPLATE_DIR")},
            [] { write_report({{"ready", true}}); });
        return 0;
    } catch (const Error& error) {
        write_report({{"error", error.what()}, {"hint", error.hint()}});
    } catch (const std::exception& error) {
        write_report({{"error", error.what()}, {"hint", ""}});
    }
    return 1;
}

} // namespace nimbus::cli
