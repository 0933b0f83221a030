#pragma once

#include "base/time.h"
#include "local/dsql/dialect.h"

#include <chrono>
#include <cstdint>
#include <optional>

namespace nimbus::local::dsql {

/// What DSQL allows within one transaction (Aurora DSQL User Guide, "Working with DDL", "Quotas and
/// limits"), told statement by statement as they are sent. A transaction is a BEGIN block, or the
/// statements of one query or up to one Sync.
class TransactionRules {
public:
    static constexpr std::uint64_t max_rows = 3'000;
    static constexpr std::chrono::seconds max_age{300};

    /// Counts the statement, and says why it is refused.
    std::optional<Refusal> admit(StatementKind kind, std::optional<std::uint64_t> rows,
                                 SystemTime now);
    /// Rows that were changed beyond what `admit` knew.
    std::optional<Refusal> add_rows(std::uint64_t rows);

    /// Statements outside of a block were executed: their transaction is over.
    void end_of_statements() noexcept;
    /// What the server says when it has done all that was sent.
    void set_in_block(bool in_block) noexcept;

    bool in_block() const noexcept { return in_block_; }
    /// Has the transaction a statement that changes rows?
    bool has_dml() const noexcept { return dml_; }

private:
    void reset() noexcept;

    bool in_block_ = false;
    bool ddl_ = false;
    bool dml_ = false;
    std::uint64_t rows_ = 0;
    SystemTime began_;
};

} // namespace nimbus::local::dsql
