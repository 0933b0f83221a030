#include "base/text.h"
#include "local/dsql/dialect_rules.h"
#include "local/dsql/filtered_catalogs.h"
#include "local/dsql/internal_functions.h"
#include "local/dsql/unsupported_functions.h"

#include <algorithm>
#include <array>

/// Queries and changes of rows, and what holds inside any statement.
namespace nimbus::local::dsql::rules {
namespace {

using namespace std::string_view_literals;

constexpr std::array geometric{"point"sv, "line"sv,    "lseg"sv,  "box"sv,
                               "path"sv,  "polygon"sv, "circle"sv};

/// PostgreSQL's own, in whose place the bootstrap has others in sys.
constexpr std::array replaced{"version"sv,         "current_setting"sv,      "set_config"sv,
                              "pg_get_userbyid"sv, "pg_get_constraintdef"sv, "pg_get_indexdef"sv};

bool is_one_of(std::string_view name, const auto& known)
{
    return std::ranges::find(known, name) != known.end();
}

bool is_weak(std::string_view strength)
{
    return strength == "LCS_FORSHARE" || strength == "LCS_FORNOKEYUPDATE";
}

/// Does the query lock all rows of its own FROM for update?
bool is_for_update(const Fields& select)
{
    return std::ranges::any_of(list(select, "lockingClause"), [](const auto& item) {
        const auto clause = node_of(item);
        return clause.fields && text(*clause.fields, "strength") == "LCS_FORUPDATE" &&
               list(*clause.fields, "lockedRels").empty();
    });
}

/// The rows of subqueries that are all locked for update already: the stronger lock holds.
bool locks_subqueries_for_update(const Fields& select)
{
    const auto& from = list(select, "fromClause");
    return !from.empty() && std::ranges::all_of(from, [](const auto& item) {
        const auto range = node_of(item);
        const auto* query =
            range.type == "RangeSubselect" ? range.fields->if_contains("subquery") : nullptr;
        const auto inner = query ? node_of(*query) : Node{};
        return inner.type == "SelectStmt" && is_for_update(*inner.fields);
    });
}

void check_locking(Draft& draft, const Fields& select)
{
    for (const auto& item : list(select, "lockingClause"))
        if (const auto clause = node_of(item); clause.fields &&
                                               is_weak(text(*clause.fields, "strength")) &&
                                               !locks_subqueries_for_update(select))
            draft.refuse("locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported");
}

void note_lock(Draft& draft, const Fields& clause)
{
    const auto strength = text(clause, "strength");
    auto& lock = draft.statement.lock;
    lock = std::max(lock, strength == "LCS_FORKEYSHARE" ? RowLock::key_share : RowLock::update);
}

void check_cast(Draft& draft, const Fields& cast)
{
    const auto& type = fields(cast, "typeName");
    const auto parts = names(type, "names");
    if (!parts.empty() && is_one_of(parts.back(), geometric))
        draft.refuse("datatype " + canonical_type_name(type) + " not supported");
}

/// Puts `replacement` in place of the name that the node begins with.
void redirect(Draft& draft, const Fields& node, std::size_t name_parts,
              const std::string& replacement)
{
    const auto at = location(node);
    const auto* first = at ? draft.token_at(*at) : nullptr;
    const auto* last = first;
    for (std::size_t i = 1; i < name_parts; ++i)
        last = draft.after(draft.after(last));
    if (last)
        draft.replace(first->offset, last->offset + last->text.size() - first->offset, replacement);
}

constexpr std::array system_columns{"tableoid"sv, "xmin"sv, "xmax"sv, "cmin"sv, "cmax"sv, "ctid"sv};

/// Does the tree name a column that every table has and no view?
bool names_system_column(const json::value& tree)
{
    if (const auto* array = tree.if_array())
        return std::ranges::any_of(*array, names_system_column);
    const auto* object = tree.if_object();
    return object && std::ranges::any_of(*object, [](const auto& member) {
               if (member.key() == "ColumnRef" && member.value().is_object()) {
                   const auto parts = names(member.value().get_object(), "fields");
                   return !parts.empty() && is_one_of(parts.back(), system_columns);
               }
               return names_system_column(member.value());
           });
}

/// The system catalogues are read through views of the same names; see filtered_catalogs.h.
void filter_catalog(Draft& draft, const Fields& relation, const json::value& statement)
{
    const auto schema = text(relation, "schemaname");
    const auto name = text(relation, "relname");
    const auto* catalog = find_filtered_catalog(name);
    if (!catalog || (!schema.empty() && schema != "pg_catalog"))
        return;
    auto view = "sys." + std::string(name);
    if (catalog->kind == CatalogKind::table && names_system_column(statement)) {
        view = "sys.nimbus_" + std::string(name);
        if (!relation.contains("alias"))
            view += " AS " + std::string(name);
    }
    redirect(draft, relation, schema.empty() ? 1 : 2, view);
}

void refuse_function(Draft& draft, std::string_view name)
{
    draft.refuse("function " + std::string(name) + " does not exist", "42883");
}

void refuse_unsupported(Draft& draft, std::string_view name)
{
    draft.refuse("function " + std::string(name) + " not supported");
}

/// x.f and (x).f call the function f with one argument where x has no column of the name:
/// PostgreSQL, "Value Expressions", 4.2.6. Tables have columns with names such as `version`.
void check_attribute(Draft& draft, std::string_view name)
{
    if (is_internal_function(name) || (is_one_of(name, replaced) && name != "version"))
        refuse_function(draft, name);
    else if (is_unsupported_function(name))
        refuse_unsupported(draft, name);
}

/// pg_catalog.pg_class.relname
void filter_column(Draft& draft, const Fields& column)
{
    const auto parts = names(column, "fields");
    if (parts.size() > 1)
        check_attribute(draft, parts.back());
    if (parts.size() > 2 && parts[0] == "pg_catalog" && find_filtered_catalog(parts[1]))
        redirect(draft, column, 1, "sys");
}

void check_function(Draft& draft, const Fields& function)
{
    const auto parts = names(function, "funcname");
    if (parts.empty())
        return;
    const auto name = parts.back();
    const auto schema = parts.size() > 1 ? parts[parts.size() - 2] : ""sv;
    if (is_internal_function(name) && (schema.empty() || schema == "sys"))
        refuse_function(draft, name);
    if (!schema.empty() && schema != "pg_catalog")
        return;
    if (is_unsupported_function(name))
        refuse_unsupported(draft, name);
    if (is_one_of(name, replaced))
        redirect(draft, function, parts.size(), "sys." + std::string(name));
    else if (is_one_of(name, geometric))
        draft.refuse("datatype " + std::string(name) + " not supported");
}

void check_indirection(Draft& draft, const Fields& indirection)
{
    for (const auto name : names(indirection, "indirection"))
        check_attribute(draft, name);
}

bool changes_rows(std::string_view node)
{
    return node == "InsertStmt" || node == "UpdateStmt" || node == "DeleteStmt" ||
           node == "MergeStmt";
}

/// XMLELEMENT and its kind, XMLSERIALIZE, XMLTABLE.
bool makes_xml(std::string_view node)
{
    return node == "XmlExpr" || node == "XmlSerialize" || node == "RangeTableFunc";
}

class Walk {
public:
    Walk(Draft& draft, const json::value& statement) : draft_(draft), statement_(statement) {}

