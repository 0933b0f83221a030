#pragma once

#include "base/file.h"
#include "base/pipe.h"
#include "local/postgres/postgres_server.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <unistd.h>

/// What tests of a server need: options for one, and a connection to it.
namespace nimbus::local::postgres {

inline Deadline soon()
{
    return Deadline::after(std::chrono::seconds(40));
}

inline std::filesystem::path shared_template()
{
    // Root's and another user's cannot be one.
    return std::string(NIMBUS_TEST_POSTGRES_TEMPLATE "-") + std::to_string(::geteuid());
}

inline ServerOptions options_in(const std::filesystem::path& directory)
{
    return {.installation = find_installation(),
            .directory = directory,
            .template_directory = shared_template()};
}

/// Does that in a process of its own, to be killed, and returns when it has called `ready`, which
/// does not return.
inline pid_t fork_until_ready(const std::function<void(const std::function<void()>& ready)>& work)
{
    auto pipe = make_pipe();
    const pid_t pid = ::fork();
    if (pid == 0) {
        try {
            work([&] {
                [[maybe_unused]] const auto written = ::write(pipe.write.get(), "x", 1);
                ::pause();
            });
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
        }
        ::_exit(1);
    }
    pipe.write.reset();
    char answer = 0;
    EXPECT_EQ(::read(pipe.read.get(), &answer, 1), 1);
    return pid;
}

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

inline Connection connect(const std::filesystem::path& socket_path)
{
    const std::string parameters =
        "host='" + socket_path.parent_path().string() +
        "' port=5432 dbname=postgres connect_timeout=10 user=" + Server::superuser +
        " password=" + read_file(socket_path.parent_path() / Server::password_file);
    Connection connection(PQconnectdb(parameters.c_str()), PQfinish);
    EXPECT_EQ(PQstatus(connection.get()), CONNECTION_OK) << PQerrorMessage(connection.get());
    return connection;
}

/// The first value of the result.
inline std::string query(const Connection& connection, const std::string& sql)
{
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection.get(), sql.c_str()), PQclear);
    const auto status = PQresultStatus(result.get());
    EXPECT_TRUE(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        << PQerrorMessage(connection.get());
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

inline std::string query(const std::filesystem::path& socket_path, const std::string& sql)
{
    return query(connect(socket_path), sql);
}

inline std::string query(const Server& server, const std::string& sql)
{
    return query(connect(server.socket_path()), sql);
}

} // namespace nimbus::local::postgres
