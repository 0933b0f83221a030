#include "local/home_backup.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "local/control_plane/stored_state.h"
#include "local/home_check.h"
#include "local/postgres/postgres_server.h"
#include "local/services/needed_file.h"
#include "process/child_process.h"
#include "sqlite/database.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <map>
#include <memory>
#include <unistd.h>
#include <vector>

namespace nimbus::local {
namespace {

namespace fs = std::filesystem;

constexpr const char* manifest_name = "manifest.json";
constexpr std::chrono::hours archive_limit(12);
/// How often the database is copied again because a file was deleted while others were linked.
constexpr int most_attempts = 5;

std::string random_suffix()
{
    return random_text(8, "abcdefghijklmnopqrstuvwxyz");
}

/// A directory that goes with its content unless it is released.
class Workplace {
public:
    explicit Workplace(fs::path path) : path_(std::move(path)) { make_directories(path_, 0700); }
    ~Workplace()
    {
        std::error_code ignored;
        if (!path_.empty())
            fs::remove_all(path_, ignored);
    }
    Workplace(const Workplace&) = delete;
    Workplace& operator=(const Workplace&) = delete;

    const fs::path& path() const noexcept { return path_; }
    void release() noexcept { path_.clear(); }

private:
    fs::path path_;
};

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
        for (const auto& file : needed_files(database, home_.data()))
            if (!link_file(file.path, copy_.data() / file.path.lexically_relative(home_.data()))) {
                if (!steps_.copy_cluster)
                    throw Error("'" + file.path.string() + "', the content of " + file.owner +
                                    ", is missing",
                                "Run 'nimbus local check'.");
                return false;
            }
        return true;
    }

    std::size_t copy_clusters()
    {
        sqlite::Database database(copy_.database(), sqlite::Database::Open::existing);
        const auto clusters = clusters_with_data(database);
        for (const auto& [id, region] : clusters) {
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

/// Below `root`, in the order of their names.
std::vector<fs::path> files_below(const fs::path& root)
{
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (!entry.is_directory() && !entry.is_regular_file())
            throw Error("'" + entry.path().string() + "' is neither a file nor a directory");
        if (entry.symlink_status().type() == fs::file_type::symlink)
            throw Error("'" + entry.path().string() + "' is a symbolic link");
        if (entry.is_regular_file())
            files.push_back(entry.path().lexically_relative(root));
    }
    std::ranges::sort(files);
    return files;
}

BackupSummary write_manifest(const Home& copy, std::size_t clusters)
{
    BackupSummary summary{.account_id = copy.read_settings()->account_id,
                          .made = format_iso8601_seconds(system_now()),
                          .clusters = clusters};
    json::array list;
    for (const auto& file : files_below(copy.root())) {
        const auto size = fs::file_size(copy.root() / file);
        summary.bytes += size;
        ++summary.files;
        list.push_back({{"path", file.string()},
                        {"size", size},
                        {"sha256", crypto::sha256_hex_of_file(copy.root() / file)}});
    }
    write_file(copy.root() / manifest_name,
               pretty_json(json::object{{"format", backup_format},
                                        {"nimbus", NIMBUS_VERSION},
                                        {"made", summary.made},
                                        {"accountId", summary.account_id},
                                        {"clusters", clusters},
                                        {"files", std::move(list)}}),
               0600);
    return summary;
}

void run_tar(std::vector<std::string> arguments, std::pair<int, int> descriptor)
{
    arguments.insert(arguments.begin(), "tar");
    const auto output = process::run({.arguments = std::move(arguments),
                                      .standard_output = process::Stream::null,
                                      .standard_error = process::Stream::pipe,
                                      .descriptors = {descriptor},
                                      .die_with_parent = true},
                                     Deadline::after(archive_limit));
    if (!output.status.success())
        throw Error("tar failed (" + output.status.text() +
                        "): " + replace_all(std::string(trim(output.standard_error)), "\n", "; "),
                    "Is the disk full? 'df -h' tells.");
}

UniqueFd create_private(const fs::path& file)
{
    UniqueFd opened(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!opened)
        throw_system_error(errno, "Cannot write '" + file.string() + "'");
    return opened;
}

void pack(const fs::path& directory, const fs::path& file)
{
    const auto partial = file.string() + ".partial-" + random_suffix();
    const auto opened = create_private(partial);
    try {
        // The manifest first, so that who looks into the file need not read all of it.
        std::vector<std::string> arguments{
            "--create",        "--file=-",    "--use-compress-program", "gzip -1",
            "--numeric-owner", "--directory", directory.string(),       manifest_name};
        for (const auto& entry : fs::directory_iterator(directory))
            if (entry.path().filename() != manifest_name)
                arguments.push_back(entry.path().filename().string());
        run_tar(std::move(arguments), {opened.get(), STDOUT_FILENO});
        if (::fsync(opened.get()) != 0)
            throw_system_error(errno, "Cannot write '" + partial + "'");
        if (::renameat2(AT_FDCWD, partial.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) != 0)
            throw_system_error(errno, "Cannot write '" + file.string() + "'");
    } catch (...) {
        std::error_code ignored;
        fs::remove(partial, ignored);
        throw;
    }
}

void unpack(const fs::path& file, const fs::path& directory)
{
    const UniqueFd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!opened)
        throw_system_error(errno, "Cannot read '" + file.string() + "'");
    try {
        run_tar({"--extract", "--file=-", "--gzip", "--no-same-owner", "--no-same-permissions",
                 "--directory", directory.string()},
                {opened.get(), STDIN_FILENO});
    } catch (const Error& error) {
        throw Error("'" + file.string() + "' is not a backup, or is damaged: " + error.what(),
                    error.hint());
    }
}

[[noreturn]] void throw_damaged(const fs::path& file, const std::string& why)
{
    throw Error("'" + file.string() + "' is not a backup, or is damaged: " + why,
                "Nothing was changed.");
}

/// Compares what was unpacked with the manifest, and takes that away.
BackupSummary check_unpacked(const fs::path& file, const fs::path& directory)
{
    const auto text = read_file_if_exists(directory / manifest_name);
    if (!text)
        throw_damaged(file, "it has no manifest");
    const auto document = parse_json(*text, "its manifest");
    if (!document.is_object())
        throw_damaged(file, "its manifest is not an object");
    const auto& manifest = document.get_object();
    const auto format = integer_member(manifest, "format").value_or(0);
    if (format > backup_format)
        throw Error("'" + file.string() + "' was made by a newer Nimbus (format " +
                        std::to_string(format) + "; this one knows " +
                        std::to_string(backup_format) + ")",
                    "Install that Nimbus, then restore the backup.");
    fs::remove(directory / manifest_name);
    BackupSummary summary{
        .account_id = string_or_empty(manifest, "accountId"),
        .made = string_or_empty(manifest, "made"),
        .clusters = static_cast<std::size_t>(integer_member(manifest, "clusters").value_or(0))};
    std::map<std::string, const json::object*> expected;
    if (const auto* list = array_member(manifest, "files"))
        for (const auto& each : *list)
            if (each.is_object())
                expected[string_or_empty(each.get_object(), "path")] = &each.get_object();
    for (const auto& path : files_below(directory)) {
        const auto found = expected.find(path.string());
        if (found == expected.end())
            throw_damaged(file, "its manifest does not have " + path.string());
        const auto size = fs::file_size(directory / path);
        if (integer_member(*found->second, "size") != static_cast<std::int64_t>(size) ||
            string_or_empty(*found->second, "sha256") !=
                crypto::sha256_hex_of_file(directory / path))
            throw_damaged(file, path.string() + " is not what the manifest says");
        summary.bytes += size;
        ++summary.files;
        expected.erase(found);
    }
    if (!expected.empty())
        throw_damaged(file, "it lacks " + expected.begin()->first);
    return summary;
}

bool has_content(const fs::path& directory)
{
    std::error_code none;
    return fs::directory_iterator(directory, none) != fs::directory_iterator();
}

/// The two change places, so that there is a home at any time.
fs::path put_in_place(const Home& home, const fs::path& fresh)
{
    const auto& root = home.root();
    const auto fail = [&] {
        throw_system_error(
            errno, "Cannot put '" + fresh.string() + "' in the place of '" + root.string() + "'",
            "Is it a mount point? Set NIMBUS_HOME to a directory below it.");
    };
    if (!has_content(root)) {
        if (::rename(fresh.c_str(), root.c_str()) != 0)
            fail();
        return {};
    }
    const fs::path kept =
        root.string() + ".before-restore-" + format_amz_date(system_now()) + "-" + random_suffix();
    if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, root.c_str(), RENAME_EXCHANGE) != 0)
        fail();
    fs::rename(fresh, kept);
    return kept;
}

} // namespace

