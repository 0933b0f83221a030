#pragma once

#include "base/unique_fd.h"
#include "crypto/certificate.h"
#include "local/iam/access_control.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace nimbus::local {

/// What a home keeps from one start to the next, beside the services' data. Holds the account's
/// administrator key: the file has mode 0600.
struct HomeSettings {
    std::string account_id; ///< 12 digits
    AdministratorKey administrator;
    std::uint16_t port = 0; ///< of the AWS endpoint; 0: none was chosen yet
    std::string region = "us-east-1";
};

/// How the files of a home are laid out: the number counts up when an earlier Nimbus could no
/// longer work with it. Homes that tell none were made before there was one.
inline constexpr std::int64_t home_format = 1;

/// In the home while a backup is made; what follows is random.
inline constexpr const char* backup_directory = "backup-";

/// The directory of one local cloud (NIMBUS_HOME): its settings, certificate authority, data, logs
/// and the lock that says whether it runs.
class Home {
public:
    /// Touches nothing yet.
    explicit Home(std::filesystem::path root);
    /// NIMBUS_HOME, else ~/.nimbus. Throws Error when neither can be told.
    static Home from_environment();

    const std::filesystem::path& root() const noexcept { return root_; }
    std::filesystem::path settings_file() const { return root_ / "settings.json"; }
    std::filesystem::path ca_file() const { return root_ / "ca.pem"; }
    std::filesystem::path ca_key_file() const { return root_ / "ca-key.pem"; }
    std::filesystem::path database() const { return root_ / "cloud.db"; }
    std::filesystem::path data() const { return root_ / "data"; }
    std::filesystem::path clusters() const { return root_ / "clusters"; }
    std::filesystem::path instances() const { return root_ / "instances"; }
    std::filesystem::path postgres_template() const { return root_ / "postgres-template"; }
    std::filesystem::path log_file() const { return root_ / "cloud.log"; }
    std::filesystem::path crash_log_file() const { return root_ / "crash.log"; }
    /// The host names of the clusters, in the form of hosts(5).
    std::filesystem::path hosts_file() const { return root_ / "hosts"; }
    /// The file tree that functions see.
    std::filesystem::path functions_root() const { return root_ / "functions-root"; }
    /// Whether functions are in a sandbox, or why not: JSON.
    std::filesystem::path sandbox_file() const { return root_ / "sandbox.json"; }
    std::filesystem::path lock_file() const { return root_ / "cloud.pid"; }
    std::filesystem::path start_lock_file() const { return root_ / "start.lock"; }
    /// Who develops here, and which cloud they have started: see cli::DevCloud.
    std::filesystem::path development_file() const { return root_ / "development.lock"; }
    std::filesystem::path backup_lock_file() const { return root_ / "backup.lock"; }
    /// What says who works with the home: no content of it.
    std::vector<std::filesystem::path> lock_files() const;
    /// Is there anything but these?
    bool has_content() const;
    /// Where a backup is made, or was when it was killed.
    std::vector<std::filesystem::path> backup_directories() const;
    /// The start of the name, beside the home, of the directory that a restore unpacks into.
    std::string restoring_prefix() const { return root_.filename().string() + ".restoring-"; }
    /// What backups and restores left that were killed: all secrets are in there.
    std::vector<std::filesystem::path> leftovers() const;
    void remove_leftovers() const;
    /// What `nimbus local check --repair` took out of the way.
    std::filesystem::path set_aside() const { return root_ / "set-aside"; }

    /// Makes the directory, mode 0700, when there is none. Throws Error when nothing could be
    /// written into it: it is another user's, read-only, or its disk is full.
    void create() const;
    /// Throws Error when they are damaged, or when the home is a newer Nimbus's.
    std::optional<HomeSettings> read_settings() const;
    void write_settings(const HomeSettings& settings) const;
    /// Throws UsageError when the directory is somebody else's: NIMBUS_HOME may name the wrong one.
    void require_home() const;
    /// Removes what the home holds, with the directory itself unless anything else is in it. The
    /// cloud must not run.
    void erase() const;
    /// The settings, made up when there are none: a new account with a new key.
    HomeSettings settings_or_new() const;
    /// What `settings_or_new` makes up; written nowhere.
    static HomeSettings new_settings();
    /// The certificate authority, made when there is none.
    crypto::CertificateAndKey certificate_authority() const;

    /// The process that holds the lock, if one does.
    std::optional<pid_t> running_process() const;
    /// Takes the lock for as long as the descriptor is open, and writes our process id into it;
    /// nothing when another process has it.
    UniqueFd try_lock() const;

private:
    std::vector<std::filesystem::path> entries() const;

    std::filesystem::path root_;
};

/// A file to lock, made with mode 0600 when there is none.
UniqueFd open_lock_file(const std::filesystem::path& path);
/// A lock's file says which process it is about: 0 where it does not yet.
void write_pid(int file, pid_t pid, const std::filesystem::path& path);
pid_t read_pid(const std::filesystem::path& path);

/// A lock on a file that is made when there is none, waited for; let go when destroyed.
UniqueFd wait_for_file_lock(const std::filesystem::path& path);

} // namespace nimbus::local
