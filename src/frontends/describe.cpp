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
Ending wait_for_end(process::ChildProcess& child, int output, Deadline deadline)
{
    Ending ending;
    std::array<pollfd, 2> polled{{{output, POLLIN, 0}, {child.exit_descriptor(), POLLIN, 0}}};
    while (!deadline.reached()) {
        ::poll(polled.data(), polled.size(), static_cast<int>(deadline.remaining().count()));
        append_available(output, ending.printed);
        if (polled[0].revents != 0 && (polled[0].revents & POLLIN) == 0)
            polled[0].fd = -1; // closed
        if (polled[1].revents != 0) {
            ending.status = child.wait(deadline);
            append_available(output, ending.printed);
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
        throw UsageError("What " + name + " declares is wrong" + and_says(ending.printed),
                         "Correct the program, then run the command again.");
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

DescribingProgram::DescribingProgram(Command command)
    : command_(std::move(command)), temporary_("nimbus-describe")
{
}

std::filesystem::path DescribingProgram::code() const
{
    return temporary_.path() / "code" / "bundle";
}

void DescribingProgram::start(const std::string& name)
{
    process::SpawnOptions options;
    for (const auto& argument : command_.arguments)
        options.arguments.push_back(replace_all(argument, "{code}", code().string()));
    options.environment = environment_with(manifest());
    options.working_directory = command_.directory;
    options.new_session = true;
    options.die_with_parent = true;
    if (command_.waits)
        options.standard_input = process::Stream::pipe;
    require_interpreter(options.arguments.front(), name);
    auto [output, input] = make_pipe();
    ::fcntl(output.get(), F_SETFL, O_NONBLOCK);
    options.standard_output = process::Stream::null;
    options.standard_error = process::Stream::null;
    options.descriptors = {{input.get(), 1}, {input.get(), 2}};
    child_ = process::ChildProcess::spawn(options);
    output_ = std::move(output);
}

bool DescribingProgram::is_running() const
{
    pollfd ended{child_.exit_descriptor(), POLLIN, 0};
    return child_.pid() > 0 && ::poll(&ended, 1, 0) == 0;
}

Description DescribingProgram::finish(const std::string& name, const DescribeHints& hints,
                                      std::chrono::milliseconds limit)
{
    if (auto& input = child_.standard_input()) {
        static_cast<void>(::write(input.get(), "\n", 1)); // one that has ended tells how
        input.reset();
    }
    require_success(wait_for_end(child_, output_.get(), Deadline::after(limit)), name, hints,
                    limit);
    const auto file = manifest();
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    if (error)
        throw Error(name + " wrote no manifest, so it declares nothing", std::string(hints.silent));
    if (size > most_manifest)
        throw Error("The manifest that " + name + " wrote is larger than 1 MB");
    return {read_file(file),
            parse_places(read_file_if_exists(file.string() + ".places").value_or(""),
                         command_.directory),
            names_in(read_file_if_exists(file.string() + ".packages").value_or("[]"), name)};
}

Description describe(const std::vector<std::string>& command,
                     const std::filesystem::path& directory, const std::string& name,
                     const DescribeHints& hints, std::chrono::milliseconds limit)
{
    DescribingProgram program({.arguments = command, .directory = directory});
    program.start(name);
    return program.finish(name, hints, limit);
}

} // namespace nimbus::frontends
