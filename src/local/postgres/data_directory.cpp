#include "local/postgres/data_directory.h"

#include "base/error.h"
#include "base/file.h"
#include "base/number.h"
#include "base/random.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "local/postgres/postmaster.h"
#include "local/postgres/tree_copy.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace nimbus::local::postgres {
namespace {

/// Part of a template's name: a change of how templates are made must not find old ones.
constexpr int template_revision = 4;

void give_to(int fd, const std::optional<process::Identity>& owner, const std::string& name)
{
    if (owner && ::fchown(fd, owner->uid, owner->gid) != 0)
        throw_system_error(errno, "Cannot give '" + name + "' to the user that PostgreSQL runs as");
}

/// Replaces the content of a file, whose owner stays the same if it is there.
void overwrite(int directory, const char* name, std::string_view content,
               const std::optional<process::Identity>& owner)
{
    const UniqueFd file(
        ::openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file ||
        ::write(file.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size()))
        throw_system_error(errno, std::string("Cannot write PostgreSQL's file ") + name);
    give_to(file.get(), owner, name);
}

/// Runs a program of the installation on the data directory; `input` is its standard input.
void run_program(const Installation& installation, std::vector<std::string> arguments,
                 int directory, std::string_view input,
                 const std::optional<process::Identity>& owner, Deadline deadline)
{
    const UniqueFd file(::memfd_create("input", MFD_CLOEXEC));
    if (!file ||
        ::pwrite(file.get(), input.data(), input.size(), 0) != static_cast<ssize_t>(input.size()))
        throw_system_error(errno, "Cannot write a temporary file");
    arguments.front() = installation.bin_directory / arguments.front();
    const auto output = process::run({.arguments = arguments,
                                      .environment = {{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}},
                                      .working_directory = "/",
                                      .identity = owner,
                                      .descriptors = {{file.get(), 0}, {directory, 3}},
                                      .new_session = true,
                                      .die_with_parent = true},
                                     deadline);
    if (!output.status.success())
        throw Error("'" + arguments.front() + "' could not prepare a database (" +
                        output.status.text() +
                        "): " + replace_all(std::string(trim(output.standard_error)), "\n", "; "),
                    output.standard_error.contains("No space left on device")
                        ? "The disk is full: free some space."
                        : "");
}

constexpr const char* password_name = "nimbus_password"; // Server::password_file, in `data`

/// What makes it the superuser's, in single-user mode, where a line is a statement. The shortest
/// digest will do for a password that nobody can guess, and each connection waits for it.
std::string password_sql(const std::string& password)
{
    return "SET password_encryption = 'md5';\n"
           "ALTER ROLE " +
           std::string(Server::superuser) + " PASSWORD '" + password + "';\n";
}

std::string new_password()
{
    return random_text(43, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
}

/// The password last: where it is, everything is as it has to be.
void ask_for_password(int directory, const std::string& password,
                      const std::optional<process::Identity>& owner)
{
    overwrite(directory, "pg_hba.conf",
              "# Who connects has checked the client's token, and has the password that is the\n"
              "# server's, in the file nimbus_password.\n"
              "local all all password\n",
              owner);
    overwrite(directory, password_name, password, owner);
}

void run_single_user(const Installation& installation, int directory, std::string_view sql,
                     const std::optional<process::Identity>& owner, Deadline deadline)
{
    run_program(installation, {"postgres", "--single", "-F", "-D", "/proc/self/fd/3", "postgres"},
                directory, sql, owner, deadline);
}

/// Earlier versions of Nimbus let in who could reach the socket.
void need_password(const ServerOptions& options, const std::optional<process::Identity>& owner,
                   Deadline deadline)
{
    if (std::filesystem::exists(options.directory / Server::password_file))
        return;
    const UniqueFd data = open_directory(options.directory / "data");
    const auto password = new_password();
    run_single_user(options.installation, data.get(), password_sql(password), owner, deadline);
    ask_for_password(data.get(), password, owner);
}

void initialise(const Installation& installation, int directory,
                const std::optional<process::Identity>& owner, Deadline deadline)
{
    // C is the only collation DSQL has. Small WAL segments keep the copies small.
    run_program(installation,
                {"initdb", "--pgdata=/proc/self/fd/3", "--username", Server::superuser,
                 "--locale=C", "--encoding=UTF8", "--auth=trust", "--no-sync", "--no-instructions",
                 "--wal-segsize=4"},
                directory, {}, owner, deadline);
    // `postgres` is the only database DSQL has, and two thirds of the files are the others'.
    const auto password = new_password();
    run_single_user(installation, directory,
                    "UPDATE pg_database SET datistemplate = false;\n"
                    "DROP DATABASE template0;\n"
                    "DROP DATABASE template1;\n" +
                        password_sql(password),
                    owner, deadline);
    ask_for_password(directory, password, owner);
    overwrite(directory, "postgresql.conf",
              "# Nimbus passes its settings on the command line; what is set here adds to them.\n",
              owner);
}

/// Starts a server on the template, whose directory `home` holds it as `data`, and has it filled.
/// Not in single-user mode, which gives what is made the numbers of PostgreSQL's own objects.
void fill(const ServerOptions& options, const std::filesystem::path& home, int directory,
          const std::optional<process::Identity>& owner, Deadline deadline)
{
    auto own = options;
    own.directory = home;
    auto postmaster = Postmaster::launch(own, owner, deadline);
    options.initial_content->fill("/proc/self/fd/" + std::to_string(directory) + "/" +
                                  Server::socket_name);
    postmaster.shut_down();
}

/// Beside a template's data: what that was when it was made.
constexpr const char* digest_name = "sha256";

/// Of the names and contents of all files.
std::string digest_of(const std::filesystem::path& directory)
{
    std::vector<std::string> lines;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory))
        if (entry.is_regular_file())
            lines.push_back(crypto::sha256_hex_of_file(entry.path()) + " " +
                            entry.path().lexically_relative(directory).string());
    std::ranges::sort(lines);
    return crypto::sha256_hex(join(lines, "\n"));
}

