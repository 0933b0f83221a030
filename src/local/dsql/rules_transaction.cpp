#include "base/sql_text.h"
#include "base/text.h"
#include "local/dsql/dialect_rules.h"
#include "local/dsql/settings.h"

/// Transactions and the session's settings.
namespace nimbus::local::dsql::rules {
namespace {

/// Refuses any isolation level but the one that DSQL has.
void check_isolation(Draft& draft, const json::array& options)
{
    for (const auto& option : options) {
        const auto node = node_of(option);
        if (!node.fields || text(*node.fields, "defname") != "transaction_isolation")
            continue;
        const auto* argument = node.fields->if_contains("arg");
        const auto level = argument ? constant_text(*argument).value_or("") : "";
        if (level != "repeatable read")
            draft.refuse("Unsupported isolation level: " + to_upper(level));
    }
}

void refuse_transaction(Draft& draft, std::string_view what)
{
    draft.refuse("unsupported transaction statement: " + std::string(what));
}

std::string unqualified(std::string_view setting)
{
    const auto dot = setting.rfind('.');
    return to_lower(dot == std::string_view::npos ? setting : setting.substr(dot + 1));
}

} // namespace

void plain_read(Draft&, const Fields&) {}

void transaction(Draft& draft, const Fields& statement)
{
    const auto kind = text(statement, "kind");
    if (kind == "TRANS_STMT_BEGIN" || kind == "TRANS_STMT_START") {
        check_isolation(draft, list(statement, "options"));
        draft.statement.kind = StatementKind::begin;
    } else if (kind == "TRANS_STMT_COMMIT" || kind == "TRANS_STMT_ROLLBACK") {
        if (flag(statement, "chain"))
            refuse_transaction(draft, "AND CHAIN");
        draft.statement.kind =
            kind == "TRANS_STMT_COMMIT" ? StatementKind::commit : StatementKind::rollback;
    } else if (kind == "TRANS_STMT_SAVEPOINT") {
        refuse_transaction(draft, "SAVEPOINT");
    } else if (kind == "TRANS_STMT_RELEASE") {
        refuse_transaction(draft, "RELEASE");
    } else if (kind == "TRANS_STMT_ROLLBACK_TO") {
        refuse_transaction(draft, "ROLLBACK TO");
    } else if (kind == "TRANS_STMT_PREPARE") {
        refuse_transaction(draft, "PREPARE TRANSACTION");
    } else {
        refuse_transaction(draft, kind == "TRANS_STMT_COMMIT_PREPARED" ? "COMMIT PREPARED"
                                                                       : "ROLLBACK PREPARED");
    }
}

void set(Draft& draft, const Fields& statement)
{
    const auto kind = text(statement, "kind");
    if (kind == "VAR_RESET_ALL")
        return;
    const auto name = text(statement, "name");
    if (kind == "VAR_SET_MULTI") {
        check_isolation(draft, list(statement, "args"));
        if (name == "SESSION CHARACTERISTICS")
            return;
        draft.refuse(setting_refusal(name).message);
        return;
    }
    switch (setting_use(name)) {
    case SettingUse::refused:
        draft.refuse(setting_refusal(name).message);
        return;
    case SettingUse::ignored:
        draft.replace_all("SET dsql." + unqualified(name) + " = 'ignored'");
        return;
    case SettingUse::settable:
        break;
    }
    if (!setting_name_is(name, "client_encoding") || kind != "VAR_SET_VALUE")
        return;
    const auto& values = list(statement, "args");
    const auto value = values.empty() ? std::nullopt : constant_text(values[0]);
    if (!value || !is_utf8_encoding(*value))
        draft.refuse(setting_refusal(name).message);
}

void show(Draft& draft, const Fields& statement)
{
    const auto name = text(statement, "name");
    if (setting_name_is(name, "lc_collate") || setting_name_is(name, "lc_ctype"))
        draft.refuse("unrecognized configuration parameter \"" + std::string(name) + '"',
                     sqlstate::undefined_object);
    else if (setting_name_is(name, "server_version") || setting_name_is(name, "server_version_num"))
        draft.replace_all("SELECT sys.nimbus_show(" + quote_literal(name) + ") AS " +
                          to_lower(name));
}

void deallocate(Draft& draft, const Fields& statement)
{
    if (!text(statement, "name").empty())
        draft.refuse("unsupported statement: Deallocate");
}

void vacuum(Draft& draft, const Fields& statement)
{
    if (flag(statement, "is_vacuumcmd"))
        draft.refuse("unsupported VACUUM statement");
}

} // namespace nimbus::local::dsql::rules
