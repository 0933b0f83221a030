#include "local/postgres/carry_over.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/unique_fd.h"
#include "local/postgres/data_directory.h"
#include "local/postgres/postmaster.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace nimbus::local::postgres {
namespace {

std::filesystem::path old_data_of(const std::filesystem::path& directory)
{
    return carry_over_directory(directory) / "old";
}

void remove_tree(const std::filesystem::path& path)
{
    std::error_code failure;
    std::filesystem::remove_all(path, failure);
    if (failure)
        throw Error("Cannot delete '" + path.string() + "': " + failure.message());
}

/// A server for as long as it takes to copy from or to it.
class RunningServer {
public:
    RunningServer(const ServerOptions& options, const std::optional<process::Identity>& identity,
                  Deadline deadline)
        : directory_(open_directory(options.directory)),
          postmaster_(Postmaster::launch(options, identity, deadline))
    {
    }
    ~RunningServer() { postmaster_.shut_down(); }
    RunningServer(const RunningServer&) = delete;
    RunningServer& operator=(const RunningServer&) = delete;

    /// The directory that holds the socket.
    int directory() const noexcept { return directory_.get(); }
    /// As connect(2) takes it, however long the directory's path is.
    std::filesystem::path socket() const { return path() / Server::socket_name; }
    std::string password() const { return read_file(path() / Server::password_file); }

private:
    std::filesystem::path path() const
    {
        return "/proc/self/fd/" + std::to_string(directory_.get());
    }

    UniqueFd directory_;
    Postmaster postmaster_;
};

/// The first line of what a program complains of: further ones may hold rows.
std::string complaint(const process::Output& output)
{
    for (const auto line : split(output.standard_error, '\n'))
        if (line.contains("error:"))
            return std::string(trim(line));
    return output.status.text();
}

/// What the programs of one carrying-over have in common.
class Tools {
public:
    Tools(const Installation& installation, const std::optional<process::Identity>& identity,
          Deadline deadline)
        : installation_(installation), identity_(identity), deadline_(deadline)
    {
        for (const char* name : {"pg_dump", "pg_restore"})
            if (!process::find_program(installation_.bin_directory / name))
                throw Error("There is no " + std::string(name) + " in '" +
                            installation_.bin_directory.string() + "'");
    }

    /// The program's descriptors: 3 is the directory of the server's socket, 4 the workplace.
    void run(std::vector<std::string> arguments, const RunningServer& server, int workplace) const
    {
        const auto name = arguments.front();
        arguments.front() = installation_.bin_directory / name;
        for (const char* argument : {"--host=/proc/self/fd/3", "--port=5432", "--no-password"})
            arguments.emplace_back(argument);
        arguments.push_back("--username=" + std::string(Server::superuser));
        const auto output =
            process::run({.arguments = arguments,
                          .environment = {{"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC",
                                           "PGPASSWORD=" + server.password()}},
                          .working_directory = "/",
                          .identity = identity_,
                          .descriptors = {{server.directory(), 3}, {workplace, 4}},
                          .new_session = true,
                          .die_with_parent = true},
                         deadline_);
        if (!output.status.success())
            throw Error(complaint(output));
    }

private:
    const Installation& installation_;
    const std::optional<process::Identity>& identity_;
    Deadline deadline_;
};

constexpr const char* dump_file = "/proc/self/fd/4/dump";

void dump(const Tools& tools, const RunningServer& server, int workplace,
          const std::string& own_schema)
{
    // Privileges on what a new cluster has are not carried over: preparing it has set them.
    tools.run({"pg_dump", "--format=custom", "--compress=1", "--file=" + std::string(dump_file),
               "--exclude-schema=" + own_schema, "--exclude-schema=pg_catalog",
               "--exclude-schema=information_schema", "--dbname=postgres"},
              server, workplace);
}

void restore(const Tools& tools, const RunningServer& server, int workplace)
{
    const auto section = [&](const char* name, std::vector<std::string> more) {
        std::vector<std::string> arguments{"pg_restore", "--exit-on-error", "--dbname=postgres",
                                           "--section=" + std::string(name)};
        std::ranges::move(more, std::back_inserter(arguments));
        arguments.emplace_back(dump_file);
        tools.run(std::move(arguments), server, workplace);
    };
    section("pre-data", {});
    // From here on expressions are evaluated: those of constraints, generated columns and indexes.
    section("data", {"--use-set-session-authorization"});
    section("post-data", {"--use-set-session-authorization"});
}

/// Servers of both versions; returns when they have shut down and the new data is complete.
void copy_database(const ServerOptions& options, const ServerOptions& old,
                   const ServerOptions& fresh, const std::optional<process::Identity>& identity,
                   Deadline deadline)
{
    const Tools tools(options.installation, identity, deadline);
    prepare_directory(old, identity, deadline);
    prepare_directory(fresh, identity, deadline);
    const RunningServer from(old, identity, deadline);
    const RunningServer to(fresh, identity, deadline);
    options.carry_over->prepare(from.socket(), to.socket());
    dump(tools, from, to.directory(), options.carry_over->own_schema);
    restore(tools, to, to.directory());
    options.carry_over->verify(from.socket(), to.socket());
}

/// Between the two renames there is no data: `undo_half_a_swap`.
void swap_data(const std::filesystem::path& directory)
{
    const auto workplace = carry_over_directory(directory);
    const auto opened = open_directory(workplace);
    take_possession(opened.get(), workplace);
    remove_tree(workplace / "dump");
    if (::syncfs(opened.get()) != 0)
        throw_system_error(errno, "Cannot write the data in '" + workplace.string() + "' to disk");
    std::filesystem::rename(directory / "data", old_data_of(directory));
    std::filesystem::rename(workplace / "data", directory / "data");
}

} // namespace

void carry_over(const ServerOptions& options, const Installation& old,
                const std::optional<process::Identity>& identity, Deadline deadline)
{
    const auto& directory = options.directory;
    const auto workplace = carry_over_directory(directory);
    const auto opened = open_directory(directory);
    try {
        take_possession(opened.get(), directory);
        remove_tree(workplace);
        make_directories(workplace, 0700);
        auto older = options;
        older.installation = old;
        auto fresh = options;
        fresh.directory = workplace;
        copy_database(options, older, fresh, identity, deadline);
        take_possession(opened.get(), directory);
        swap_data(directory);
    } catch (const std::exception& failure) {
        undo_half_a_swap(directory);
        throw Error("The data of PostgreSQL " + std::to_string(old.major_version) + " in '" +
                        directory.string() + "' could not be carried over to PostgreSQL " +
                        std::to_string(options.installation.major_version) + ": " + failure.what(),
                    "The data is as it was. To go on with PostgreSQL " +
                        std::to_string(old.major_version) + ", set NIMBUS_POSTGRES_BIN to '" +
                        old.bin_directory.string() + "'.");
    }
}

std::filesystem::path carry_over_directory(const std::filesystem::path& directory)
{
    return directory / "carry-over";
}

void undo_half_a_swap(const std::filesystem::path& directory)
{
    if (!std::filesystem::exists(directory / "data") && has_old_data(directory))
        std::filesystem::rename(old_data_of(directory), directory / "data");
}

bool has_old_data(const std::filesystem::path& directory)
{
    return std::filesystem::exists(old_data_of(directory));
}

void discard_old_data(const std::filesystem::path& directory)
{
    remove_tree(carry_over_directory(directory));
}

} // namespace nimbus::local::postgres
