#include "deploy/kinds/sql/batch_reads.h"

#include "base/error.h"
#include "deploy/kinds/sql/catalogue_name.h"

#include <set>

namespace nimbus::deploy::sql {
namespace {

class Reads {
public:
    Reads(const std::string& changed, const std::vector<Definition>& definitions)
        : changed_(changed), definitions_(definitions)
    {
    }

    /// Of the definitions that `text` names.
    void check(std::string_view text)
    {
        const auto tokens = tokenize_sql(text);
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            if (!is_name(tokens[i]))
                continue;
            const auto name = catalogue_name(tokens[i]);
            const bool is_called = i + 1 < tokens.size() && tokens[i + 1].text == "(";
            for (const auto& definition : definitions_)
                if (definition.name == name &&
                    (definition.kind == Definition::Kind::view || is_called))
                    check(definition);
        }
    }

private:
    void check(const Definition& definition)
    {
        if (!seen_.insert(&definition).second)
            return;
        const bool is_view = definition.kind == Definition::Kind::view;
        const auto what = (is_view ? "the view " : "the function ") + definition.name;
        if (definition.name == changed_ && is_view)
            refuse("it changes " + what, "Write the table whose rows are changed.");
        if (definition.text.empty() && !definition.is_immutable)
            refuse("it calls " + what + ", of which it is not known what it reads",
                   "Declare the function IMMUTABLE if it reads no table.");
        for (const auto& token : tokenize_sql(definition.text))
            if (is_name(token) && catalogue_name(token) == changed_)
                refuse("it uses " + what + ", which reads " + changed_ +
                           ", and later batches would see what earlier ones have changed",
                       "Keep what it reads in another table first.");
        check(definition.text);
    }

    static bool is_name(const SqlToken& token)
    {
        return token.kind == SqlToken::Kind::word || token.kind == SqlToken::Kind::quoted;
    }

    [[noreturn]] static void refuse(const std::string& why, const std::string& hint)
    {
        throw Error("this statement cannot run in batches: " + why, hint);
    }

    const std::string& changed_;
    const std::vector<Definition>& definitions_;
    std::set<const Definition*> seen_;
};

} // namespace

void check_reads(std::string_view statement, const std::string& changed,
                 const std::vector<Definition>& definitions)
{
    Reads(changed, definitions).check(statement);
}

std::vector<Definition> definitions_in(SqlSession& session, const std::string& schema)
{
    std::vector<Definition> all;
    const auto views =
        session.query("SELECT viewname, definition FROM pg_views WHERE schemaname = $1", {schema});
    for (const auto& row : views.rows)
        all.push_back({.name = row.at(0).value_or(""), .text = row.at(1).value_or("")});
    const auto functions =
        session.query("SELECT p.proname, p.prosrc, p.provolatile = 'i' FROM pg_proc AS p JOIN "
                      "pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname = $1",
                      {schema});
    for (const auto& row : functions.rows)
        all.push_back({.name = row.at(0).value_or(""),
                       .kind = Definition::Kind::function,
                       .text = row.at(1).value_or(""),
                       .is_immutable = row.at(2) == "t"});
    return all;
}

std::vector<KeyColumn> primary_key(SqlSession& session, const std::string& table)
{
    std::vector<KeyColumn> key;
    const auto found = session.query(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_constraint AS c "
        "CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k(attnum, place) "
        "JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum "
        "WHERE c.conrelid = $1::regclass AND c.contype = 'p' ORDER BY k.place",
        {table});
    for (const auto& row : found.rows)
        key.push_back({.name = row.at(0).value(), .type = row.at(1).value()});
    return key;
}

} // namespace nimbus::deploy::sql
