#include "aws/ops/lambda/invoke.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/deployed_function.h"
#include "cli/deployment.h"
#include "cli/log_text.h"
#include "cli/outputs.h"
#include "cli/standard_input.h"
#include "deploy/kinds/catalog.h"

#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include <iostream>

namespace nimbus::cli {
namespace {

struct Options {
    DeploymentOptions deployment;
    std::string name;
    std::string event; ///< a file, or - for standard input
    bool json = false;
};

/// As the first thing that calls the function would send it; {} when nothing does.
std::string sample_event(const deploy::Outputs& outputs, const std::string& function)
{
    for (const auto& item : outputs.items) {
        const auto* kind = deploy::all_kinds().find(item.kind);
        if (kind == nullptr || kind->sample_event == nullptr)
            continue;
        if (const auto event = kind->sample_event(item, function))
            return json::serialize(*event);
    }
    return "{}";
}

/// JSON text; throws Error that says in which line and column it is not.
std::string given_event(const Options& options)
{
    auto event = read_file_or_input(options.event);
    parse_json(event, options.event == "-" ? "The event on standard input"
                                           : "The event in " + options.event);
    return event;
}

/// What a function returned; as a text when it is no JSON, which no runtime gives.
json::value answer_of(const std::string& payload)
{
    try {
        return parse_json(payload, "the answer");
    } catch (const Error&) {
        return json::value(payload);
    }
}

/// "TypeError: x is not a function"
std::string message_of(const json::value& answer)
{
    const auto* failure = answer.if_object();
    if (failure == nullptr || !failure->contains("errorMessage"))
        return readable(compact_json(answer));
    const auto type = string_or_empty(*failure, "errorType");
    return readable((type.empty() ? "" : type + ": ") + string_or_empty(*failure, "errorMessage"));
}

json::object document_of(const std::string& function, const aws::lambda::Invoke::Response& response,
                         const json::value& answer)
{
    return {{"function", function},
            {"statusCode", response.status_code},
            {"functionError", response.function_error.empty()
                                  ? json::value(nullptr)
                                  : json::value(response.function_error)},
            {"payload", answer},
            {"log", response.log_tail}};
}

int run(const Options& options, const Terminal& terminal)
{
    auto event = options.event.empty() ? std::string() : given_event(options);
    Progress progress(terminal);
    const auto deployment = open_deployment(options.deployment, progress);
    const auto outputs = need_outputs(deployment);
    const auto function = deployed_function(outputs, options.name);
    if (event.empty())
        event = sample_event(outputs, function.name);
    progress.phase("Running " + function.name);
    const auto response = deployment.target->client.call(
        aws::lambda::Invoke{.function_name = function.arn, .payload = event, .tail_logs = true});
    progress.pause();
    const auto answer = answer_of(response.payload);
    const bool has_failed = !response.function_error.empty();
    if (options.json)
        print_json(document_of(function.name, response, answer));
    else if (!response.log_tail.empty())
        std::cerr << readable(response.log_tail) << "\n";
    if (has_failed)
        throw Error("The function '" + function.name + "' failed: " + message_of(answer),
                    "'nimbus logs " + function.name + "' shows its whole log.");
    if (!options.json)
        std::cout << pretty_json(answer);
    return done;
}

} // namespace

void add_invoke(const Command& root)
{
    add_command<Options>(
        root, "invoke", "Run one function now; print its answer and the end of its log",
        [](const Command& command, Options& options) {
            command.positional("NAME", options.name, "The function, as the program names it");
            command.required("NAME");
            declare_deployment(command, options.deployment);
            command.option("--event", options.event, "FILE",
                           "The event, as JSON; - is standard input (default: one like the "
                           "first thing that calls the function sends, else {})");
            command.takes_file("--event");
            command.flag("--json", options.json, "Print one JSON object");
            command.examples(
                {{"nimbus invoke cleanup", "with an event like that of what calls it"},
                 {"nimbus invoke get-users --event event.json", "with the event in a file"}});
        },
        run);
}

} // namespace nimbus::cli
