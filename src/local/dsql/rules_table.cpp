#include "base/number.h"
#include "base/sql_text.h"
#include "base/text.h"
#include "local/dsql/dialect_rules.h"

#include <algorithm>
#include <array>
#include <map>

/// Tables, sequences, domains: Aurora DSQL User Guide, "CREATE TABLE", "ALTER TABLE", "CREATE
/// SEQUENCE", "Identity columns".
namespace nimbus::local::dsql::rules {
namespace {

using namespace std::string_view_literals;

constexpr std::int64_t max_char = 4'096;
constexpr std::int64_t max_varchar = 65'535;
constexpr std::int64_t min_large_cache = 65'536;

constexpr std::array serial_types{"serial"sv,  "bigserial"sv, "smallserial"sv,
                                  "serial2"sv, "serial4"sv,   "serial8"sv};

std::optional<std::int64_t> first_modifier(const Fields& type_name)
{
    const auto& modifiers = list(type_name, "typmods");
    const auto text = modifiers.empty() ? std::nullopt : constant_text(modifiers[0]);
    return text ? parse_number<std::int64_t>(*text) : std::nullopt;
}

void check_length(Draft& draft, const Fields& type_name, std::string_view name, std::int64_t limit)
{
    if (first_modifier(type_name).value_or(1) > limit)
        draft.refuse("Datatype limit greater than " + std::to_string(limit) +
                         " bytes not supported for " + std::string(name),
                     sqlstate::program_limit_exceeded);
}

/// DSQL's numeric without digits is numeric(18,6).
void make_numeric_definite(Draft& draft, const Fields& type_name)
{
    const auto at = location(type_name);
    const auto* token = at ? draft.token_at(*at) : nullptr;
    if (const auto* dot = draft.after(token); dot && dot->text == ".")
        token = draft.after(dot);
    if (token)
        draft.replace(token->offset + token->text.size(), 0, "(18,6)");
}

const Fields* option(const json::array& options, std::string_view name)
{
    for (const auto& item : options) {
        const auto node = node_of(item);
        if (node.type == "DefElem" && text(*node.fields, "defname") == name)
            return node.fields;
    }
    return nullptr;
}

std::optional<std::int64_t> cache_of(const Fields& option)
{
    const auto* argument = option.if_contains("arg");
    const auto node = argument ? node_of(*argument) : Node{};
    if (node.type != "Integer")
        return std::nullopt;
    const auto* value = node.fields->if_contains("ival");
    return value && value->is_int64() ? value->get_int64() : 0;
}

void check_cache(Draft& draft, const json::array& options, std::string_view what, bool required)
{
    const auto* cache = option(options, "cache");
    if (!cache && !required)
        return;
    if (!cache) {
        draft.refuse(std::string(what) +
                     " is not supported without an explicit cache size. please define CACHE "
                     "greater than or equal to 65536 or equal to 1");
        return;
    }
    // A number too large for the parser's integers arrives in another form and is large enough.
    const auto value = cache_of(*cache).value_or(min_large_cache);
    if (value != 1 && value < min_large_cache)
        draft.refuse("CACHE (" + std::to_string(value) +
                         ") must be greater than or equal to 65536 or equal to 1",
                     sqlstate::invalid_parameter_value);
}

void check_sequence_type(Draft& draft, const json::array& options)
{
    const auto* type = option(options, "as");
    const auto* argument = type ? type->if_contains("arg") : nullptr;
    const auto node = argument ? node_of(*argument) : Node{};
    if (node.type != "TypeName")
        return;
    if (const auto name = canonical_type_name(*node.fields); name != "bigint")
        draft.refuse("datatype " + name + " not supported, sequence type must be bigint",
                     sqlstate::invalid_parameter_value);
}

void check_collation(Draft& draft, const Fields& definition)
{
    if (!names(fields(definition, "collClause"), "collname").empty())
        draft.refuse("COLLATE clause not supported");
}

/// Checks one constraint of a column or table; `column` is the column's type, if it is a column's.
class TableRules {
public:
    explicit TableRules(Draft& draft) : draft_(draft) {}

    void element(const json::value& element)
    {
        const auto node = node_of(element);
        if (node.type == "ColumnDef")
            column(*node.fields);
        else if (node.type == "Constraint")
            constraint(*node.fields, nullptr);
    }

