#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/hosts_block.h"
#include "cli/outputs.h"
#include "local/home.h"
#include "process/child_process.h"

#include <fmt/core.h>

#include <algorithm>
#include <iostream>
#include <unistd.h>

/// nimbus local names: lets every program of this machine find the clusters by their host names.
namespace nimbus::cli {
namespace {

struct Options {
    std::string file = "/etc/hosts";
    bool remove = false, json = false;
};

/// What `nimbus` writes with root's rights is the names of clusters on loopback addresses,
/// whatever else the file of the home, which is its user's, may say.
HostAddresses cluster_names(const local::Home& home)
{
    auto names = parse_hosts(read_file_if_exists(home.hosts_file()).value_or(""));
    std::erase_if(names, [](const auto& entry) {
        const auto& [name, address] = entry;
        return !name.ends_with(".on.aws") || !name.contains(".dsql.") ||
               !address.starts_with("127.");
    });
    return names;
}

bool may_write(const std::filesystem::path& file)
{
    const auto directory = std::filesystem::absolute(file).parent_path();
    return ::access(directory.c_str(), W_OK) == 0 || ::access(file.c_str(), W_OK) == 0;
}

/// Root has another home: it is told ours.
std::vector<std::string> command_line(const Options& options, const local::Home& home)
{
    std::vector<std::string> arguments{"env",
                                       "NIMBUS_HOME=" + home.root().string(),
                                       std::filesystem::read_symlink("/proc/self/exe").string(),
                                       "local",
                                       "names",
                                       "--file",
                                       options.file};
    if (options.remove)
        arguments.emplace_back("--remove");
    return arguments;
}

void run_as_root(const Options& options, const local::Home& home, const Terminal& terminal)
{
    auto arguments = command_line(options, home);
    const auto hint = "Run this as root: " + join(arguments, " ");
    const auto sudo = process::find_program("sudo");
    if (!sudo)
        throw Error("Only root may change " + options.file + ", and sudo is not installed", hint);
    std::cerr << "Only root may change " << options.file << ": sudo may ask for your password.\n";
    std::vector<std::string> prefix{sudo->string()};
    if (!terminal.has_person())
        prefix.emplace_back("--non-interactive");
    prefix.emplace_back("--");
    arguments.insert(arguments.begin(), prefix.begin(), prefix.end());
    auto child = process::ChildProcess::spawn({.arguments = std::move(arguments),
                                               .standard_input = process::Stream::inherit,
                                               .standard_output = process::Stream::null});
    const auto status = child.wait(Deadline::never());
    if (!status || !status->success())
        throw Error(options.file + " was not changed: sudo ended with " +
                        (status ? status->text() : "no status"),
                    hint);
}

std::string describe(const Options& options, const HostAddresses& names, bool is_changed)
{
    if (names.empty())
        return is_changed ? "The names of the local cloud are no longer in " + options.file + ".\n"
                          : options.file + " has no names of the local cloud.\n";
    return fmt::format(
        "{} {} {} of the local cloud.\n", options.file, is_changed ? "now has" : "already has",
        names.size() == 1 ? "the name" : "the " + std::to_string(names.size()) + " names");
}

int run(const Options& options, const Terminal& terminal)
{
    const auto home = local::Home::from_environment();
    const auto names = options.remove ? HostAddresses() : cluster_names(home);
    const auto before = read_file(options.file);
    const auto after = with_names(before, home.root(), names);
    const bool is_changed = after != before;
    if (is_changed) {
        std::cerr << (names.empty() ? "Removing the names of the local cloud from "
                                    : "Writing these names to ")
                  << options.file << (names.empty() ? "\n" : ":\n");
        for (const auto& [name, address] : names)
            std::cerr << "  " << address << ' ' << name << '\n';
        if (may_write(options.file))
            rewrite_file(options.file, after);
        else
            run_as_root(options, home, terminal);
    }
    if (!options.json) {
        std::cout << describe(options, names, is_changed);
        return done;
    }
    json::array list;
    for (const auto& [name, address] : names)
        list.push_back(json::object{{"name", name}, {"address", address}});
    print_json({{"file", options.file}, {"changed", is_changed}, {"names", std::move(list)}});
    return done;
}

} // namespace

void add_local_names(const Command& local)
{
    add_command<Options>(
        local, "names", "Let all programs of this machine find the clusters by name",
        [](const Command& command, Options& options) {
            command.flag("--remove", options.remove, "Take the names out again");
            command.option("--file", options.file, "FILE", "The hosts file (default: /etc/hosts)");
            command.takes_file("--file");
            command.flag("--json", options.json, "Print one JSON object");
            command.examples({{"nimbus local names", "writes to /etc/hosts, with sudo"},
                              {"nimbus local names --remove", "undoes it"}});
        },
        run);
}

} // namespace nimbus::cli
