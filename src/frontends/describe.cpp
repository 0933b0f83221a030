#include "frontends/describe.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/pipe.h"
#include "base/text.h"
#include "process/child_process.h"
#include "process/interpreter.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <unistd.h>

namespace nimbus::frontends {
namespace {

constexpr std::size_t most_output = 16 * 1024;
constexpr std::uintmax_t most_manifest = 2 * 1024 * 1024;
constexpr std::size_t most_lines = 20;

/// What a program ends with that finds its own declarations wrong.
constexpr int wrong_declarations = 1;

std::vector<std::string> environment_with(const std::filesystem::path& manifest)
{
    std::vector<std::string> environment{"NIMBUS_MANIFEST_OUT=" + manifest.string()};
    for (const auto* name : {"PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL", "LC_CTYPE"})
        if (const char* value = std::getenv(name))
            environment.push_back(std::string(name) + '=' + value);
    return environment;
}

struct Ending {
    std::optional<process::ExitStatus> status; ///< nothing: it did not end in time
    std::string printed;                       ///< on both outputs, in its own order
};

void append_available(int fd, std::string& printed)
{
    std::array<char, 4096> buffer;
    for (;;) {
        const ssize_t got = ::read(fd, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return;
        const auto room = most_output - std::min(printed.size(), most_output);
        printed.append(buffer.data(), std::min(static_cast<std::size_t>(got), room));
    }
}

/// Ends when the program does, even if children of it hold its outputs open.
Ending run_until_end(process::SpawnOptions options, Deadline deadline)
{
    auto [output, input] = make_pipe();
    ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
    options.standard_output = process::Stream::null;
    options.standard_error = process::Stream::null;
    options.descriptors = {{input.get(), 1}, {input.get(), 2}};
    auto child = process::ChildProcess::spawn(options);
    input.reset();

    Ending ending;
    std::array<pollfd, 2> polled{{{output.get(), POLLIN, 0}, {child.exit_descriptor(), POLLIN, 0}}};
    while (!deadline.reached()) {
        ::poll(polled.data(), polled.size(), static_cast<int>(deadline.remaining().count()));
        append_available(output.get(), ending.printed);
        if (polled[0].revents != 0 && (polled[0].revents & POLLIN) == 0)
            polled[0].fd = -1; // closed
        if (polled[1].revents != 0) {
            ending.status = child.wait(deadline);
            append_available(output.get(), ending.printed);
            break;
        }
    }
    if (!ending.status)
        child.signal_group(SIGKILL);
    return ending;
}

/// Its last lines, indented below a sentence, safe for a terminal.
std::string quoted_lines(std::string_view printed)
{
    auto lines = split(trim(printed), '\n');
    if (lines.size() > most_lines)
        lines.erase(lines.begin(), lines.end() - most_lines);
    std::string text;
    for (const auto line : lines) {
        text += "\n  ";
        for (const char c : line)
            if (static_cast<unsigned char>(c) >= 0x20 || c == '\t')
                text += c;
    }
    return text;
}

std::string and_says(std::string_view printed)
{
    return trim(printed).empty() ? std::string() : ". It says:" + quoted_lines(printed);
}

void require_success(const Ending& ending, const std::string& name, const DescribeHints& hints,
                     std::chrono::milliseconds limit)
{
    if (!ending.status)
        throw Error(name + " did not say what it declares within " +
                        std::to_string(limit.count() / 1000) + " s and was stopped" +
                        and_says(ending.printed),
                    std::string(hints.slow));
    if (ending.status->success())
        return;
    if (ending.status->code == wrong_declarations && !trim(ending.printed).empty())
        throw UsageError("What " + name + " declares is wrong" + and_says(ending.printed));
    throw Error(name + " failed when it was asked what it declares: " + ending.status->text() +
                    and_says(ending.printed),
                std::string(hints.failed));
}

/// Linux says "No such file or directory" of a program that is there when what should run it is
/// not.
void require_interpreter(const std::string& program, const std::string& name)
{
    const auto file = process::find_program(program);
    if (!file)
        return;
    const auto interpreter = process::interpreter_of(*file);
    if (interpreter.is_absolute() && !std::filesystem::exists(interpreter))
        throw Error(name + " cannot run on this machine: it needs the interpreter " +
                        interpreter.string() + ", which is not there",
                    "Link a program with -static, as nimbus_add_app() does; correct the first "
                    "line of a script.");
}

/// Of a list in JSON; what is no string in it counts for nothing.
std::vector<std::string> names_in(const std::string& text, const std::string& program)
{
    std::vector<std::string> names;
    const auto list = parse_json(text, "The list of packages of " + program);
    if (list.is_array())
        for (const auto& name : list.get_array())
            if (name.is_string())
                names.emplace_back(name.get_string());
    return names;
}

} // namespace

Description describe(const std::vector<std::string>& command,
                     const std::filesystem::path& directory, const std::string& name,
                     const DescribeHints& hints, std::chrono::milliseconds limit)
{
    const TemporaryDirectory temporary("nimbus-describe");
    const auto manifest = temporary.path() / "manifest.json";
    process::SpawnOptions options;
    options.arguments = command;
    options.environment = environment_with(manifest);
    options.working_directory = directory;
    options.new_session = true;
    options.die_with_parent = true;
    require_interpreter(command.front(), name);
    require_success(run_until_end(options, Deadline::after(limit)), name, hints, limit);

    std::error_code error;
    const auto size = std::filesystem::file_size(manifest, error);
    if (error)
        throw Error(name + " wrote no manifest, so it declares nothing", std::string(hints.silent));
    if (size > most_manifest)
        throw Error("The manifest that " + name + " wrote is larger than 1 MB");
    return {
        read_file(manifest),
        parse_places(read_file_if_exists(manifest.string() + ".places").value_or(""), directory),
        names_in(read_file_if_exists(manifest.string() + ".packages").value_or("[]"), name)};
}

} // namespace nimbus::frontends
