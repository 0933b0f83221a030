#include "cli/statement_check.h"

#include "local/dsql/dialect.h"

#include <fmt/core.h>

#include <optional>

namespace nimbus::cli {
namespace {

std::optional<local::dsql::Refusal> find_refusal(const local::dsql::Script& script)
{
    if (script.refusal)
        return script.refusal;
    for (const auto& statement : script.statements)
        if (statement.refusal)
            return statement.refusal;
    return {};
}

} // namespace

std::string refusal_of_statement(const std::string& statement)
{
    const auto refusal = find_refusal(local::dsql::read_script(statement));
    if (!refusal)
        return {};
    return fmt::format("{} (SQLSTATE {})", refusal->message, refusal->sqlstate);
}

} // namespace nimbus::cli
