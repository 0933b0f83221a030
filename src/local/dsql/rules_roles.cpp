#include "base/sql_text.h"
#include "base/text.h"
#include "local/dsql/dialect_rules.h"
#include "local/dsql/settings.h"

#include <algorithm>
#include <array>

/// Roles and privileges: Aurora DSQL User Guide, "Using database roles and IAM".
namespace nimbus::local::dsql::rules {
namespace {

using namespace std::string_view_literals;

constexpr std::array role_options{"canlogin"sv,    "inherit"sv,      "connectionlimit"sv,
                                  "rolemembers"sv, "adminmembers"sv, "addroleto"sv};
constexpr std::array grantable{"OBJECT_TABLE"sv,    "OBJECT_SEQUENCE"sv, "OBJECT_SCHEMA"sv,
                               "OBJECT_FUNCTION"sv, "OBJECT_ROUTINE"sv,  "OBJECT_TYPE"sv,
                               "OBJECT_DOMAIN"sv,   "OBJECT_COLUMN"sv};

/// PostgreSQL's predefined roles reach files and programs of the server's machine; DSQL has none.
void refuse_predefined(Draft& draft, std::string_view role)
{
    if (role.starts_with("pg_"))
        draft.refuse("role \"" + std::string(role) + "\" does not exist",
                     sqlstate::undefined_object);
}

std::string_view role_name(const json::value& specification)
{
    const auto node = node_of(specification);
    return node.type == "RoleSpec" ? text(*node.fields, "rolename") : ""sv;
}

void check_option(Draft& draft, const Fields& option, std::string_view statement)
{
    const auto name = text(option, "defname");
    const auto* argument = option.if_contains("arg");
    const auto node = argument ? node_of(*argument) : Node{};
    if (std::ranges::find(role_options, name) != role_options.end()) {
        if (node.type == "List")
            for (const auto& role : list(*node.fields, "items"))
                refuse_predefined(draft, role_name(role));
        return;
    }
    const bool switched_off = node.type == "Boolean" && !flag(*node.fields, "boolval");
    if (!switched_off)
        draft.refuse(to_upper(name == "isreplication" ? "replication"sv : name) +
                     " not supported for " + std::string(statement));
}

void check_options(Draft& draft, const Fields& statement, std::string_view what)
{
    for (const auto& item : list(statement, "options"))
        if (const auto node = node_of(item); node.type == "DefElem")
            check_option(draft, *node.fields, what);
}

} // namespace

void create_role(Draft& draft, const Fields& statement)
{
    check_options(draft, statement, "CREATE ROLE");
}

void alter_role(Draft& draft, const Fields& statement)
{
    const auto role = text(fields(statement, "role"), "rolename");
    if (role == "admin")
        draft.refuse("permission denied to alter role \"admin\"", sqlstate::insufficient_privilege);
    refuse_predefined(draft, role);
    check_options(draft, statement, "ALTER ROLE");
}

void alter_role_settings(Draft& draft, const Fields& statement)
{
    const auto& change = fields(statement, "setstmt");
    const auto kind = text(change, "kind");
    const bool is_reset = kind == "VAR_RESET" || kind == "VAR_RESET_ALL";
    if (!is_reset && !setting_name_is(text(change, "name"), "search_path"))
        draft.refuse("unsupported ALTER ROLE SET statement");
}

void drop_role(Draft& draft, const Fields& statement)
{
    std::string roles;
    for (const auto& item : list(statement, "roles")) {
        const auto name = role_name(item);
        if (name.empty())
            return; // CURRENT_USER and the like, which PostgreSQL refuses
        roles += (roles.empty() ? "" : ", ") + quote_literal(name);
    }
    draft.replace_all("CALL sys.nimbus_drop_roles(ARRAY[" + roles + "]::text[], " +
                      (flag(statement, "missing_ok") ? "true" : "false") + ")");
}

void grant(Draft& draft, const Fields& statement)
{
    const auto type = text(statement, "objtype");
    if (text(statement, "targtype") == "ACL_TARGET_DEFAULTS")
        return;
    if (std::ranges::find(grantable, type) == grantable.end())
        draft.refuse("unsupported object type in GRANT");
    if (type != "OBJECT_SCHEMA")
        return;
    for (const auto& object : list(statement, "objects")) {
        const auto name = string_of(object);
        if (name == "public" || name == "sys" || name == "pg_catalog" ||
            name == "information_schema")
            draft.refuse("feature not supported on system entity");
    }
}

void grant_role(Draft& draft, const Fields& statement)
{
    for (const auto& item : list(statement, "granted_roles"))
        if (const auto node = node_of(item); node.type == "AccessPriv")
            refuse_predefined(draft, text(*node.fields, "priv_name"));
}

} // namespace nimbus::local::dsql::rules
