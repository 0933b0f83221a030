#include "local/dsql/table_names.h"

#include "base/assert.h"
#include "base/sql_text.h"
#include "base/sql_tokens.h"
#include "local/dsql/syntax_tree.h"

#include <algorithm>
#include <array>

namespace nimbus::local::dsql {
namespace {

using namespace std::string_view_literals;

/// Columns that every table has: where a row lies, and who wrote it.
constexpr std::array system_columns{"tableoid"sv, "xmin"sv, "xmax"sv, "cmin"sv, "cmax"sv, "ctid"sv};
/// What can be done with other tables than those that it names, or names none.
constexpr std::array queries{"SelectStmt"sv, "InsertStmt"sv, "UpdateStmt"sv, "DeleteStmt"sv};
constexpr std::array others{"CopyStmt"sv,         "ExplainStmt"sv,       "VariableSetStmt"sv,
                            "VariableShowStmt"sv, "DeallocateStmt"sv,    "TransactionStmt"sv,
                            "CallStmt"sv,         "ConstraintsSetStmt"sv};

bool is_one_of(std::string_view name, const auto& known)
{
    return std::ranges::find(known, name) != known.end();
}

std::string qualified(std::string_view schema, std::string_view name)
{
    return (schema.empty() ? "" : quote_identifier(schema) + '.') + quote_identifier(name);
}

class Walk {
public:
    explicit Walk(const std::string& text) : tokens_(tokenize_sql(text)) {}

    void visit_statement(const TreeStatement& statement)
    {
        const auto& [type, fields] = statement.node;
        result_.is_query = is_one_of(type, queries);
        // Of constraints, copies have only the names.
        if (!(result_.is_query || is_one_of(type, others)) || !list(*fields, "constraints").empty())
            result_.is_transferable = false;
        visit(*statement.value);
    }

    StatementNames result() &&
    {
        for (auto& table : result_.tables)
            table.is_written = !table.is_qualifier && (table.is_written || locks_);
        std::ranges::sort(result_.tables, {}, &TableName::offset);
        return std::move(result_);
    }

private:
    void visit(const json::value& value)
    {
        if (const auto* array = value.if_array()) {
            for (const auto& item : *array)
                visit(item);
            return;
        }
        const auto* object = value.if_object();
        if (!object)
            return;
        const auto visible = queries_.size();
        if (const auto& with = fields(*object, "withClause"); !with.empty())
            visit_with(with);
        for (const auto& member : *object)
            if (member.key() != "withClause")
                visit_member(member.key(), member.value());
        queries_.resize(visible);
    }

    /// What a query of WITH is called, the queries behind it know, and itself where it may be
    /// recursive.
    void visit_with(const json::object& with)
    {
        const auto name_of = [](const json::value& query) {
            return std::string(text(*node_of(query).fields, "ctename"));
        };
        const bool is_recursive = flag(with, "recursive");
        const auto& all = list(with, "ctes");
        for (const auto& query : all)
            if (is_recursive)
                queries_.push_back(name_of(query));
        for (const auto& query : all) {
            visit(query);
            if (!is_recursive)
                queries_.push_back(name_of(query));
        }
    }

    void visit_member(std::string_view key, const json::value& value)
    {
        // FOR UPDATE OF names what FROM has named.
        if (key == "LockingClause" || key == "lockingClause")
            locks_ = true;
        if (key == "lockedRels")
            return;
        if (key == "aliasname" && value.is_string())
            result_.aliases.emplace(value.get_string());
        if (const auto* inner = value.if_object())
            note(key, *inner);
        visit(value);
    }

    void note(std::string_view key, const json::object& inner)
    {
        if (key == "CopyStmt") {
            is_copy_ = true;
            copies_in_ = inner.contains("is_from");
        } else if (key == "ParamRef") {
            result_.has_parameters = true;
        } else if (key == "String") {
            result_.called.emplace(text(inner, "sval"));
        } else if (key == "ColumnRef") {
            note_column(inner);
        } else if (key == "TypeName" || key == "typeName") {
            const auto parts = names(inner, "names");
            if (!parts.empty())
                result_.types.insert(
                    qualified(parts.size() > 1 ? parts[parts.size() - 2] : "", parts.back()));
        }
        if (inner.contains("relname"))
            note_table(inner, key == "relation");
    }