BackupSummary back_up_home(const Home& home, const fs::path& file, const BackupSteps& steps)
{
    if (fs::exists(file))
        throw UsageError("'" + file.string() + "' is there already",
                         "Name a file that is not there yet.");
    refuse_damaged_home(home);
    const auto one_at_a_time = wait_for_file_lock(home.backup_lock_file());
    for (const auto& left : home.backup_directories()) // by one that was killed
        fs::remove_all(left);
    const Workplace workplace(home.root() / (std::string(backup_directory) + random_suffix()));
    const Home copy(workplace.path());
    const auto clusters = HomeCopy(home, copy, steps).run();
    steps.phase("Reading what was copied");
    auto summary = write_manifest(copy, clusters);
    steps.phase("Writing " + file.string());
    pack(copy.root(), file);
    return summary;
}

Restored restore_home(const Home& home, const fs::path& file,
                      const std::function<void(const std::string& sentence)>& phase)
{
    const auto parent = home.root().parent_path();
    make_directories(parent);
    Workplace workplace(parent /
                        (home.root().filename().string() + ".restoring-" + random_suffix()));
    phase("Unpacking " + file.string());
    unpack(file, workplace.path());
    phase("Comparing it with its manifest");
    Restored restored{.backup = check_unpacked(file, workplace.path()), .replaced = {}};
    const Home fresh(workplace.path());
    for (const auto& directory : {fresh.data(), fresh.clusters()})
        make_directories(directory, 0700);
    for (const auto& cluster : fs::directory_iterator(fresh.clusters()))
        postgres::give_to_server(cluster.path());
    refuse_damaged_home(fresh);
    phase("Putting it in place");
    restored.replaced = put_in_place(home, workplace.path());
    workplace.release();
    return restored;
}

} // namespace nimbus::local
