#pragma once

#include "frontends/describe.h"
#include "frontends/front_end.h"
#include "frontends/kept_bundler.h"

#include <filesystem>
#include <memory>
#include <string>

namespace nimbus::frontends {

/// What a program that builds one application again and again keeps from each build for the next.
/// Not thread-safe; it belongs to the thread that made it, and what it started ends with that.
class KeptTools {
public:
    KeptBundler& bundler() noexcept { return bundler_; }

    /// Was this Node.js remembered as new enough, and is it still the same?
    bool knows_node(const std::filesystem::path& node) const;
    void remember_node(const std::filesystem::path& node);

    /// Starts what describes the program that was built last, before anybody asks for it.
    void get_ready();
    /// What waits to describe such a program, if there is one; the next one is like it.
    std::unique_ptr<DescribingProgram> take_waiting(const Program& program,
                                                    const BuildRequest& request);

private:
    KeptBundler bundler_;
    std::filesystem::path node_;
    std::filesystem::file_time_type node_modified_;
    DescribingProgram::Command next_;
    std::string name_; ///< the application's
    std::unique_ptr<DescribingProgram> waiting_;
};

} // namespace nimbus::frontends
