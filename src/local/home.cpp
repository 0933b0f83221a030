#include "local/home.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/number.h"
#include "base/owned_directory.h"
#include "base/random.h"
#include "base/text.h"
#include "base/time.h"
#include "local/log_file.h"
#include "process/process_state.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <iterator>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace nimbus::local {
namespace {

/// Less than this does not even hold SQLite's journal and a line of the log.
constexpr std::uint64_t least_free_bytes = 1024 * 1024;
constexpr std::string_view key_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::string_view secret_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Longer than whoever has such a lock waits for the local cloud.
constexpr std::chrono::seconds lock_patience{120};
constexpr std::chrono::milliseconds between_attempts{20};

[[noreturn]] void throw_damaged(const std::filesystem::path& settings, const std::string& why)
{
    throw Error(
        settings.string() + " is damaged: " + why,
        "Put it back from a backup, or run 'nimbus local check --repair', which makes a new "
        "key for the account.");
}

json::object object_in(const std::string& text, const std::filesystem::path& settings)
{
    try {
        auto document = parse_json(text, "it");
        if (document.is_object())
            return std::move(document.get_object());
    } catch (const Error& error) {
        throw_damaged(settings, error.what());
    }
    throw_damaged(settings, "it is not a JSON object");
}

/// `holder` is 0 where it has not said yet who it is.
[[noreturn]] void throw_locked(pid_t holder, bool is_stopped, const std::filesystem::path& path)
{
    const auto pid = std::to_string(holder);
    const auto who = holder > 0 ? "process " + pid : "another process";
    if (is_stopped)
        throw Error(path.string() + " is locked by " + who +
                        ", which stands still: it was stopped by a signal",
                    "'kill -CONT " + pid + "' lets it continue, 'kill -KILL " + pid + "' ends it.");
    throw Error(path.string() + " has been locked by " + who + " for over " +
                    std::to_string(lock_patience.count()) + " s",
                "Wait for it" + (holder > 0 ? ", or end it with 'kill " + pid + "'." : "."));
}

/// Is the open file still the one of that name? Whoever had its lock may have deleted it, or put
/// another home into the place of its home.
bool is_file(int file, const std::filesystem::path& path)
{
    struct stat ours{};
    struct stat named{};
    return ::fstat(file, &ours) == 0 && ::stat(path.c_str(), &named) == 0 &&
           ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

struct flock whole_file(short type)
{
    struct flock lock{};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    return lock;
}

} // namespace

UniqueFd open_lock_file(const std::filesystem::path& path)
{
    UniqueFd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file)
        throw_system_error(errno, "Cannot open " + path.string());
    return file;
}

void write_pid(int file, pid_t pid, const std::filesystem::path& path)
{
    const auto text = std::to_string(pid) + "\n";
    if (::ftruncate(file, 0) != 0 ||
        ::pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
        throw_system_error(errno, "Cannot write " + path.string());
}

pid_t read_pid(const std::filesystem::path& path)
{
    return parse_number<pid_t>(trim(read_file_if_exists(path).value_or(""))).value_or(0);
}

Home::Home(std::filesystem::path root) : root_(std::move(root)) {}

Home Home::from_environment()
{
    if (const char* home = std::getenv("NIMBUS_HOME"); home && *home)
        return Home(std::filesystem::absolute(home));
    if (const char* user = std::getenv("HOME"); user && *user)
        return Home(std::filesystem::absolute(user) / ".nimbus");
    throw Error("The local cloud has no directory: neither NIMBUS_HOME nor HOME is set",
                "Set NIMBUS_HOME to a directory.");
}

void Home::create() const
{
    make_directories(root_, 0700);
    if (::access(root_.c_str(), R_OK | W_OK | X_OK) != 0)
        throw_system_error(errno, "The home '" + root_.string() + "' cannot be written",
                           "Make it this user's, or set NIMBUS_HOME to a directory that is.");
    struct statvfs file_system{};
    if (::statvfs(root_.c_str(), &file_system) == 0 &&
        file_system.f_bavail * file_system.f_frsize < least_free_bytes)
        throw Error("The disk of the home '" + root_.string() + "' is full",
                    "Free some space; nothing that was saved before is lost.");
}

std::vector<std::filesystem::path> Home::backup_directories() const
{
    std::vector<std::filesystem::path> found;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(root_, none))
        if (entry.is_directory() && entry.path().filename().string().starts_with(backup_directory))
            found.push_back(entry.path());
    return found;
}

