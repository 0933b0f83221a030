#include "base/error.h"
#include "base/number.h"
#include "cli/command.h"
#include "cli/dev_cloud.h"
#include "cli/dev_waiting.h"
#include "cli/interrupts.h"

/// `nimbus dev`: what is saved answers a moment later, in the local cloud.
namespace nimbus::cli {
namespace {

constexpr std::string_view not_given = "-";

struct Options {
    ApplicationOptions application;
    bool json = false, yes = false;
    std::string inspect{not_given}; ///< a port
};

void keep_running(DevCloud& cloud, DevReport& report)
{
    try {
        if (cloud.revive())
            report.note("The local cloud had ended, and was started again.");
    } catch (const Error& error) {
        report.note(sentences_of(error));
    }
}

/// Builds, waits for something to build, and so on; until a person ends it.
void run_until_ended(Development& development, DevCloud& cloud, DevReport& report,
                     const Terminal& terminal)
{
    FileWatcher watcher;
    DevLogs logs(cloud.store(), cloud.log_file());
    DevWaiting waiting(watcher, logs, development, report, terminal);
    bool is_first = true, is_trouble_told = false;
    while (!interrupted()) {
        if (!is_first)
            keep_running(cloud, report);
        development.bring();
        take_interrupts_silently(); // a deploy answers them with a sentence
        if (interrupted())
            return;
        if (development.outputs())
            logs.follow(development.target().client, *development.outputs());
        auto late = development.watch(watcher);
        development.get_ready();
        if (!watcher.trouble().empty() && !std::exchange(is_trouble_told, true))
            report.note(watcher.trouble());
        if (std::exchange(is_first, false))
            report.watching();
        const auto changed = waiting.run(std::move(late));
        if (!changed)
            return;
        if (changed->empty())
            development.look_at_everything();
        else
            report.changed(*changed);
    }
}

std::optional<std::uint16_t> inspector_port(const Options& options)
{
    if (options.inspect == not_given)
        return {};
    const auto port = parse_number<std::uint16_t>(options.inspect);
    if (!port || *port == 0)
        throw UsageError("--inspect must be a port from 1 to 65535, not '" + options.inspect + "'");
    return port;
}

int run(const Options& options, const Terminal& terminal)
{
    const auto inspector = inspector_port(options);
    const auto& file = options.application.file;
    const auto found = frontends::application_file(file.empty() ? std::filesystem::current_path()
                                                                : std::filesystem::path(file));
    interrupt_descriptor();
    take_interrupts_silently();
    Progress progress(terminal);
    DevReport report(options.json ? DevReport::Form::json : DevReport::Form::text,
                     found.parent_path(), terminal, progress);
    {
        DevCloud cloud(progress);
        Development development({.application = options.application,
                                 .yes = options.yes,
                                 .inspector_port = inspector,
                                 .file = found,
                                 .log_file = cloud.log_file()},
                                terminal, progress, report);
        run_until_ended(development, cloud, report, terminal);
    }
    report.ended();
    return done;
}

} // namespace

void add_dev(const Command& root)
{
    add_command<Options>(
        root, "dev", "Deploy to the local cloud, and again whenever a file is saved",
        [](const Command& command, Options& options) {
            declare_application(command, options.application);
            command.flag("--json", options.json, "Print one JSON object for each event");
            command.flag("-y,--yes", options.yes, "Ask nothing before data is deleted");
            command.option("--inspect", options.inspect, "9229", "[PORT]",
                           "Have Node.js debugged on this port of 127.0.0.1 (default: 9229)");
            command.examples({{"nimbus dev", "the application in this directory"},
                              {"nimbus dev shop.cpp --stage try", "another file and stage"}});
        },
        run);
}

} // namespace nimbus::cli
