#include "frontends/kept_bundler.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/scratch_file.h"
#include "base/text.h"
#include "frontends/bundler_packet.h"
#include "frontends/toolchain.h"
#include "process/child_process.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <expected>
#include <poll.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace nimbus::frontends {
namespace {

/// What one application needs, and that again with other externals; each holds what it parsed.
constexpr std::size_t most_contexts = 6;

/// The collector of Go's runtime otherwise takes a third of a build's time, for memory that the
/// next build needs again.
constexpr const char* rare_collection = "GOGC=400";

struct BinaryStamp {
    std::filesystem::path path;
    std::filesystem::file_time_type modified;
    std::uintmax_t size = 0;

    bool operator==(const BinaryStamp&) const = default;
};

BinaryStamp stamp_of(const std::filesystem::path& binary)
{
    return {binary, std::filesystem::last_write_time(binary), std::filesystem::file_size(binary)};
}

/// It serves nobody who does not know its version.
std::string version_of(const std::filesystem::path& esbuild)
{
    const auto file = esbuild.parent_path().parent_path() / "package.json";
    const auto description = parse_json(read_file(file), file.string());
    return description.is_object() ? string_or_empty(description.get_object(), "version") : "";
}

/// The options of the command line, but for those that are the command's own.
json::array flags_of(const std::vector<std::string>& command)
{
    json::array flags;
    for (std::size_t i = 2; i < command.size(); ++i)
        if (command[i].starts_with("--metafile="))
            flags.emplace_back("--metafile");
        else if (!command[i].starts_with("--log-level=") && !command[i].starts_with("--color="))
            flags.emplace_back(command[i]);
    flags.emplace_back("--log-level=silent"); // messages are in the answers
    return flags;
}

/// A regular expression of Go for exactly this path.
std::string pattern_of(const std::filesystem::path& path)
{
    std::string pattern = "^";
    for (const char c : path.string()) {
        if (std::ispunct(static_cast<unsigned char>(c)) != 0)
            pattern += '\\';
        pattern += c;
    }
    return pattern + '$';
}

/// As of a plugin of its JavaScript API, which is asked for what these files hold.
json::array plugins_of(const BundlerTask& task)
{
    if (task.contents.empty())
        return {};
    std::vector<std::string> patterns;
    for (const auto& [file, text] : task.contents)
        patterns.push_back(pattern_of(file));
    json::array loads{
        json::object{{"id", 0}, {"filter", join(patterns, "|")}, {"namespace", "file"}}};
    return {json::object{{"name", "nimbus"},
                         {"onStart", false},
                         {"onEnd", false},
                         {"onResolve", json::array()},
                         {"onLoad", std::move(loads)}}};
}

process::SpawnOptions options_for(const std::filesystem::path& esbuild)
{
    process::SpawnOptions options;
    options.arguments = {esbuild.string(), "--service=" + version_of(esbuild)};
    options.environment = process::current_environment();
    if (std::getenv("GOGC") == nullptr)
        options.environment->emplace_back(rare_collection);
    options.working_directory = "/"; // which is in nobody's way
    options.standard_input = process::Stream::pipe;
    options.standard_output = process::Stream::pipe;
    options.standard_error = process::Stream::null;
    options.die_with_parent = true;
    return options;
}

} // namespace

/// The running process, and what it keeps.
class KeptBundler::Service {
public:
    explicit Service(const std::filesystem::path& esbuild)
        : binary_(stamp_of(esbuild)), child_(process::ChildProcess::spawn(options_for(esbuild)))
    {
        next_frame(); // its version, which it would not begin with if it were another one
    }

    bool is(const std::filesystem::path& esbuild)
    {
        pollfd ended{child_.exit_descriptor(), POLLIN, 0};
        return ::poll(&ended, 1, 0) == 0 && stamp_of(esbuild) == binary_;
    }

    struct Built {
        BundlerRun run;
        std::optional<std::string> metafile; ///< unless it failed
    };

    Built build(const BundlerTask& task, const std::filesystem::path& directory)
    {
        metafile_.reset();
        contents_ = &task.contents;
        const auto key = context_for(task, directory);
        if (!key)
            return {key.error(), {}};
        const auto answer = ask({{"command", "rebuild"}, {"key", *key}});
        return {run_of(answer), std::move(metafile_)};
    }

private:
    struct Context {
        json::object request; ///< but for its key
        std::int64_t key;
    };

    /// The key of that of earlier builds of the same, or of a new one; or why there can be none.
    std::expected<std::int64_t, BundlerRun> context_for(const BundlerTask& task,
                                                        const std::filesystem::path& directory)
    {
        json::object request{
            {"command", "build"},
            {"entries", json::array{json::array{"", task.entry.string()}}},
            {"flags", flags_of(bundler_command(binary_.path, task))},
            {"write", true},
            {"stdinContents", nullptr},
            {"stdinResolveDir", nullptr},
            {"absWorkingDir", directory.string()},
            {"nodePaths", json::array()},
            {"context", true},
        };
        if (auto plugins = plugins_of(task); !plugins.empty())
            request["plugins"] = std::move(plugins);
        const auto known = std::ranges::find(contexts_, request, &Context::request);
        if (known != contexts_.end()) {
            std::rotate(known, known + 1, contexts_.end()); // the last one used stands last
            return contexts_.back().key;
        }
        const auto key = next_key_++;
        auto keyed = request;
        keyed["key"] = key;
        auto made = run_of(ask(std::move(keyed)));
        if (!made.success)
            return std::unexpected(std::move(made));
        contexts_.push_back({std::move(request), key});
        if (contexts_.size() > most_contexts) {
            ask({{"command", "dispose"}, {"key", contexts_.front().key}});
            contexts_.erase(contexts_.begin());
        }
        return key;
    }

