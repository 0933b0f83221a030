#include "local/home_restore.h"

#include "base/error.h"
#include "base/file.h"
#include "base/owned_directory.h"
#include "base/random.h"
#include "base/time.h"
#include "local/postgres/postgres_server.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

namespace nimbus::local {
namespace {

namespace fs = std::filesystem;

/// A home that nobody else starts, restores or backs up, for as long as this is there. What it had
/// to make for that goes with it, unless the home has become another one.
class Claim {
public:
    Claim(const Home& home, bool replace) : home_(home), was_there_(fs::exists(home.root()))
    {
        check(replace); // before anything is written into a directory of somebody else's
        home_.create();
        start_ = wait_for_file_lock(home_.start_lock_file());
        check(replace);
        cloud_ = home_.try_lock();
        if (!cloud_)
            throw_running();
    }

    ~Claim()
    {
        if (has_content_ || is_replaced_)
            return;
        std::error_code ignored;
        for (const auto& file : home_.lock_files())
            fs::remove(file, ignored);
        if (!was_there_)
            fs::remove(home_.root(), ignored);
    }
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;

    bool has_content() const noexcept { return has_content_; }
    void is_replaced() noexcept { is_replaced_ = true; }

private:
    [[noreturn]] void throw_running() const
    {
        throw Error("The local cloud of " + home_.root().string() + " is running",
                    "Run 'nimbus local stop' first.");
    }

    void check(bool replace)
    {
        has_content_ = home_.has_content();
        if (has_content_ && home_.running_process())
            throw_running();
        if (has_content_ && replace)
            home_.require_home();
        else if (has_content_)
            throw Error("'" + home_.root().string() + "' holds something already",
                        "With --replace it is moved aside, and the command says where it is then.");
    }

    const Home& home_;
    bool was_there_;
    bool has_content_ = false;
    bool is_replaced_ = false;
    UniqueFd start_, cloud_;
};

[[noreturn]] void throw_cannot_replace(int error, const fs::path& fresh, const fs::path& root)
{
    throw_system_error(
        error, "Cannot put '" + fresh.string() + "' in the place of '" + root.string() + "'",
        error == EBUSY || error == EXDEV
            ? "It is a mount point: set NIMBUS_HOME to a directory below it."
            : "Set NIMBUS_HOME to another directory.");
}

/// The two change places, so that there is a home at any time. Returns where the old one is. It
/// gets that name before the exchange: under the name of `fresh` it would be removed with it.
fs::path put_in_place(const Home& home, const fs::path& fresh)
{
    const auto& root = home.root();
    const fs::path kept = root.string() + ".before-restore-" + format_amz_date(system_now()) + "-" +
                          random_text(8, "abcdefghijklmnopqrstuvwxyz");
    fs::rename(fresh, kept);
    if (::renameat2(AT_FDCWD, kept.c_str(), AT_FDCWD, root.c_str(), RENAME_EXCHANGE) != 0) {
        const int error = errno;
        fs::rename(kept, fresh);
        throw_cannot_replace(error, fresh, root);
    }
    return kept;
}

/// A home that is a symbolic link is what it leads to: the link stays.
Home where_it_is(const Home& home)
{
    std::error_code missing;
    const auto root = fs::canonical(home.root(), missing);
    return missing ? home : Home(root);
}

} // namespace

Restored restore_home(const Home& given, const fs::path& file, const RestoreSteps& steps)
{
    const auto home = where_it_is(given);
    Claim claim(home, steps.replace);
    OwnedDirectory workplace(home.root().parent_path(), home.restoring_prefix());
    const auto& fresh_root = workplace.path();
    steps.phase("Unpacking " + file.string());
    unpack_archive(file, fresh_root, steps.interruption);
    steps.phase("Comparing it with its manifest");
    Restored restored{.home = home.root(),
                      .backup = check_unpacked(file, fresh_root, steps.interruption),
                      .replaced = {},
                      .damage = {}};
    const Home fresh(fresh_root);
    for (const auto& directory : {fresh.data(), fresh.clusters()})
        make_directories(directory, 0700);
    for (const auto& cluster : fs::directory_iterator(fresh.clusters()))
        postgres::give_to_server(cluster.path());
    restored.damage = refuse_to_start_damaged_home(fresh);
    steps.interruption.check();
    steps.phase("Putting it in place");
    const auto old = put_in_place(home, fresh_root);
    workplace.release();
    claim.is_replaced();
    if (claim.has_content())
        restored.replaced = old;
    else
        fs::remove_all(old);
    return restored;
}

} // namespace nimbus::local