    void visit(const json::value& value, bool top)
    {
        if (const auto* array = value.if_array()) {
            for (const auto& item : *array)
                visit(item, false);
            return;
        }
        const auto* object = value.if_object();
        if (!object)
            return;
        for (const auto& member : *object) {
            const std::string_view key = member.key();
            if (const auto* inner = member.value().if_object())
                check(key, *inner, top);
            visit(member.value(), false);
        }
    }

    bool nested_changes() const noexcept { return nested_changes_; }

private:
    void check(std::string_view key, const Fields& inner, bool top)
    {
        if (inner.contains("lockingClause"))
            check_locking(draft_, inner);
        if (key == "FuncCall" || key == "funccall")
            check_function(draft_, inner);
        else if (inner.contains("relname")) // a RangeVar, by whatever name
            filter_catalog(draft_, inner, statement_);
        else if (key == "ColumnRef")
            filter_column(draft_, inner);
        else if (key == "TypeCast")
            check_cast(draft_, inner);
        else if (key == "LockingClause")
            note_lock(draft_, inner);
        else if (makes_xml(key))
            draft_.refuse("datatype xml not supported");
        else if (key == "RangeTableSample")
            draft_.refuse("TABLESAMPLE clause not supported");
        else if (key == "IntoClause" || key == "intoClause")
            draft_.refuse("unsupported statement: CreateTableAs");
        else if (key == "A_Indirection")
            check_indirection(draft_, inner);
        else if (changes_rows(key))
            nested_changes_ = nested_changes_ || !top;
    }