    /// As the command prints it, which esbuild.h reads.
    BundlerRun run_of(const json::object& answer)
    {
        const auto* errors = array_member(answer, "errors");
        const auto* warnings = array_member(answer, "warnings");
        if (errors == nullptr || warnings == nullptr)
            throw Error("esbuild does not answer as expected: " + string_or_empty(answer, "error"));
        BundlerRun run;
        run.success = errors->empty();
        run.output = printed(*errors, false) + printed(*warnings, true);
        run.messages = bundler_messages(run.output);
        return run;
    }

    std::string printed(const json::array& messages, bool are_warnings)
    {
        if (messages.empty())
            return {};
        const auto answer = ask({{"command", "format-msgs"},
                                 {"messages", messages},
                                 {"isWarning", are_warnings},
                                 {"color", false},
                                 {"terminalWidth", 0}});
        std::string text;
        if (const auto* texts = array_member(answer, "messages"))
            for (const auto& each : *texts)
                text += each.as_string();
        return text;
    }

    json::object ask(json::object request)
    {
        const auto id = next_request_++;
        send({.id = id, .is_request = true, .value = std::move(request)});
        for (;;) {
            auto packet = decode_packet(next_frame());
            if (packet.is_request)
                answer(packet);
            else if (packet.id == id && packet.value.is_object())
                return std::move(packet.value.get_object());
        }
    }

    /// It asks for contents, tells the end of each build, and waits for an answer.
    void answer(const BundlerPacket& request)
    {
        const auto* asked = request.value.if_object();
        if (asked != nullptr && string_or_empty(*asked, "command") == "on-load")
            return answer_with_contents(request.id, string_or_empty(*asked, "path"));
        if (asked != nullptr)
            if (auto metafile = string_member(*asked, "metafile"))
                metafile_ = std::move(metafile);
        send({.id = request.id,
              .is_request = false,
              .value = {{"errors", json::array()}, {"warnings", json::array()}}});
    }

    void answer_with_contents(std::uint32_t id, const std::filesystem::path& file)
    {
        BundlerPacket answer{.id = id, .is_request = false, .value = json::object()};
        if (const auto found = contents_->find(file); found != contents_->end()) {
            answer.value = {
                {"id", 0}, {"loader", "default"}, {"resolveDir", file.parent_path().string()}};
            answer.contents = found->second;
        }
        send(answer);
    }

    void send(const BundlerPacket& packet)
    {
        const auto bytes = encode_packet(packet);
        for (std::string_view rest = bytes; !rest.empty();) {
            const auto written = ::write(child_.standard_input().get(), rest.data(), rest.size());
            if (written < 0 && errno != EINTR)
                throw_system_error(errno, "esbuild takes no request");
            rest.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
        }
    }

    std::string next_frame()
    {
        const auto deadline = Deadline::after(longest_tool_run);
        for (;;) {
            if (auto frame = take_frame(read_))
                return std::move(*frame);
            pollfd output{child_.standard_output().get(), POLLIN, 0};
            if (deadline.reached())
                throw Error("esbuild does not answer");
            ::poll(&output, 1, static_cast<int>(deadline.remaining().count()));
            std::array<char, 64 * 1024> buffer;
            const auto got = ::read(output.fd, buffer.data(), buffer.size());
            if (got > 0)
                read_.append(buffer.data(), static_cast<std::size_t>(got));
            else if (got == 0)
                throw Error("esbuild has ended");
            else if (errno != EINTR && errno != EAGAIN)
                throw_system_error(errno, "Cannot read what esbuild answers");
        }
    }

    BinaryStamp binary_;
    process::ChildProcess child_;
    std::string read_; ///< and not yet taken
    std::uint32_t next_request_ = 0;
    std::int64_t next_key_ = 0;
    std::vector<Context> contexts_; ///< the last one used stands last
    // Of the build that is under way:
    std::optional<std::string> metafile_;
    const std::map<std::filesystem::path, std::string>* contents_ = nullptr;
};

KeptBundler::KeptBundler() = default;
KeptBundler::~KeptBundler() = default;

std::optional<BundlerRun> KeptBundler::run(const std::filesystem::path& esbuild,
                                           const BundlerTask& task,
                                           const std::filesystem::path& directory)
{
    // It may have ended just now: then once more with another one.
    for (const bool is_last : {false, true}) {
        std::optional<Service::Built> built;
        try {
            if (!service_ || !service_->is(esbuild)) {
                service_.reset();
                service_ = std::make_unique<Service>(esbuild);
            }
            built = service_->build(task, directory);
        } catch (const std::exception&) {
            service_.reset();
            if (is_last)
                return {};
        }
        if (!built)
            continue;
        if (built->metafile)
            write_scratch_file(task.metafile, *built->metafile);
        return std::move(built->run);
    }
    return {};
}

} // namespace nimbus::frontends
