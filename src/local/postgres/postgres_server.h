#pragma once

#include "base/log.h"
#include "base/time.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

/// A private PostgreSQL: its own data directory, a Unix socket and no TCP, never as root.
namespace nimbus::local::postgres {

/// Where PostgreSQL's programs are, and whom they run as.
struct Installation {
    std::filesystem::path bin_directory; ///< holds initdb and postgres
    int major_version = 0;
};

/// The major version of Aurora DSQL, whose grammar the local DSQL reads.
inline constexpr int wanted_major_version = 16;

/// `bin_directory` if it is given (NIMBUS_POSTGRES_BIN), else PATH and the usual places: the wanted
/// version, else the newest of the older ones, else the oldest of the newer ones. Throws Error with
/// what to install when there is none.
Installation find_installation(const std::filesystem::path& bin_directory = {});

/// The major version that wrote the data of a server's directory; nothing while it has none.
std::optional<int> data_version(const std::filesystem::path& directory);

/// What it takes, beside dumping and restoring objects, to carry a database over to another major
/// version. Both functions get the sockets of two running servers; what they throw undoes it all.
struct CarryOver {
    using Step = std::function<void(const std::filesystem::path& old_socket,
                                    const std::filesystem::path& new_socket)>;

    std::string own_schema; ///< which `prepare` makes, so that it is not restored
    Step prepare;           ///< makes in the new server what the objects rely on, such as roles
    Step verify;            ///< throws Error when the new server lacks anything
};

/// What every new database holds from the start.
struct InitialContent {
    std::string name; ///< part of the template's name: another content has another
    /// Puts it into an empty database. What it throws keeps the server from starting.
    std::function<void(const std::filesystem::path& socket)> fill;
};

struct ServerOptions {
    Installation installation;
    std::filesystem::path directory; ///< the cluster's own: data directory, socket and log below it
    /// An initialised data directory that new ones are copied from; made when there is none.
    std::filesystem::path template_directory;
    /// Put into that directory, once.
    std::optional<InitialContent> initial_content{};
    /// Unset: data of another version is served by that version, if it is installed.
    std::optional<CarryOver> carry_over{};
    /// Data that is missing is a failure then, and not made.
    bool must_have_data = false;
    /// That the server was started, died and was started again, or could not be.
    Log log{};
};

/// One PostgreSQL instance, supervised: started again when it dies. Thread-safe.
class Server {
public:
    explicit Server(ServerOptions options);
    /// Stops it (fast shutdown, then SIGQUIT), keeping the data.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Makes the data directory when there is none, removes what a crash left (stale
    /// postmaster.pid, half-made directories), starts the server and returns when it accepts
    /// connections. Throws Error with the last lines of PostgreSQL's own log.
    ///
    /// Data of an older version is carried over first, for which the deadline does not count, and
    /// kept until the next start.
    void start(Deadline deadline);
    void stop();
    /// Stops it and deletes its directory.
    void remove();

    /// Copies what the running server has in its directory to `target`, which is not there yet;
    /// `finish` ends PostgreSQL's backup mode, which the caller has begun, and returns the backup's
    /// label. The copy starts with what was committed before that. Throws Error.
    void copy_data(const std::filesystem::path& target,
                   const std::function<std::string()>& finish) const;

    /// Of the socket in the server's directory.
    static constexpr const char* socket_name = ".s.PGSQL.5432";
    /// The socket's path, as connect(2) takes it.
    std::filesystem::path socket_path() const;
    /// The database's superuser. Every role that has the server's password may connect through the
    /// socket; the superuser has it from the start. So a process of our user has to read the home.
    static constexpr const char* superuser = "nimbus";

    /// The password's file, by the directory of the socket.
    static constexpr const char* password_file = "data/nimbus_password";

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

/// Copies the data in a server's directory that no server works with. Throws Error.
void copy_resting_data(const std::filesystem::path& directory, const std::filesystem::path& target);

/// Gives what was copied below `directory`, a server's, to the user whom servers run as.
void give_to_server(const std::filesystem::path& directory);

} // namespace nimbus::local::postgres
