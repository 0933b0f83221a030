#include "local/home_backup.h"

#include "base/error.h"
#include "base/file.h"
#include "base/owned_directory.h"
#include "local/backup_archive.h"
#include "local/control_plane/stored_state.h"
#include "local/home_check.h"
#include "local/postgres/postgres_server.h"
#include "local/services/needed_file.h"
#include "sqlite/database.h"

namespace nimbus::local {
namespace {

namespace fs = std::filesystem;

/// How often the database is copied again because a file was deleted while others were linked.
constexpr int most_attempts = 5;

/// Files that never change share their content with the home's.
bool link_file(const fs::path& from, const fs::path& to)
{
    std::error_code failure;
    fs::create_directories(to.parent_path());
    fs::create_hard_link(from, to, failure);
    if (!failure || failure == std::errc::file_exists)
        return true;
    if (failure == std::errc::no_such_file_or_directory)
        return false;
    fs::copy_file(from, to, failure);
    if (failure == std::errc::no_such_file_or_directory)
        return false;
    if (failure)
        throw Error("Cannot copy '" + from.string() + "': " + failure.message());
    return true;
}

class HomeCopy {
public:
    HomeCopy(const Home& home, const Home& copy, const BackupSteps& steps)
        : home_(home), copy_(copy), steps_(steps)
    {
    }

    /// Returns how many clusters there are.
    std::size_t run()
    {
        steps_.phase("Copying the database and its objects");
        copy_database_and_files();
        for (const auto& file : {home_.settings_file(), home_.ca_file(), home_.ca_key_file()})
            copy_small(file, copy_.root());
        for (const auto& entry : fs::directory_iterator(home_.data()))
            if (entry.is_regular_file()) // such as the key of secrets
                copy_small(entry, copy_.data());
        return copy_clusters();
    }

private:
    static void copy_small(const fs::path& file, const fs::path& directory)
    {
        const auto mode = static_cast<mode_t>(fs::status(file).permissions());
        write_file(directory / file.filename(), read_file(file), mode);
    }

    /// A blob that the copied database needs was there when it was copied, and may be gone when it
    /// is linked: then another copy is made, which does not need it.
    void copy_database_and_files()
    {
        make_directories(copy_.data(), 0700);
        for (int attempt = 1; attempt <= most_attempts; ++attempt) {
            fs::remove(copy_.database());
            sqlite::Database(home_.database(), sqlite::Database::Open::existing)
                .copy_to(copy_.database());
            if (link_files())
                return;
        }
        throw Error("Objects were deleted faster than they could be copied",
                    "Run the backup again.");
    }

    bool link_files()
    {
        sqlite::Database database(copy_.database(), sqlite::Database::Open::existing);
        for (const auto& file : needed_files(database, home_.data())) {
            steps_.interruption.check();
            if (!link_file(file.path, copy_.data() / file.path.lexically_relative(home_.data()))) {
                if (!steps_.copy_cluster)
                    throw Error("'" + file.path.string() + "', the content of " + file.owner +
                                    ", is missing",
                                "Run 'nimbus local check'.");
                return false;
            }
        }
        return true;
    }

    std::size_t copy_clusters()
    {
        sqlite::Database database(copy_.database(), sqlite::Database::Open::existing);
        const auto clusters = clusters_with_data(database);
        for (const auto& [id, region] : clusters) {
            steps_.interruption.check();
            steps_.phase("Copying the database cluster " + id);
            const auto target = copy_.clusters() / id;
            make_directories(copy_.clusters(), 0700);
            if (steps_.copy_cluster)
                steps_.copy_cluster(id, region, target);
            else
                postgres::copy_resting_data(home_.clusters() / id, target);
        }
        return clusters.size();
    }

    const Home& home_;
    const Home& copy_;
    const BackupSteps& steps_;
};

} // namespace

BackupSummary back_up_home(const Home& home, const fs::path& file, const BackupSteps& steps)
{
    NewArchive archive(file);
    home.remove_leftovers();
    refuse_damaged_home(home);
    const auto one_at_a_time = wait_for_file_lock(home.backup_lock_file());
    const OwnedDirectory workplace(home.root(), backup_directory);
    const Home copy(workplace.path());
    const auto clusters = HomeCopy(home, copy, steps).run();
    steps.phase("Reading what was copied");
    auto summary = write_manifest(copy, clusters, steps.interruption);
    steps.phase("Writing " + file.string());
    archive.write(copy.root(), manifest_name, steps.interruption);
    return summary;
}

} // namespace nimbus::local
