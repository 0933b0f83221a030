#pragma once

#include "aws/credentials.h"
#include "base/error.h"
#include "base/time.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::deploy::sql {

/// PostgreSQL refused a statement.
class SqlFailure : public Error {
public:
    SqlFailure(std::string sqlstate, const std::string& message, std::string hint,
               std::size_t position = 0, bool ends_session = false);
    const std::string& sqlstate() const noexcept { return sqlstate_; }
    /// In the statement, from 1 and in characters; 0: nowhere in it.
    std::size_t position() const noexcept { return position_; }
    /// The connection is gone with it, and whether the statement was applied is not known.
    bool ends_session() const noexcept { return ends_session_; }

private:
    std::string sqlstate_;
    std::size_t position_;
    bool ends_session_;
};

/// A connection to a DSQL cluster over libpq, with a token made for it (TLS, verify-full).
class SqlSession {
public:
    /// The fault on demand by which logins are refused, as Target::injected_fault knows it.
    static constexpr const char* login_fault = "expired-tokens";

    struct Options {
        std::string endpoint;
        std::string region;
        std::string user = "admin"; ///< admin: DbConnectAdmin; others: DbConnect
        aws::Credentials credentials;
        std::filesystem::path ca_file;         ///< empty: the system's
        std::filesystem::path hosts_file;      ///< asked before DNS, as that of the target
        Deadline deadline = Deadline::never(); ///< of the connection attempt, with its retries
        /// As that of the target: what refuses a login is not always the credentials.
        std::function<std::string(std::string_view fault)> injected_fault = {};
    };

    /// Connects; tries again while the cluster wakes up, is too busy or cannot be reached yet.
    explicit SqlSession(const Options& options);
    ~SqlSession();
    SqlSession(SqlSession&&) noexcept;
    SqlSession& operator=(SqlSession&&) noexcept;

    struct Result {
        std::vector<std::string> columns;
        std::vector<std::vector<std::optional<std::string>>> rows; ///< text form; nothing: NULL
        std::string command_tag;
    };

    /// A column of a statement's answer.
    struct DescribedColumn {
        std::string name;
        std::uint32_t type = 0;  ///< the type's OID
        std::uint32_t table = 0; ///< the OID of the relation that it is a column of; 0: of none
        int number = 0;          ///< of the column in that relation
    };
    /// What a statement takes and gives.
    struct Description {
        std::vector<std::uint32_t> parameters; ///< the types' OIDs
        std::vector<DescribedColumn> columns;
    };

    /// Prepares the statement, with parameters whose types the server infers, and does not run it.
    /// Throws SqlFailure.
    Description describe(const std::string& statement);

    /// One statement with bound parameters. Throws SqlFailure.
    Result query(const std::string& statement, const std::vector<std::string>& parameters = {});
    /// Any number of statements as one simple query, one Result each, for `nimbus sql`.
    std::vector<Result> run(const std::string& statements);

    /// `ca_file`, or where it is empty that of PGSSLROOTCERT, or else the file with the system's
    /// certificate authorities: libpq 15 does not know `sslrootcert=system`.
    static std::string ca_file_or_system(const std::filesystem::path& ca_file);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace nimbus::deploy::sql
