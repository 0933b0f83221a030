#pragma once

#include "frontends/esbuild.h"

#include <filesystem>
#include <memory>
#include <optional>

namespace nimbus::frontends {

/// An esbuild that keeps running from one build to the next, and does again only what depends on
/// changed files. Not thread-safe; use it and let it go on the thread that made it: esbuild ends
/// with that.
class KeptBundler {
public:
    KeptBundler();
    ~KeptBundler();
    KeptBundler(const KeptBundler&) = delete;
    KeptBundler& operator=(const KeptBundler&) = delete;

    /// As running it once with `task` in `directory` (esbuild.h). Starts it where it does not run,
    /// has ended, or is not the `esbuild` that is asked for now. Nothing when that cannot be kept
    /// running.
    std::optional<BundlerRun> run(const std::filesystem::path& esbuild, const BundlerTask& task,
                                  const std::filesystem::path& directory);

private:
    class Service;
    std::unique_ptr<Service> service_;
};

} // namespace nimbus::frontends
