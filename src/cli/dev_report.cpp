#include "cli/dev_report.h"

#include "base/text.h"
#include "cli/outputs.h"

#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include <cstdlib>
#include <iostream>
#include <utility>
#include <vector>

namespace nimbus::cli {
namespace {

std::string shown(const std::filesystem::path& file, const std::filesystem::path& directory)
{
    const auto relative = file.lexically_relative(directory);
    return relative.empty() || relative.native().starts_with("..") ? file.string()
                                                                   : relative.string();
}

} // namespace

void DevReport::print(const json::object& event) const
{
    std::cout << json::serialize(event) << std::endl;
}

void DevReport::changed(const std::set<std::filesystem::path>& files)
{
    std::vector<std::string> names;
    for (const auto& file : files)
        names.push_back(shown(file, directory_));
    if (is_json())
        return print({{"event", "changed"}, {"files", json::array(names.begin(), names.end())}});
    constexpr std::size_t most = 5;
    const auto more = names.size() > most ? names.size() - most : 0;
    names.resize(names.size() - more);
    progress_.note(join(names, ", ") + (more == 0 ? "" : " and " + std::to_string(more) + " more") +
                   " changed");
}

void DevReport::tool_output(std::string_view text)
{
    if (is_json()) {
        tool_output_ += text;
        return;
    }
    progress_.pause();
    std::cerr << text << std::flush;
}

void DevReport::deployed(const deploy::DeployResult& result, const std::string& target,
                         double seconds, bool is_first)
{
    progress_.pause();
    if (is_json()) {
        json::object event{{"event", "deployed"}, {"seconds", seconds}};
        event["changes"] = to_json(result.changes);
        event["deployment"] = to_json(result.outputs, target);
        if (const auto warnings = std::exchange(tool_output_, {}); !warnings.empty())
            event["output"] = warnings;
        return print(event);
    }
    std::cerr << fmt::format("{} {} in {:.2f} s\n", terminal_.green("✓"), describe(result.changes),
                             seconds);
    if (is_first)
        std::cerr << describe(result.outputs, target);
}

void DevReport::unchanged(double seconds)
{
    progress_.pause();
    tool_output_.clear();
    if (is_json())
        return print({{"event", "unchanged"}, {"seconds", seconds}});
    std::cerr << fmt::format("{} Nothing to deploy: it does what it did ({:.2f} s)\n",
                             terminal_.green("✓"), seconds);
}

void DevReport::failed(const Error& error, bool is_answering)
{
    progress_.pause();
    if (is_json())
        return print({{"event", "failed"},
                      {"message", error.what()},
                      {"hint", error.hint()},
                      {"output", std::exchange(tool_output_, {})},
                      {"isAnswering", is_answering}});
    std::cerr << terminal_.red("✗") << " " << error.what() << "\n";
    if (!error.hint().empty())
        std::cerr << "  " << error.hint() << "\n";
    if (is_answering)
        std::cerr << terminal_.dim("  The version before goes on answering.") << "\n";
}

void DevReport::note(const std::string& sentence)
{
    if (is_json())
        return print({{"event", "note"}, {"message", sentence}});
    progress_.note(sentence);
}

std::string DevReport::colored_status(const DevLogLine& line) const
{
    if (!line.status)
        return {};
    const auto text = "  " + std::to_string(*line.status);
    return *line.status >= 500   ? terminal_.red(text)
           : *line.status >= 400 ? terminal_.yellow(text)
                                 : terminal_.green(text);
}

void DevReport::log(const DevLogLine& line)
{
    if (is_json()) {
        json::object event{{"event", "log"},
                           {"time", format_iso8601_milliseconds(line.time)},
                           {"function", line.function},
                           {"message", line.message}};
        if (!line.invoked.empty()) {
            event["invoked"] = line.invoked;
            event["requestId"] = line.request_id;
            event["milliseconds"] = std::strtod(line.milliseconds.c_str(), nullptr);
            if (line.status)
                event["status"] = *line.status;
        }
        return print(event);
    }
    progress_.pause();
    const auto time = format_iso8601_milliseconds(line.time).substr(11, 12);
    if (line.invoked.empty())
        std::cerr << terminal_.dim(time + "  " + line.function) << "  " << line.message << "\n";
    else
        std::cerr << terminal_.dim(time) << "  " << line.invoked << colored_status(line)
                  << terminal_.dim("  " + line.milliseconds + " ms  " + line.request_id) << "\n";
}

void DevReport::keys()
{
    progress_.pause();
    std::cerr << terminal_.dim("Keys: r deploy again, l logs on or off, c clear, s psql, q end")
              << "\n";
}

void DevReport::watching()
{
    progress_.pause();
    if (is_json())
        return print({{"event", "watching"}});
    std::cerr << terminal_.dim("Watching for changes; Ctrl-C ends.") << "\n";
    if (terminal_.has_person())
        keys();
}

void DevReport::ended()
{
    progress_.pause();
    if (is_json())
        return print({{"event", "ended"}});
    std::cerr << "\nEnded.\n";
}

} // namespace nimbus::cli
