#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/database_template.h"
#include "cli/databases_of_tests.h"
#include "cli/deployment.h"
#include "cli/endpoint_of_tests.h"
#include "cli/environment_of_tests.h"
#include "cli/interrupts.h"
#include "cli/migrate.h"
#include "process/child_process.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>

namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;

/// What shells add to the number of the signal that ended a command.
constexpr int ended_by_signal = 128;
/// A command gets Ctrl-C itself, and may want to clean up.
constexpr auto time_to_end = 1s;

struct Options {
    ApplicationOptions application;
    std::vector<std::string> command;
    bool seed = false;
};

/// A command and where it runs.
struct TestProgram {
    std::vector<std::string> words;
    std::filesystem::path directory; ///< empty: where we are
};

bool has_npm_test(const std::filesystem::path& package)
{
    const auto text = read_file_if_exists(package);
    if (!text)
        return false;
    const auto document = parse_json(*text, package.string());
    const auto* object = document.if_object();
    const auto* scripts = object != nullptr ? object_member(*object, "scripts") : nullptr;
    return scripts != nullptr && scripts->contains("test");
}

/// What the project itself calls its tests.
TestProgram tests_of(const std::filesystem::path& directory)
{
    if (has_npm_test(directory / "package.json"))
        return {.words = {"npm", "test"}, .directory = directory};
    if (std::filesystem::exists(directory / "build" / "CTestTestfile.cmake"))
        return {.words = {"ctest", "--test-dir", "build", "--output-on-failure"},
                .directory = directory};
    throw UsageError(
        "There is no command to run, and the project says none",
        "Name one: nimbus test -- COMMAND. Without, 'npm test' runs where package.json "
        "has a script 'test', and ctest where there is build/CTestTestfile.cmake.");
}

/// Waits for the end; a request to stop is passed on.
process::ExitStatus wait_for_end(process::ChildProcess& child)
{
    std::array<pollfd, 2> events{
        {{child.exit_descriptor(), POLLIN, 0}, {interrupt_descriptor(), POLLIN, 0}}};
    while (::poll(events.data(), events.size(), -1) < 0 && errno == EINTR) {
    }
    if (auto status = child.wait(Deadline::after(time_to_end)))
        return *status;
    child.signal(SIGTERM);
    return child.wait(Deadline::never()).value();
}

int run_tests(const TestProgram& program, const std::vector<std::string>& environment)
{
    interrupt_descriptor();
    take_interrupts_silently();
    process::SpawnOptions options;
    options.arguments = program.words;
    options.environment = environment;
    options.working_directory = program.directory;
    options.standard_input = process::Stream::inherit;
    options.die_with_parent = true;
    auto child = process::ChildProcess::spawn(options);
    const auto status = wait_for_end(child);
    return status.signal != 0 ? ended_by_signal + status.signal : status.code;
}

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto application = load_once_for_development(options.application, progress);
    if (options.seed && !has_seed(application.manifest))
        throw without_seed(application.manifest);
    const auto program = options.command.empty()
                             ? tests_of(application.directory)
                             : TestProgram{.words = options.command, .directory = {}};
    const auto home = local::Home::from_environment();
    const auto settings = running_local_cloud(home, &progress);
    const auto region = application.manifest.region;
    const auto target = OpenTarget::open({}, region, &progress);
    progress.phase("Preparing the databases of the tests");
    TestDatabases databases(target->client,
                            prepare_test_template(application,
                                                  options.seed ? Seeds::run : Seeds::left_out,
                                                  *target, engine_options(progress, *target)));
    const TestEndpoint endpoint(
        {.make = [&databases] { return databases.make(); },
         .remove = [&databases](const std::string& name) { return databases.remove(name); }});
    progress.pause();
    auto variables = test_variables(home, settings, region, databases.credentials());
    variables.insert(databases.common().variables.begin(), databases.common().variables.end());
    variables["NIMBUS_TEST_ENDPOINT"] = endpoint.url();
    variables["NIMBUS_TEST_TOKEN"] = endpoint.token();
    return run_tests(program,
                     environment_for_tests(process::current_environment(), std::move(variables)));
}

} // namespace

void add_test(const Command& root)
{
    add_command<Options>(
        root, "test", "Run tests with databases of their own, in the local cloud",
        [](const Command& command, Options& options) {
            declare_file(command, options.application);
            command.flag("--seed", options.seed, "With the rows of the seeds, too");
            command.following("COMMAND", options.command,
                              "What runs the tests (default: 'npm test' where package.json has "
                              "a script 'test', else ctest in the directory build)");
            command.examples({{"nimbus test", "the tests that the project defines"},
                              {"nimbus test -- ctest --test-dir build", "in C++"},
                              {"nimbus test --seed -- npx playwright test", "with rows to see"},
                              {"nimbus test -- npx vitest run", "exit code: that of the command"}});
        },
        run);
}

} // namespace nimbus::cli