    void check_keys()
    {
        for (const auto& name : key_columns_)
            if (const auto found = columns_.find(name); found != columns_.end())
                check_key(*found->second);
    }

private:
    void column(const Fields& definition)
    {
        const auto& type = fields(definition, "typeName");
        column_type(draft_, type);
        columns_[text(definition, "colname")] = &type;
        check_collation(draft_, definition);
        if (!text(definition, "compression").empty())
            draft_.refuse("COMPRESSION not supported for CREATE TABLE");
        std::string_view attributed; // the constraint that an attribute belongs to
        for (const auto& item : list(definition, "constraints")) {
            const auto node = node_of(item);
            if (node.type != "Constraint")
                continue;
            const auto kind = text(*node.fields, "contype");
            if (!kind.starts_with("CONSTR_ATTR_"))
                attributed = kind;
            else if (kind == "CONSTR_ATTR_DEFERRABLE" || kind == "CONSTR_ATTR_DEFERRED")
                check_deferrable(attributed);
            constraint(*node.fields, &type);
        }
    }

    /// Foreign keys alone can be checked later.
    void check_deferrable(std::string_view constraint)
    {
        if (constraint == "CONSTR_PRIMARY" || constraint == "CONSTR_UNIQUE")
            draft_.refuse("DEFERRABLE not supported for this constraint");
    }

    void constraint(const Fields& constraint, const Fields* column)
    {
        const auto kind = text(constraint, "contype");
        if (kind == "CONSTR_EXCLUSION") {
            draft_.refuse("EXCLUDE not supported for CREATE TABLE");
        } else if (kind == "CONSTR_IDENTITY") {
            check_cache(draft_, list(constraint, "options"), "identity column", true);
            if (column && canonical_type_name(*column) != "bigint")
                draft_.refuse("datatype " + canonical_type_name(*column) +
                              " not supported, identity column type must be bigint");
        } else if (kind == "CONSTR_PRIMARY" || kind == "CONSTR_UNIQUE") {
            if (flag(constraint, "deferrable"))
                check_deferrable(kind);
            if (column)
                check_key(*column);
            const auto keys = names(constraint, "keys");
            key_columns_.insert(key_columns_.end(), keys.begin(), keys.end());
            if (keys.size() > 8)
                draft_.refuse("more than 8 column keys in an index are not supported",
                              sqlstate::too_many_columns);
        }
    }

    void check_key(const Fields& type)
    {
        if (type_use(type) == TypeUse::column)
            draft_.refuse("datatype " + canonical_type_name(type) + " is not supported in a key");
    }

