#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "frontends/build_record.h"
#include "frontends/cross_toolchain.h"
#include "frontends/front_end.h"
#include "frontends/precompiled_library.h"
#include "frontends/toolchain.h"

#include <algorithm>
#include <set>

/// A program that is one source file, built with the flags that come with libnimbus. What it
/// depends on, the compiler and the linker tell: headers, libraries, the C library.
namespace nimbus::frontends {
namespace {

struct Commands {
    std::vector<std::string> compile;
    std::vector<std::string> link;
    std::filesystem::path library; ///< libnimbus.a
    std::string text;              ///< both, for the record
};

void append(std::vector<std::string>& words, const std::vector<std::string>& more)
{
    words.insert(words.end(), more.begin(), more.end());
}

Commands commands_for(const BuildRequest& request, const std::filesystem::path& place)
{
    const auto prefix = library_prefix(request.options);
    const auto cross = cross_toolchain(request);
    const auto compiler = cross ? cached({cross->compiler}) : cxx_compiler();
    const auto object = (place / "main.o").string();
    const auto library = cross ? cross->library : prefix / "lib";
    Commands commands{compiler, compiler, library / "libnimbus.a", {}};
    if (request.is_development())
        commands.compile = with_precompiled_library(std::move(commands.compile), request);
    append(commands.compile, flags_for(request, prefix, "compile"));
    append(commands.compile,
           {"-MD", "-MF", (place / "compile.d").string(), "-c", request.name(), "-o", object});
    append(commands.link, {object});
    if (cross) // before the directory that the flags name
        append(commands.link, {"-L" + library.string()});
    append(commands.link, flags_for(request, prefix, "link"));
    append(commands.link, development_link_flags(request, prefix));
    append(commands.link, {"-Wl,--dependency-file=" + (place / "link.d").string(), "-o",
                           (place / "bootstrap").string()});
    commands.text = join(commands.compile, " ") + '\n' + join(commands.link, " ");
    return commands;
}

/// The prerequisites in a makefile's rules: all words but the targets. `\` before a line feed
/// continues, before a blank it keeps it.
std::vector<std::string> prerequisites(const std::string& makefile)
{
    std::vector<std::string> words;
    std::string word;
    const auto finish = [&] {
        if (!word.empty() && !word.ends_with(':'))
            words.push_back(word);
        word.clear();
    };
    for (std::size_t i = 0; i < makefile.size(); ++i) {
        const char c = makefile[i];
        const char next = i + 1 < makefile.size() ? makefile[i + 1] : '\0';
        if (c == '\\' && (next == '\n' || next == ' ' || next == '#')) {
            if (next != '\n')
                word += next;
            ++i;
        } else if (c == '$' && next == '$') {
            word += c;
            ++i;
        } else if (c == ' ' || c == '\n' || c == '\t') {
            finish();
        } else {
            word += c;
        }
    }
    finish();
    return words;
}

BuildRecord record_of(const Commands& commands, const BuildRequest& request,
                      const std::filesystem::path& place, const std::vector<FileStamp>& known)
{
    // The linker names libnimbus, too, but cuts paths at blanks.
    std::set<std::filesystem::path> paths{place / "bootstrap", commands.library};
    for (const auto* file : {"compile.d", "link.d"})
        for (const auto& name : prerequisites(read_file(place / file)))
            paths.insert((request.directory() / name).lexically_normal());
    paths.erase(place / "main.o");
    std::erase_if(paths, [](const std::filesystem::path& path) {
        return !std::filesystem::is_regular_file(path); // temporary files of the linker are gone
    });
    return {commands.text, stamp_files(paths, known)};
}

void run_step(const std::vector<std::string>& command, const BuildRequest& request,
              const std::string& failure)
{
    const auto result = run_tool(command, request.directory());
    if (result.success)
        return;
    show_output(request.options, result.output);
    throw Error(request.name() + ' ' + failure, "The compiler's messages above say why.");
}

} // namespace

std::string single_file_build_key(const BuildRequest& request)
{
    return request.file.string() + key_part(request.architecture);
}

Program build_single_file(const BuildRequest& request, const BuildDirectory& place)
{
    const auto commands = commands_for(request, place.path());
    const auto record_file = place.path() / "record.json";
    const auto executable = place.path() / "bootstrap";
    auto record = current_record(record_file, commands.text);
    if (!record) {
        const auto known = recorded_stamps(record_file);
        std::filesystem::remove(record_file);
        announce(request.options, "Compiling " + request.name());
        const auto began = file_clock_now();
        run_step(commands.compile, request, "does not compile");
        announce(request.options, "Linking " + request.name());
        run_step(commands.link, request, "does not link");
        record = record_of(commands, request, place.path(), known);
        save_record(record_file, *record, began);
    }
    auto program = native_program(executable);
    program.inputs = record->inputs(place.path());
    return program;
}

} // namespace nimbus::frontends
