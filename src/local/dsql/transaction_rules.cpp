#include "local/dsql/transaction_rules.h"

namespace nimbus::local::dsql {
namespace {

Refusal row_limit()
{
    return {.sqlstate = sqlstate::program_limit_exceeded,
            .message = "transaction row limit exceeded"};
}

Refusal not_supported(std::string message)
{
    return {.sqlstate = sqlstate::feature_not_supported, .message = std::move(message)};
}

} // namespace

std::optional<Refusal> TransactionRules::admit(StatementKind kind,
                                               std::optional<std::uint64_t> rows, SystemTime now)
{
    if (in_block_ && kind != StatementKind::rollback && now - began_ > max_age) {
        const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - began_).count();
        return Refusal{.sqlstate = sqlstate::program_limit_exceeded,
                       .message = "transaction age limit of 300s exceeded",
                       .detail =
                           "Current transaction age " + std::to_string(age) + "s exceeds 300s"};
    }
    switch (kind) {
    case StatementKind::read:
        return std::nullopt;
    case StatementKind::begin:
        if (!in_block_)
            began_ = now;
        in_block_ = true;
        return std::nullopt;
    case StatementKind::commit:
    case StatementKind::rollback:
        in_block_ = false;
        reset();
        return std::nullopt;
    case StatementKind::ddl:
        if (dml_)
            return not_supported("ddl and dml are not supported in the same transaction");
        if (ddl_)
            return not_supported("multiple ddl statements not supported in a transaction");
        ddl_ = true;
        return std::nullopt;
    case StatementKind::dml:
        break;
    }
    if (ddl_)
        return not_supported("ddl and dml are not supported in the same transaction");
    dml_ = true;
    return add_rows(rows.value_or(0));
}

std::optional<Refusal> TransactionRules::add_rows(std::uint64_t rows)
{
    rows_ += rows;
    return rows_ > max_rows ? std::optional(row_limit()) : std::nullopt;
}

void TransactionRules::end_of_statements() noexcept
{
    if (!in_block_)
        reset();
}

void TransactionRules::set_in_block(bool in_block) noexcept
{
    in_block_ = in_block;
    end_of_statements();
}

void TransactionRules::reset() noexcept
{
    ddl_ = dml_ = false;
    rows_ = 0;
}

} // namespace nimbus::local::dsql