    Draft& draft_;
    std::map<std::string_view, const Fields*> columns_;
    std::vector<std::string_view> key_columns_;
};

void add_column(Draft& draft, const Fields& command)
{
    const auto* value = command.if_contains("def");
    const auto node = value ? node_of(*value) : Node{};
    if (node.type != "ColumnDef")
        return;
    column_type(draft, fields(*node.fields, "typeName"));
    check_collation(draft, *node.fields);
    for (const auto& item : list(*node.fields, "constraints"))
        if (const auto constraint = node_of(item);
            constraint.fields && text(*constraint.fields, "contype") != "CONSTR_NULL")
            draft.refuse("ALTER TABLE ADD COLUMN with constraint not supported");
}

void add_constraint(Draft& draft, const Fields& command)
{
    const auto* value = command.if_contains("def");
    const auto node = value ? node_of(*value) : Node{};
    if (node.type != "Constraint")
        return;
    const auto kind = text(*node.fields, "contype");
    const bool later = flag(*node.fields, "skip_validation");
    if ((kind == "CONSTR_CHECK" || kind == "CONSTR_FOREIGN") && later)
        return;
    if (kind == "CONSTR_UNIQUE" && !text(*node.fields, "indexname").empty())
        return;
    draft.refuse("unsupported ALTER TABLE ADD CONSTRAINT statement");
}

void add_identity(Draft& draft, const Fields& command)
{
    const auto* value = command.if_contains("def");
    if (const auto node = value ? node_of(*value) : Node{}; node.type == "Constraint")
        check_cache(draft, list(*node.fields, "options"), "identity column", true);
}

void supported(Draft&, const Fields&) {}

struct AlterRow {
    std::string_view subtype;
    /// Unset: refused as `unsupported ALTER TABLE <name> statement`.
    void (*rule)(Draft&, const Fields&);
    std::string_view name;
};

constexpr AlterRow alter_actions[] = {
    {"AT_AddColumn", add_column, {}},
    {"AT_AddConstraint", add_constraint, {}},
    {"AT_AddIdentity", add_identity, {}},
    {"AT_AlterColumnType", nullptr, "ALTER COLUMN ... SET DATA TYPE"},
    {"AT_AlterConstraint", supported, {}},
    {"AT_ChangeOwner", supported, {}},
    {"AT_ColumnDefault", supported, {}},
    {"AT_DisableRowSecurity", nullptr, "DISABLE ROW SECURITY"},
    {"AT_DisableTrigAll", supported, {}},
    {"AT_DisableTrigUser", supported, {}},
    {"AT_DropColumn", supported, {}},
    {"AT_DropConstraint", supported, {}},
    {"AT_DropExpression", supported, {}},
    {"AT_DropIdentity", supported, {}},
    {"AT_DropNotNull", supported, {}},
    {"AT_EnableRowSecurity", nullptr, "ENABLE ROW SECURITY"},
    {"AT_EnableTrigAll", supported, {}},
    {"AT_EnableTrigUser", supported, {}},
    {"AT_ForceRowSecurity", nullptr, "FORCE ROW SECURITY"},
    {"AT_NoForceRowSecurity", nullptr, "NO FORCE ROW SECURITY"},
    {"AT_ReplicaIdentity", nullptr, "REPLICA IDENTITY"},
    {"AT_SetCompression", nullptr, "ALTER COLUMN ... SET COMPRESSION"},
    {"AT_SetIdentity", supported, {}},
    {"AT_SetNotNull", nullptr, "ALTER COLUMN ... SET NOT NULL"},
    {"AT_SetStatistics", nullptr, "ALTER COLUMN ... SET STATISTICS"},
    {"AT_SetStorage", supported, {}},
    {"AT_ValidateConstraint", nullptr, "VALIDATE CONSTRAINT"},
};
static_assert(std::ranges::is_sorted(alter_actions, {}, &AlterRow::subtype));

/// AT_SetLogged: SET LOGGED.
std::string action_name(std::string_view subtype)
{
    std::string name;
    for (const char c : subtype.substr(subtype.starts_with("AT_") ? 3 : 0)) {
        if (c >= 'A' && c <= 'Z' && !name.empty())
            name += ' ';
        name += c;
    }
    return to_upper(name);
}

std::string text_array(const std::vector<std::string_view>& texts)
{
    std::string items;
    for (const auto text : texts)
        items += (items.empty() ? "" : ", ") + quote_literal(text);
    return "ARRAY[" + items + "]::text[]";
}

/// DSQL takes ENABLE and DISABLE TRIGGER, and has no triggers. The local cloud's own stay as they
/// are: they are enabled.
void keep_triggers(Draft& draft, const Fields& relation)
{
    const auto at = location(relation);
    for (const auto* token = at ? draft.token_at(*at) : nullptr; token && token->text != ";";
         token = draft.after(token)) {
        if (!token->is("enable") && !token->is("disable"))
            continue;
        const auto* trigger = draft.after(token);
        const auto* which = trigger && trigger->is("trigger") ? draft.after(trigger) : nullptr;
        if (which)
            draft.replace(token->offset, which->offset + which->text.size() - token->offset,
                          "ENABLE TRIGGER USER");
    }
}

/// Which constraint and which columns are the primary key, the catalogue knows: what drops some is
/// executed by a procedure that looks first.
void keep_primary_key(Draft& draft, const Fields& statement)
{
    std::vector<std::string_view> constraints;
    std::vector<std::string_view> columns;
    for (const auto& item : list(statement, "cmds")) {
        const auto command = node_of(item);
        if (command.type != "AlterTableCmd")
            continue;
        const auto subtype = text(*command.fields, "subtype");
        if (subtype == "AT_DropConstraint")
            constraints.push_back(text(*command.fields, "name"));
        else if (subtype == "AT_DropColumn")
            columns.push_back(text(*command.fields, "name"));
    }
    if (constraints.empty() && columns.empty())
        return;
    const auto& relation = fields(statement, "relation");
    draft.wrap("CALL sys.nimbus_alter_table(" + quote_literal(text(relation, "schemaname")) + ", " +
                   quote_literal(text(relation, "relname")) + ", " + text_array(constraints) +
                   ", " + text_array(columns) + ", ",
               ")");
}

} // namespace

void column_type(Draft& draft, const Fields& type_name)
{
    const auto parts = names(type_name, "names");
    const auto name = parts.empty() ? ""sv : parts.back();
    if (std::ranges::find(serial_types, name) != serial_types.end()) {
        draft.refuse("type \"" + std::string(name) + "\" does not exist",
                     sqlstate::undefined_object);
        return;
    }
    if (type_use(type_name) == TypeUse::refused)
        draft.refuse("datatype " + canonical_type_name(type_name) + " not supported");
    if (name == "bpchar")
        check_length(draft, type_name, "char", max_char);
    else if (name == "varchar")
        check_length(draft, type_name, "varchar", max_varchar);
    else if (name == "numeric" && list(type_name, "typmods").empty())
        make_numeric_definite(draft, type_name);
}

void create_table(Draft& draft, const Fields& statement)
{
    const auto persistence = text(fields(statement, "relation"), "relpersistence");
    const auto refuse = [&](std::string_view what) {
        draft.refuse(std::string(what) + " not supported for CREATE TABLE");
    };
    if (persistence == "t")
        refuse("TEMPORARY or TEMP table");
    if (persistence == "u")
        refuse("UNLOGGED table");
    if (!fields(statement, "partspec").empty())
        refuse("PARTITION BY clause");
    if (!fields(statement, "partbound").empty())
        refuse("PARTITION OF clause");
    if (!list(statement, "inhRelations").empty())
        refuse("INHERITS clause");
    if (!fields(statement, "ofTypename").empty())
        refuse("OF clause");
    if (!list(statement, "options").empty())
        refuse("WITH clause");
    if (const auto action = text(statement, "oncommit");
        !action.empty() && action != "ONCOMMIT_NOOP")
        refuse("ON COMMIT clause");
    if (!text(statement, "tablespacename").empty())
        refuse("TABLESPACE clause");
    if (!text(statement, "accessMethod").empty())
        refuse("USING clause");
    TableRules table(draft);
    for (const auto& element : list(statement, "tableElts"))
        table.element(element);
    for (const auto& element : list(statement, "constraints"))
        table.element(element);
    table.check_keys();
}

void alter_table(Draft& draft, const Fields& statement)
{
    const auto& commands = list(statement, "cmds");
    if (draft.async() && commands.size() == 1) {
        const auto node = node_of(commands[0]);
        if (node.fields && text(*node.fields, "subtype") == "AT_ValidateConstraint") {
            make_job(draft, "VALIDATE_CONSTRAINT", "ALTER TABLE", fields(statement, "relation"));
            return;
        }
    }
    const bool is_view = text(statement, "objtype") == "OBJECT_VIEW";
    for (const auto& item : commands) {
        const auto command = node_of(item);
        if (command.type != "AlterTableCmd")
            continue;
        const auto subtype = text(*command.fields, "subtype");
        if (is_view && (subtype == "AT_SetRelOptions" || subtype == "AT_ResetRelOptions"))
            continue; // security_barrier and the like
        const auto row = std::ranges::lower_bound(alter_actions, subtype, {}, &AlterRow::subtype);
        if (row != std::end(alter_actions) && row->subtype == subtype && row->rule)
            row->rule(draft, *command.fields);
        else
            draft.refuse("unsupported ALTER TABLE " +
                         (row != std::end(alter_actions) && row->subtype == subtype
                              ? std::string(row->name)
                              : action_name(subtype)) +
                         " statement");
    }
    keep_primary_key(draft, statement);
    keep_triggers(draft, fields(statement, "relation"));
}

void create_sequence(Draft& draft, const Fields& statement)
{
    const auto& options = list(statement, "options");
    if (text(fields(statement, "sequence"), "relpersistence") != "p")
        draft.refuse("TEMPORARY or UNLOGGED sequence not supported for CREATE SEQUENCE");
    check_sequence_type(draft, options);
    check_cache(draft, options, "CREATE SEQUENCE", true);
}

void alter_sequence(Draft& draft, const Fields& statement)
{
    const auto& options = list(statement, "options");
    check_sequence_type(draft, options);
    check_cache(draft, options, "ALTER SEQUENCE", false);
}

void create_domain(Draft& draft, const Fields& statement)
{
    column_type(draft, fields(statement, "typeName"));
    check_collation(draft, statement);
}

/// Only defaults are set, and what holds is only loosened.
void alter_domain(Draft& draft, const Fields& statement)
{
    const auto change = text(statement, "subtype");
    const bool is_supported =
        change == "T" || change == "N" || (change == "X" && flag(statement, "missing_ok"));
    if (!is_supported)
        draft.refuse("unsupported ALTER DOMAIN statement");
}

} // namespace nimbus::local::dsql::rules