    Draft& draft_;
    const json::value& statement_;
    bool nested_changes_ = false;
};

/// HEADER alone, or with a Boolean or "match".
bool has_header(const json::value* argument)
{
    if (!argument)
        return true;
    const auto node = node_of(*argument);
    if (node.type == "Boolean")
        return flag(*node.fields, "boolval");
    if (node.type == "Integer")
        return node.fields->contains("ival"); // left out when it is 0
    const auto value = string_of(*argument);
    return !iequals(value, "false") && !iequals(value, "off");
}

/// How the rows of a COPY are written. Of an option that is given twice or has no such value,
/// PostgreSQL says so.
CopyFormat copy_format(const json::array& options)
{
    CopyFormat format;
    std::optional<char> escape; // the quote unless it is given
    for (const auto& item : options) {
        const auto node = node_of(item);
        if (node.type != "DefElem")
            continue;
        const auto name = text(*node.fields, "defname");
        const auto* argument = node.fields->if_contains("arg");
        const auto value = argument ? string_of(*argument) : ""sv;
        if (name == "format")
            format.kind = value == "binary" ? CopyFormat::Kind::binary
                          : value == "csv"  ? CopyFormat::Kind::csv
                                            : CopyFormat::Kind::text;
        else if (name == "header")
            format.has_header = has_header(argument);
        else if (name == "quote" && value.size() == 1)
            format.quote = value.front();
        else if (name == "escape" && value.size() == 1)
            escape = value.front();
    }
    format.escape = escape.value_or(format.quote);
    return format;
}

} // namespace

void everywhere(Draft& draft, const json::value& tree)
{
    Walk walk(draft, tree);
    walk.visit(tree, true);
    const auto type = node_of(tree).type;
    if (walk.nested_changes() && (type == "SelectStmt" || changes_rows(type))) {
        draft.statement.kind = StatementKind::dml;
        draft.statement.rows.reset();
    }
}

void select(Draft&, const Fields&) {}

void insert(Draft& draft, const Fields& statement)
{
    const auto* source = statement.if_contains("selectStmt");
    if (!source) {
        draft.statement.rows = 1; // DEFAULT VALUES
        return;
    }
    const auto select = node_of(*source);
    if (select.type != "SelectStmt")
        return;
    if (const auto& rows = list(*select.fields, "valuesLists"); !rows.empty())
        draft.statement.rows = rows.size();
}

void update(Draft&, const Fields&) {}

void merge(Draft& draft, const Fields&)
{
    draft.refuse("unsupported statement type: MERGE");
}

void copy(Draft& draft, const Fields& statement)
{
    if (flag(statement, "is_program"))
        draft.refuse("COPY with PROGRAM not supported");
    else if (!text(statement, "filename").empty())
        draft.refuse("COPY with a file not supported");
    if (flag(statement, "is_from")) {
        draft.statement.kind = StatementKind::dml;
        draft.statement.copy_in = copy_format(list(statement, "options"));
    }
}

void explain(Draft& draft, const Fields& statement)
{
    const auto* query = statement.if_contains("query");
    if (!query)
        return;
    bool analyze = false;
    draft.statement.explains = true;
    for (const auto& option : list(statement, "options")) {
        const auto node = node_of(option);
        if (!node.fields)
            continue;
        const auto name = text(*node.fields, "defname");
        const auto* argument = node.fields->if_contains("arg");
        analyze = analyze || name == "analyze";
        if (name == "format")
            draft.statement.explains = argument && string_of(*argument) == "text";
    }
    apply(draft, node_of(*query));
    if (!analyze || draft.statement.kind == StatementKind::ddl)
        draft.statement.kind = StatementKind::read;
}

void call(Draft&, const Fields&) {}

} // namespace nimbus::local::dsql::rules
