#pragma once

#include "base/error.h"
#include "cli/dev_logs.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "deploy/deploy.h"

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace nimbus::cli {

/// What `nimbus dev` tells: a person, in lines on standard error, or with --json a program, in
/// objects on standard output, one a line, that have an `event` each: "deployed",
/// "unchanged", "failed", "watching", "changed", "log", "note" and "ended" (docs/dev.md).
class DevReport {
public:
    enum class Form { text, json };

    /// `directory` is the project's, which paths are shown without.
    DevReport(Form form, std::filesystem::path directory, const Terminal& terminal,
              Progress& progress)
        : form_(form), directory_(std::move(directory)), terminal_(terminal), progress_(progress)
    {
    }

    void changed(const std::set<std::filesystem::path>& files);
    /// What the compiler said.
    void tool_output(std::string_view text);
    /// What was built is deployed and answers; `is_first` shows all that it has.
    void deployed(const deploy::DeployResult& result, const std::string& target, double seconds,
                  bool is_first);
    /// What was built is what is deployed already.
    void unchanged(double seconds);
    /// It was not built or not deployed; what was there before goes on answering, if anything was.
    void failed(const Error& error, bool is_answering);
    void note(const std::string& sentence);
    void log(const DevLogLine& line);
    /// The keys that do something.
    void keys();
    void watching();
    void ended();

private:
    bool is_json() const noexcept { return form_ == Form::json; }
    void print(const json::object& event) const;
    /// With blanks before it; "" where no HTTP API asked.
    std::string colored_status(const DevLogLine& line) const;

    Form form_;
    std::filesystem::path directory_;
    const Terminal& terminal_;
    Progress& progress_;
    std::string tool_output_; ///< since the last result
};

} // namespace nimbus::cli
