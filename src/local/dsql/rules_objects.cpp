#include "base/sql_text.h"
#include "base/text.h"
#include "local/dsql/dialect_rules.h"

#include <algorithm>
#include <array>

/// Schemas, views, functions, and what is dropped and renamed.
namespace nimbus::local::dsql::rules {
namespace {

using namespace std::string_view_literals;

constexpr std::array droppable{"OBJECT_TABLE"sv,    "OBJECT_INDEX"sv,  "OBJECT_VIEW"sv,
                               "OBJECT_SEQUENCE"sv, "OBJECT_SCHEMA"sv, "OBJECT_FUNCTION"sv,
                               "OBJECT_ROUTINE"sv,  "OBJECT_DOMAIN"sv, "OBJECT_STATISTIC_EXT"sv};
constexpr std::array renamable{
    "OBJECT_TABLE"sv,        "OBJECT_INDEX"sv,         "OBJECT_VIEW"sv,
    "OBJECT_SEQUENCE"sv,     "OBJECT_SCHEMA"sv,        "OBJECT_FUNCTION"sv,
    "OBJECT_ROUTINE"sv,      "OBJECT_DOMAIN"sv,        "OBJECT_COLUMN"sv,
    "OBJECT_ROLE"sv,         "OBJECT_TABCONSTRAINT"sv, "OBJECT_DOMCONSTRAINT"sv,
    "OBJECT_STATISTIC_EXT"sv};

bool is_one_of(std::string_view name, const auto& known)
{
    return std::ranges::find(known, name) != known.end();
}

/// A function's body is read as statements of its own: what the dialect refuses must not run
/// inside a function either.
/// The body as PostgreSQL has to get it, where that differs.
std::optional<std::string> checked_body(Draft& draft, std::string_view body)
{
    if (body.contains('\0'))
        return std::nullopt;
    const auto script = read_body(std::string(body));
    std::string rewritten;
    if (script.refusal)
        draft.refuse(script.refusal->message, script.refusal->sqlstate.c_str());
    for (const auto& statement : script.statements) {
        if (statement.refusal)
            draft.refuse(statement.refusal->message, statement.refusal->sqlstate.c_str());
        if (statement.iam || statement.copy_in ||
            (statement.kind != StatementKind::read && statement.kind != StatementKind::dml))
            draft.refuse("only queries and changes of rows are supported in a function");
        rewritten += (rewritten.empty() ? "" : ";") + statement.text;
    }
    const bool differs = std::ranges::any_of(script.statements, &Statement::rewritten);
    return differs ? std::optional(rewritten) : std::nullopt;
}

/// Checks the texts of AS, and puts what PostgreSQL has to get in the place of one that differs.
void check_text(Draft& draft, const Fields& as)
{
    const auto* argument = as.if_contains("arg");
    const auto items = argument ? node_of(*argument) : Node{};
    if (items.type != "List")
        return;
    const auto at = location(as);
    const auto* constant = at ? draft.after(draft.token_at(*at)) : nullptr;
    for (const auto& part : list(*items.fields, "items"))
        if (const auto body = checked_body(draft, string_of(part)); body && constant)
            draft.replace(constant->offset, constant->text.size(), quote_literal(*body));
}

std::string_view option_text(const Fields& option)
{
    const auto* argument = option.if_contains("arg");
    return argument ? string_of(*argument) : ""sv;
}

} // namespace

void plain_ddl(Draft&, const Fields&) {}

void create_view(Draft& draft, const Fields& statement)
{
    if (text(fields(statement, "view"), "relpersistence") == "t")
        draft.refuse("TEMPORARY or TEMP view not supported for CREATE VIEW");
}

void create_table_as(Draft& draft, const Fields&)
{
    draft.refuse("unsupported statement: CreateTableAs");
}

void create_schema(Draft& draft, const Fields& statement)
{
    for (const auto& element : list(statement, "schemaElts"))
        apply(draft, node_of(element));
    draft.statement.kind = StatementKind::ddl;
    if (draft.edited() && draft.text().contains("sys.nimbus_"))
        draft.refuse("unsupported statement in CREATE SCHEMA");
}

void create_function(Draft& draft, const Fields& statement)
{
    if (draft.in_function())
        return; // which check_body refuses: its own body may hold any number of others
    if (flag(statement, "is_procedure"))
        draft.refuse("PROCEDURE is not supported");
    std::string language = "sql";
    const Fields* body = nullptr;
    for (const auto& item : list(statement, "options")) {
        const auto node = node_of(item);
        if (node.type != "DefElem")
            continue;
        const auto name = text(*node.fields, "defname");
        if (name == "language")
            language = to_lower(option_text(*node.fields));
        if (name == "set")
            draft.refuse("CREATE FUNCTION with SET not supported");
        if (name == "as")
            body = node.fields;
    }
    if (language != "sql") {
        draft.refuse("CREATE FUNCTION with language " + language + " not supported");
        return;
    }
    if (body)
        check_text(draft, *body);
}

void alter_function(Draft& draft, const Fields&)
{
    draft.refuse("unsupported ALTER FUNCTION statement");
}

void create_trigger(Draft& draft, const Fields&)
{
    draft.refuse("CREATE TRIGGER not supported");
}

void create_enum(Draft& draft, const Fields&)
{
    draft.refuse("CREATE TYPE not supported");
}

void alter_enum(Draft& draft, const Fields&)
{
    draft.refuse("ALTER TYPE not supported");
}

void define(Draft& draft, const Fields& statement)
{
    draft.refuse(text(statement, "kind") == "OBJECT_TYPE" ? "CREATE TYPE not supported"
                                                          : "unsupported statement: Define");
}

void rename(Draft& draft, const Fields& statement)
{
    if (!is_one_of(text(statement, "renameType"), renamable))
        draft.refuse("unsupported object in RENAME statement");
}

/// DROP TRIGGER IF EXISTS finds none in DSQL: with the local cloud's own, no more than that.
void keep_triggers(Draft& draft)
{
    const auto statement = draft.text();
    const auto tokens = tokenize_sql(statement);
    constexpr std::size_t name_at = 4; // DROP TRIGGER IF EXISTS name
    if (tokens.size() <= name_at || !statement.contains("nimbus_"))
        return;
    const auto& name = tokens[name_at];
    draft.replace_all(statement.substr(0, name.offset) + "\"nimbus \"" +
                      statement.substr(name.offset + name.text.size()));
}

void drop(Draft& draft, const Fields& statement)
{
    const auto type = text(statement, "removeType");
    const bool no_trigger = type == "OBJECT_TRIGGER" && flag(statement, "missing_ok");
    if (!no_trigger && !is_one_of(type, droppable))
        draft.refuse("unsupported object in DROP statement");
    if (no_trigger)
        keep_triggers(draft);
    if (flag(statement, "concurrent"))
        draft.refuse("CONCURRENTLY not supported for DROP INDEX");
}

void create_statistics(Draft&, const Fields&) {}

void alter_statistics(Draft& draft, const Fields& statement)
{
    constexpr std::int64_t max_target = 100;
    const auto* target = statement.if_contains("stxstattarget");
    const auto node = target && target->is_object() ? node_of(*target) : Node{};
    const auto* value = node.fields ? node.fields->if_contains("ival") : target;
    if (value && value->is_int64() && value->get_int64() > max_target)
        draft.refuse("statistics target " + std::to_string(value->get_int64()) +
                         " exceeds maximum allowed value of 100",
                     sqlstate::invalid_parameter_value);
}

} // namespace nimbus::local::dsql::rules