/// Nobody else would notice: each database that is copied from it would be damaged as it is.
bool is_intact(const std::filesystem::path& finished)
{
    try {
        return read_file_if_exists(finished / digest_name) == digest_of(finished / "data");
    } catch (const std::exception&) {
        return false; // a part of it is gone, or cannot be read
    }
}

/// What is there besides the data goes, and the digest comes.
void seal(const std::filesystem::path& fresh)
{
    for (const auto& entry : std::filesystem::directory_iterator(fresh))
        if (entry.path().filename() != "data")
            std::filesystem::remove_all(entry.path());
    write_file(fresh / digest_name, digest_of(fresh / "data"), 0600);
}

/// initdb and single-user mode ask the system for the name of the user.
void need_user_name(const std::optional<process::Identity>& owner)
{
    const auto user = owner ? owner->uid : ::geteuid();
    passwd entry{};
    passwd* found = nullptr;
    std::array<char, 4096> buffer{};
    const int failure = ::getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found);
    if (found == nullptr && failure != ERANGE)
        throw Error("PostgreSQL makes no database for the user " + std::to_string(user) +
                        ", which has no name on this system",
                    "Give it one, such as by a line in /etc/passwd, or run Nimbus as a user that "
                    "has one.");
}

/// The initialised data directory for this version, made when there is none, or a damaged one.
std::filesystem::path need_template(const ServerOptions& options,
                                    const std::optional<process::Identity>& owner,
                                    Deadline deadline)
{
    constexpr std::string_view half_made = "new-";
    const auto& parent = options.template_directory;
    const auto& content = options.initial_content;
    const auto finished =
        parent / ("pg" + std::to_string(options.installation.major_version) + "-" +
                  std::to_string(template_revision) + (content ? "-" + content->name : ""));
    if (is_intact(finished))
        return finished / "data";

    need_user_name(owner);
    make_directories(parent, 0700);
    const UniqueFd directory = open_directory(parent);
    if (!lock_directory(directory.get(), deadline))
        throw Error("Another process has been making a template database in '" + parent.string() +
                    "' for too long");
    if (is_intact(finished))
        return finished / "data";
    if (std::filesystem::exists(finished)) {
        options.log.warning("The template of new databases is damaged, and is made again",
                            {{"directory", finished.string()}});
        std::filesystem::rename(finished,
                                parent / (std::string(half_made) + finished.filename().string()));
    }
    // Under the lock, a half-made one is of a process that is gone.
    for (const auto& entry : std::filesystem::directory_iterator(parent))
        if (entry.path().filename().string().starts_with(half_made))
            std::filesystem::remove_all(entry.path());

    const auto fresh = parent / (std::string(half_made) + random_text(8, "abcdefghijklmnop"));
    make_directories(fresh, 0700);
    try {
        make_directories(fresh / "data", 0700);
        const UniqueFd home = open_directory(fresh);
        const UniqueFd data = open_directory(fresh / "data");
        give_to(data.get(), owner, fresh);
        initialise(options.installation, data.get(), owner, deadline);
        if (content) {
            give_to(home.get(), owner, fresh);
            fill(options, fresh, home.get(), owner, deadline);
            take_possession(home.get(), fresh);
        }
        seal(fresh);
        std::filesystem::rename(fresh, finished);
    } catch (...) {
        std::error_code ignored;
        std::filesystem::remove_all(fresh, ignored);
        throw;
    }
    return finished / "data";
}

} // namespace

UniqueFd open_directory(const std::filesystem::path& path)
{
    UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!directory)
        throw_system_error(errno, "Cannot open the directory '" + path.string() + "'");
    return directory;
}

void take_possession(int directory, const std::filesystem::path& path)
{
    if (::fchown(directory, ::geteuid(), ::getegid()) != 0)
        throw_system_error(errno, "Cannot take possession of '" + path.string() + "'");
}

std::optional<process::Identity> server_identity()
{
    if (::geteuid() != 0)
        return {};
    return process::unprivileged_identity();
}

std::optional<int> data_version(const std::filesystem::path& directory)
{
    const auto text = read_file_if_exists(directory / "data" / "PG_VERSION");
    return text ? parse_number<int>(trim(*text)) : std::nullopt;
}

bool lock_directory(int directory, Deadline deadline)
{
    // flock(2) knows no timeout. Who holds such a lock is making a template or about to exit.
    while (::flock(directory, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            throw_system_error(errno, "Cannot lock a directory of PostgreSQL's");
        if (deadline.reached())
            return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

void prepare_directory(const ServerOptions& options, const std::optional<process::Identity>& owner,
                       Deadline deadline)
{
    const UniqueFd directory = open_directory(options.directory);
    if (!data_version(options.directory)) {
        const auto source = need_template(options, owner, deadline);
        take_possession(directory.get(), options.directory);
        const auto half_made = options.directory / "data.new";
        std::filesystem::remove_all(half_made);
        copy_tree(source, half_made, owner);
        std::filesystem::rename(half_made, options.directory / "data");
    }
    need_password(options, owner, deadline);
    if (::fchmod(directory.get(), 0700) != 0)
        throw_system_error(errno, "Cannot set the mode of '" + options.directory.string() + "'");
    give_to(directory.get(), owner, options.directory);
}

} // namespace nimbus::local::postgres