    void note_column(const json::object& column)
    {
        const auto parts = names(column, "fields");
        if (!parts.empty() && is_one_of(parts.back(), system_columns))
            result_.is_transferable = false;
        const auto at = location(column);
        if (parts.size() < 3 || !at)
            return;
        const auto first = std::ranges::lower_bound(tokens_, *at, {}, &SqlToken::offset);
        const auto table = static_cast<std::ptrdiff_t>(2 * (parts.size() - 2));
        if (tokens_.end() - first <= table)
            return;
        const auto relation = parts[parts.size() - 2];
        result_.tables.push_back({.name = qualified(parts[parts.size() - 3], relation),
                                  .relation = std::string(relation),
                                  .offset = first->offset,
                                  .length = first[table].offset - first->offset,
                                  .is_qualifier = true});
    }

    void note_table(const json::object& relation, bool is_target)
    {
        const auto at = location(relation);
        if (!at)
            return;
        const auto schema = text(relation, "schemaname");
        const auto name = text(relation, "relname");
        // What is changed is never a query of WITH.
        if (schema.empty() && !is_target && std::ranges::find(queries_, name) != queries_.end()) {
            result_.aliases.emplace(name);
            return;
        }
        auto first = std::ranges::lower_bound(tokens_, *at, {}, &SqlToken::offset);
        const std::ptrdiff_t parts =
            (text(relation, "catalogname").empty() ? 0 : 1) + (schema.empty() ? 0 : 1) + 1;
        if (tokens_.end() - first < 2 * parts - 1)
            return;
        auto end = first + (2 * parts - 1);
        const auto is_before = [&](std::string_view token) {
            return first != tokens_.begin() && first[-1].text == token;
        };
        if (is_before("(") && first - tokens_.begin() > 1 && first[-2].is("only") &&
            end != tokens_.end()) {
            --first;
            ++end;
        } else if (end != tokens_.end() && end->text == "*") {
            ++end;
        }
        if (first != tokens_.begin() && first[-1].is("only"))
            --first;
        const bool is_table_command = first != tokens_.begin() && first[-1].is("table");
        if (is_table_command)
            --first;
        const bool is_copied = is_target && is_copy_;
        result_.tables.push_back({.name = qualified(schema, name),
                                  .relation = std::string(name),
                                  .offset = first->offset,
                                  .length = end[-1].offset + end[-1].text.size() - first->offset,
                                  .keeps_alias = is_copied || relation.contains("alias"),
                                  .is_written = is_target && (!is_copy_ || copies_in_),
                                  .is_table_command = is_table_command});
    }

    std::vector<SqlToken> tokens_;
    StatementNames result_;
    std::vector<std::string> queries_; ///< of WITH, that what is visited can see
    bool locks_ = false;
    bool is_copy_ = false;
    bool copies_in_ = false; ///< COPY FROM
};

/// Do the names in a statement find the same tables when these are others, under their old names?
bool stay_apart(const StatementNames& names,
                std::span<const std::optional<std::string>> replacements)
{
    for (std::size_t i = 0; i < names.tables.size(); ++i) {
        const auto& table = names.tables[i];
        if (!replacements[i] || table.keeps_alias)
            continue;
        // Without its schema, it is found by its name alone.
        if (table.is_qualifier && names.aliases.contains(table.relation))
            return false;
        for (std::size_t j = 0; j < names.tables.size(); ++j)
            if (!names.tables[j].keeps_alias && names.tables[j].relation == table.relation &&
                replacements[j] != replacements[i])
                return false;
    }
    return true;
}

} // namespace

StatementNames statement_names(const std::string& text)
{
    const auto tree = SyntaxTree::parse(text);
    if (!tree)
        return {};
    Walk walk(text);
    for (const auto& statement : tree->statements())
        walk.visit_statement(statement);
    return std::move(walk).result();
}

std::vector<TableName> table_names(const std::string& text)
{
    auto names = statement_names(text);
    std::erase_if(names.tables, &TableName::is_qualifier);
    return std::move(names.tables);
}

std::optional<std::string> with_tables(std::string_view text, const StatementNames& names,
                                       std::span<const std::optional<std::string>> replacements)
{
    NIMBUS_ASSERT(names.tables.size() == replacements.size(),
                  "each name has its replacement, or none");
    if (!stay_apart(names, replacements))
        return std::nullopt;
    std::string result;
    std::size_t position = 0;
    for (std::size_t i = 0; i < names.tables.size(); ++i) {
        const auto& table = names.tables[i];
        if (!replacements[i])
            continue;
        result += text.substr(position, table.offset - position);
        position = table.offset + table.length;
        if (table.is_qualifier)
            continue;
        if (table.is_table_command)
            result += "SELECT * FROM ";
        result += *replacements[i];
        if (!table.keeps_alias)
            result += " AS " + quote_identifier(table.relation);
    }
    return result += text.substr(position);
}

} // namespace nimbus::local::dsql
