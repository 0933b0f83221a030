#include "local/dsql/table_names.h"

#include "base/assert.h"
#include "base/sql_text.h"
#include "base/sql_tokens.h"
#include "local/dsql/syntax_tree.h"

#include <algorithm>
#include <set>

namespace nimbus::local::dsql {
namespace {

class Walk {
public:
    explicit Walk(const std::string& text) : tokens_(tokenize_sql(text)) {}

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
        if (const auto* name = object->if_contains("ctename"); name && name->is_string())
            queries_.emplace(name->get_string());
        for (const auto& member : *object) {
            const std::string_view key = member.key();
            // FOR UPDATE OF names what FROM has named.
            if (key == "LockingClause" || key == "lockingClause")
                locks_ = true;
            if (key == "lockedRels")
                continue;
            const auto* inner = member.value().if_object();
            if (inner && key == "CopyStmt") {
                is_copy_ = true;
                copies_in_ = inner->contains("is_from");
            }
            if (inner && inner->contains("relname"))
                add(*inner, key == "relation" && (!is_copy_ || copies_in_),
                    key == "relation" && is_copy_);
            visit(member.value());
        }
    }

    std::vector<TableName> result() &&
    {
        std::erase_if(names_, [this](const TableName& table) {
            return queries_.contains(table.relation) &&
                   table.name == quote_identifier(table.relation);
        });
        if (locks_)
            for (auto& table : names_)
                table.is_written = true;
        std::ranges::sort(names_, {}, &TableName::offset);
        return std::move(names_);
    }

private:
    void add(const json::object& relation, bool is_target, bool takes_no_alias)
    {
        const auto at = location(relation);
        if (!at)
            return;
        const auto first = std::ranges::lower_bound(tokens_, *at, {}, &SqlToken::offset);
        const auto schema = text(relation, "schemaname");
        const std::ptrdiff_t parts =
            (text(relation, "catalogname").empty() ? 0 : 1) + (schema.empty() ? 0 : 1) + 1;
        if (tokens_.end() - first < 2 * parts - 1)
            return;
        const auto& last = first[2 * parts - 2];
        const auto name = text(relation, "relname");
        names_.push_back({.name = (schema.empty() ? "" : quote_identifier(schema) + '.') +
                                  quote_identifier(name),
                          .relation = std::string(name),
                          .offset = first->offset,
                          .length = last.offset + last.text.size() - first->offset,
                          .keeps_alias = takes_no_alias || relation.contains("alias"),
                          .is_written = is_target});
    }

    std::vector<SqlToken> tokens_;
    std::vector<TableName> names_;
    std::set<std::string, std::less<>> queries_; ///< of WITH
    bool locks_ = false;
    bool is_copy_ = false;
    bool copies_in_ = false; ///< COPY FROM
};

} // namespace

std::vector<TableName> table_names(const std::string& text)
{
    const auto tree = SyntaxTree::parse(text);
    if (!tree)
        return {};
    Walk walk(text);
    for (const auto& statement : tree->statements())
        walk.visit(*statement.value);
    return std::move(walk).result();
}

std::string with_tables(std::string_view text, std::span<const TableName> names,
                        std::span<const std::optional<std::string>> replacements)
{
    NIMBUS_ASSERT(names.size() == replacements.size(), "each name has its replacement, or none");
    std::string result;
    std::size_t position = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto& table = names[i];
        if (!replacements[i])
            continue;
        result += text.substr(position, table.offset - position);
        result += *replacements[i];
        position = table.offset + table.length;
        if (!table.keeps_alias)
            result += " AS " + quote_identifier(table.relation);
    }
    return result += text.substr(position);
}

} // namespace nimbus::local::dsql
