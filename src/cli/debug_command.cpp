#include "aws/ops/lambda/functions.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/debugging.h"
#include "cli/deployed_function.h"
#include "cli/deployment.h"
#include "cli/interrupts.h"
#include "cli/invocation_names.h"
#include "frontends/executable.h"

#include <fmt/core.h>

#include <chrono>
#include <iostream>
#include <poll.h>

/// `nimbus debug`: a function of a program in C++ waits for a debugger.
namespace nimbus::cli {
namespace {

using namespace std::chrono_literals;
using deploy::function::FunctionOutput;

/// How often it is asked whether a process was started.
constexpr auto interval = 200ms;

struct Options {
    DeploymentOptions deployment;
    std::string name;
};

/// A route, or a function by its name.
FunctionOutput wanted_function(const deploy::Outputs& outputs, const std::string& name)
{
    const auto by_route = function_of_route(outputs, name);
    return deployed_function(outputs, by_route.value_or(name));
}

void require_native(const aws::Client& client, const FunctionOutput& function)
{
    const auto runtime =
        client.call(aws::lambda::GetFunction{.function_name = function.arn}).configuration.runtime;
    if (runtime.starts_with("nodejs"))
        throw UsageError("'" + function.name + "' runs in Node.js, which has a debugger of its own",
                         "Run 'nimbus dev --inspect' and attach to its port.");
}

/// What `nimbus deploy` builds is static and stripped.
bool has_symbols(pid_t process)
{
    const auto program = "/proc/" + std::to_string(process) + "/exe";
    return !frontends::inspect_executable(program).interpreter.empty();
}

void tell(pid_t process)
{
    try {
        if (!has_symbols(process)) {
            std::cout << fmt::format(
                "Process {} has no debugging information, for 'nimbus deploy' built it for Lambda. "
                "Run 'nimbus dev' in another terminal, and call the function again.\n",
                process);
            return;
        }
    } catch (const Error&) { // it has ended already
        return;
    }
    std::cout
        << fmt::format(
               "Process {0} waits before main. In another terminal:\n\n"
               "    gdb -p {0}                 or    lldb -p {0}\n"
               "    (gdb) break main.cpp:12          (lldb) breakpoint set -f main.cpp -l 12\n"
               "    (gdb) continue                   (lldb) continue\n",
               process)
        << std::endl;
}

/// False after an interrupt.
bool wait()
{
    pollfd source{.fd = interrupt_descriptor(), .events = POLLIN, .revents = 0};
    ::poll(&source, 1, static_cast<int>(std::chrono::milliseconds(interval).count()));
    return !interrupted();
}

void tell_processes(const aws::Client& client, const FunctionOutput& function)
{
    pid_t known = 0;
    do {
        const auto processes = client.call(GetDebugging{});
        const auto found = processes.find(aws_name(function));
        if (found != processes.end() && found->second != known)
            tell(known = found->second);
    } while (wait());
}

int run(const Options& options, const Terminal& terminal)
{
    Progress progress(terminal);
    const auto deployment = open_deployment(options.deployment, progress);
    if (deployment.target->name != "local")
        throw UsageError("Functions are debugged in the local cloud, and the target is " +
                             deployment.target->name,
                         "'nimbus init --local' chooses the local cloud.");
    const auto outputs = need_outputs(deployment);
    const auto function = wanted_function(outputs, options.name);
    const auto& client = deployment.target->client;
    require_native(client, function);
    interrupt_descriptor();
    take_interrupts_silently();
    client.call(PutDebugging{.functions = {function}});
    progress.pause();
    std::cout << "The next call of " << options.name
              << " starts a process that waits for a debugger. Ctrl-C ends this." << std::endl;
    tell_processes(client, function);
    client.call(PutDebugging{});
    std::cout << "\nEnded: " << options.name << " runs as usual again." << std::endl;
    return done;
}

} // namespace

void add_debug(const Command& root)
{
    add_command<Options>(
        root, "debug", "Have a function in C++ wait for gdb or lldb",
        [](const Command& command, Options& options) {
            command.positional("ROUTE", options.name,
                               "A route, such as \"GET /hello/{id}\", or the name of a function");
            command.required("ROUTE");
            declare_deployment(command, options.deployment);
            command.examples({{"nimbus debug \"GET /hello/{id}\"", "while 'nimbus dev' runs"},
                              {"nimbus debug cleanup", "a function by its name"}});
        },
        run);
}

} // namespace nimbus::cli
