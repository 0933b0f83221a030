#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/command.h"
#include "local/served.h"

#include <algorithm>
#include <iostream>

/// nimbus local operations: what the local cloud serves of AWS's services, and of their inputs.
namespace nimbus::cli {
namespace {

using local::InputMembers;
using local::ServedService;

struct Options {
    std::string service;
    bool json = false;
};

json::object to_json(const InputMembers& operation)
{
    json::array taken;
    for (const auto member : split(operation.taken, ' '))
        if (!member.empty())
            taken.emplace_back(member);
    json::object harmless;
    for (const auto& [name, reason] : operation.harmless)
        harmless[name] = reason;
    return {{"taken", std::move(taken)}, {"harmless", std::move(harmless)}};
}

json::object to_json(const ServedService& service)
{
    json::object operations;
    for (const auto& operation : service.operations)
        operations[operation.operation] = to_json(operation);
    return operations;
}

std::vector<ServedService> chosen(const std::string& name)
{
    auto services = local::served_services();
    if (name.empty())
        return services;
    std::vector<std::string> names;
    for (const auto& service : services)
        names.emplace_back(service.name);
    std::erase_if(services, [&](const ServedService& one) { return one.name != name; });
    if (services.empty())
        throw UsageError("There is no service '" + name + "' in this list",
                         "It has " + join(names, ", ") + ".");
    return services;
}

void print(const ServedService& service)
{
    std::cout << service.name << "\n";
    for (const auto& operation : service.operations) {
        std::cout << "  " << operation.operation;
        if (operation.taken == "*")
            std::cout << "  refused";
        else if (!operation.taken.empty())
            std::cout << "  " << operation.taken;
        std::cout << "\n";
    }
}

int run(const Options& options, const Terminal&)
{
    const auto services = chosen(options.service);
    if (options.json) {
        json::object all;
        for (const auto& service : services)
            all[service.name] = to_json(service);
        std::cout << pretty_json(all);
        return done;
    }
    for (const auto& service : services)
        print(service);
    return done;
}

} // namespace

void add_local_operations(const Command& local)
{
    add_command<Options>(
        local, "operations", "List AWS's operations that it has, and what they take",
        [](const Command& command, Options& options) {
            command.positional("SERVICE", options.service, "Only those of this service");
            command.flag("--json", options.json, "Print one JSON object");
            command.examples({{"nimbus local operations lambda", "Lambda's operations"}});
        },
        run);
}

} // namespace nimbus::cli
