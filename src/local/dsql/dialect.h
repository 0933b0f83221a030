#pragma once

#include "local/dsql/copy_rows.h"
#include "local/dsql/refusal.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What DSQL makes of a text of SQL before it is executed. Pure functions of the text: roles,
/// transactions and data are looked at elsewhere.
namespace nimbus::local::dsql {

/// How a statement counts in a transaction.
enum class StatementKind {
    read,     ///< SELECT, SHOW, EXPLAIN, …
    dml,      ///< INSERT, UPDATE, DELETE, COPY FROM
    ddl,      ///< CREATE, ALTER, DROP, GRANT, REVOKE, COMMENT, AWS IAM …
    begin,    ///< BEGIN, START TRANSACTION
    commit,   ///< COMMIT, END
    rollback, ///< ROLLBACK, ABORT
};

/// The strongest lock that a SELECT asks for.
enum class RowLock {
    none,
    key_share, ///< FOR KEY SHARE
    update,    ///< FOR UPDATE
};

/// AWS IAM GRANT role TO 'arn', AWS IAM REVOKE role FROM 'arn'.
struct IamChange {
    bool grant = false;
    std::string role;
    std::string arn;

    bool operator==(const IamChange&) const = default;
};

struct Statement {
    StatementKind kind = StatementKind::read;
    /// What PostgreSQL gets, without `;`. Empty with `iam`, whose text depends on who asks.
    std::string text;
    /// Is `text` something else than what the client wrote?
    bool rewritten = false;
    std::optional<Refusal> refusal;
    std::optional<IamChange> iam;
    /// DML: the number of rows that it changes at most, where the text tells (INSERT … VALUES).
    std::optional<std::uint64_t> rows;
    RowLock lock = RowLock::none;
    /// EXPLAIN, whose rows are the lines of a plan in PostgreSQL's text format.
    bool explains = false;
    /// COPY FROM STDIN, whose rows come after it.
    std::optional<CopyFormat> copy_in;
};

/// A text of statements.
struct Script {
    std::vector<Statement> statements; ///< empty when the text is
    /// The text as a whole is refused: no statement of it is executed.
    std::optional<Refusal> refusal;

    bool unchanged() const noexcept
    {
        if (refusal)
            return false;
        for (const auto& statement : statements)
            if (statement.rewritten || statement.refusal || statement.iam)
                return false;
        return true;
    }
};

/// `text` holds no zero byte. The verdict on a query or a change of rows does not depend on the
/// values of its constants: ScriptCache reads one of the texts that differ in nothing else.
Script read_script(const std::string& text);

} // namespace nimbus::local::dsql