std::vector<std::filesystem::path> Home::lock_files() const
{
    return {lock_file(), start_lock_file(), backup_lock_file()};
}

bool Home::has_content() const
{
    const auto status = std::filesystem::status(root_);
    if (!std::filesystem::exists(status))
        return false;
    if (!std::filesystem::is_directory(status))
        throw UsageError("'" + root_.string() + "' is not a directory",
                         "Set NIMBUS_HOME to the right directory.");
    const auto locks = lock_files();
    return std::ranges::any_of(std::filesystem::directory_iterator(root_), [&](const auto& entry) {
        return std::ranges::find(locks, entry.path()) == locks.end();
    });
}

std::vector<std::filesystem::path> Home::leftovers() const
{
    auto found = OwnedDirectory::abandoned(root_, backup_directory);
    std::ranges::copy(OwnedDirectory::abandoned(root_.parent_path(), restoring_prefix()),
                      std::back_inserter(found));
    return found;
}

void Home::remove_leftovers() const
{
    OwnedDirectory::remove_abandoned(root_, backup_directory);
    OwnedDirectory::remove_abandoned(root_.parent_path(), restoring_prefix());
}

std::vector<std::filesystem::path> Home::entries() const
{
    const auto file = database().string();
    auto entries = log_files(log_file());
    std::ranges::copy(backup_directories(), std::back_inserter(entries));
    // The settings are the sign of a home, so they go last.
    for (auto& entry : std::vector<std::filesystem::path>{
             clusters(),     instances(),       postgres_template(), data(),
             set_aside(),    file + "-wal",     file + "-shm",       file + "-journal",
             database(),     ca_file(),         ca_key_file(),       crash_log_file(),
             hosts_file(),   functions_root(),  sandbox_file(),      root_ / "functions-hosts",
             lock_file(),    start_lock_file(), backup_lock_file(),  development_file(),
             settings_file()})
        entries.push_back(std::move(entry));
    return entries;
}

void Home::require_home() const
{
    if (std::filesystem::exists(settings_file()))
        return;
    const auto known = entries();
    for (const auto& present : std::filesystem::directory_iterator(root_))
        if (std::ranges::find(known, present.path()) == known.end())
            throw UsageError("'" + root_.string() +
                                 "' is not the directory of a local cloud: it has no "
                                 "settings.json, and it holds '" +
                                 present.path().filename().string() + "'",
                             "Set NIMBUS_HOME to the right directory.");
}

void Home::erase() const
{
    remove_leftovers();
    std::error_code failure;
    for (const auto& entry : entries()) {
        std::filesystem::remove_all(entry, failure);
        if (failure)
            throw Error("Cannot delete " + entry.string() + ": " + failure.message());
    }
    std::filesystem::remove(root_, failure); // not where it holds anything else
}

std::optional<HomeSettings> Home::read_settings() const
{
    const auto text = read_file_if_exists(settings_file());
    if (!text)
        return {};
    const auto object = object_in(*text, settings_file());
    if (const auto format = integer_member(object, "format").value_or(0); format > home_format)
        throw Error("The home '" + root_.string() + "' was made by a newer Nimbus (format " +
                        std::to_string(format) + "; this one knows " + std::to_string(home_format) +
                        ")",
                    "Install that Nimbus again, or set NIMBUS_HOME to another directory.");
    HomeSettings settings;
    settings.account_id = string_or_empty(object, "accountId");
    settings.administrator = {.access_key_id = string_or_empty(object, "accessKeyId"),
                              .secret_access_key = string_or_empty(object, "secretAccessKey")};
    settings.port = static_cast<std::uint16_t>(integer_member(object, "port").value_or(0));
    if (const auto region = string_member(object, "region"))
        settings.region = *region;
    if (settings.account_id.size() != 12 || settings.administrator.access_key_id.empty() ||
        settings.administrator.secret_access_key.empty())
        throw_damaged(settings_file(), "the account or the key is missing");
    return settings;
}

void Home::write_settings(const HomeSettings& settings) const
{
    const json::object document{{"format", home_format},
                                {"accountId", settings.account_id},
                                {"accessKeyId", settings.administrator.access_key_id},
                                {"secretAccessKey", settings.administrator.secret_access_key},
                                {"port", settings.port},
                                {"region", settings.region}};
    write_file(settings_file(), pretty_json(document), 0600);
}

HomeSettings Home::settings_or_new() const
{
    if (auto settings = read_settings())
        return *settings;
    auto settings = new_settings();
    write_settings(settings);
    return settings;
}

HomeSettings Home::new_settings()
{
    HomeSettings settings;
    settings.account_id = random_text(1, "123456789") + random_text(11, "0123456789");
    settings.administrator = {.access_key_id = "AKIA" + random_text(16, key_alphabet),
                              .secret_access_key = random_text(40, secret_alphabet)};
    return settings;
}

crypto::CertificateAndKey Home::certificate_authority() const
{
    auto certificate = read_file_if_exists(ca_file());
    auto key = read_file_if_exists(ca_key_file());
    if (certificate && key)
        return {.certificate_pem = std::move(*certificate), .private_key_pem = std::move(*key)};
    // Of two clouds that one program trusts, each has a name of its own.
    auto made = crypto::create_certificate_authority(
        "Nimbus local cloud " + random_text(8, "0123456789abcdef"), std::chrono::days(3650));
    write_file(ca_key_file(), made.private_key_pem, 0600);
    write_file(ca_file(), made.certificate_pem, 0644);
    return made;
}

std::optional<pid_t> Home::running_process() const
{
    const UniqueFd file(::open(lock_file().c_str(), O_RDWR | O_CLOEXEC));
    if (!file)
        return {};
    auto lock = whole_file(F_WRLCK);
    if (::fcntl(file.get(), F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK)
        return {};
    return lock.l_pid;
}

UniqueFd Home::try_lock() const
{
    auto file = open_lock_file(lock_file());
    auto lock = whole_file(F_WRLCK);
    if (::fcntl(file.get(), F_SETLK, &lock) != 0) {
        if (errno == EACCES || errno == EAGAIN)
            return {};
        throw_system_error(errno, "Cannot lock " + lock_file().string());
    }
    write_pid(file.get(), ::getpid(), lock_file());
    return file;
}

/// Throws Error that names the process which has it when that keeps it for too long, or stands
/// still.
UniqueFd wait_for_file_lock(const std::filesystem::path& path)
{
    const auto deadline = Deadline::after(lock_patience);
    auto file = open_lock_file(path);
    for (;;) {
        if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
            if (is_file(file.get(), path))
                break;
            make_directories(path.parent_path(), 0700);
            file = open_lock_file(path);
            continue;
        }
        if (errno != EINTR && errno != EWOULDBLOCK)
            throw_system_error(errno, "Cannot lock " + path.string());
        const auto holder = read_pid(path);
        const bool is_stopped = holder > 0 && process::is_stopped(holder);
        if (is_stopped || deadline.reached())
            throw_locked(holder, is_stopped, path);
        std::this_thread::sleep_for(between_attempts);
    }
    write_pid(file.get(), ::getpid(), path);
    return file;
}

} // namespace nimbus::local
