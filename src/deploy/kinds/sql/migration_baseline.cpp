#include "deploy/kinds/sql/migration_baseline.h"

#include "base/error.h"
#include "base/sql_text.h"
#include "base/sql_tokens.h"
#include "base/text.h"
#include "deploy/kinds/sql/catalogue_name.h"
#include "deploy/kinds/sql/migration_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

namespace nimbus::deploy::sql {
namespace {

constexpr std::array<std::string_view, 4> kinds{"table", "index", "view", "sequence"};
/// What may stand between CREATE, DROP or ALTER and the name.
constexpr std::array<std::string_view, 8> beside_the_name{"unique", "async", "if",      "not",
                                                          "exists", "or",    "replace", "only"};

/// Walks over the words of one statement.
class Words {
public:
    explicit Words(const std::string& text) : tokens_(tokenize_sql(text)) {}

    bool take(std::string_view word)
    {
        if (at_ == tokens_.size() || !tokens_[at_].is(word))
            return false;
        ++at_;
        return true;
    }
    bool take_mark(std::string_view mark)
    {
        if (at_ == tokens_.size() || tokens_[at_].text != mark)
            return false;
        ++at_;
        return true;
    }
    void skip_beside_the_name()
    {
        while (std::ranges::any_of(beside_the_name, [&](auto word) { return take(word); }))
            ;
    }
    /// The kind of relation that is named next; nothing: another thing.
    std::optional<std::string> kind()
    {
        skip_beside_the_name();
        for (const auto kind : kinds)
            if (take(kind))
                return std::string(kind);
        return {};
    }
    /// Without its schema, as the catalogue has it.
    std::optional<std::string> name()
    {
        skip_beside_the_name();
        std::optional<std::string> name;
        do {
            if (at_ == tokens_.size())
                return {};
            const auto& token = tokens_[at_];
            if (token.kind != SqlToken::Kind::word && token.kind != SqlToken::Kind::quoted)
                return {};
            name = catalogue_name(token);
            ++at_;
        } while (take_mark("."));
        return name;
    }

private:
    std::vector<SqlToken> tokens_;
    std::size_t at_ = 0;
};

/// What is there after one statement.
class Catalogue {
public:
    void apply(const std::string& statement)
    {
        Words words(statement);
        if (words.take("create"))
            create(words);
        else if (words.take("drop"))
            drop(words);
        else if (words.take("alter"))
            rename(words);
    }

    const Relations& relations() const { return relations_; }

private:
    void create(Words& words)
    {
        const auto kind = words.kind();
        if (!kind)
            return;
        words.skip_beside_the_name();
        const bool has_no_name = *kind == "index" && words.take("on");
        const auto name = has_no_name ? std::nullopt : words.name();
        if (!name)
            return;
        relations_[*name] = *kind;
        if (*kind == "index" && words.take("on"))
            table_of_index_[*name] = words.name().value_or("");
    }

    void drop(Words& words)
    {
        if (!words.kind())
            return;
        do {
            const auto name = words.name();
            if (!name)
                return;
            relations_.erase(*name);
            std::erase_if(table_of_index_, [&](const auto& entry) {
                const bool is_gone = entry.second == *name;
                if (is_gone)
                    relations_.erase(entry.first);
                return is_gone;
            });
        } while (words.take_mark(","));
    }

    void rename(Words& words)
    {
        if (!words.kind())
            return;
        const auto name = words.name();
        if (!name || !words.take("rename") || !words.take("to"))
            return;
        const auto now = words.name();
        const auto found = relations_.find(*name);
        if (!now || found == relations_.end())
            return;
        relations_[*now] = found->second;
        relations_.erase(*name);
        for (auto& [index, table] : table_of_index_)
            if (table == *name)
                table = *now;
        if (auto index = table_of_index_.extract(*name)) {
            index.key() = *now;
            table_of_index_.insert(std::move(index));
        }
    }

    Relations relations_;
    std::map<std::string, std::string> table_of_index_;
};

[[noreturn]] void throw_otherwise(const std::string& what)
{
    throw Error("The ledger says otherwise: " + what,
                "'nimbus migrate status' shows it. A baseline is for a schema whose migrations "
                "were not recorded before.");
}

} // namespace

Relations relations_made_by(const std::vector<MigrationStep>& steps)
{
    Catalogue catalogue;
    for (const auto& step : steps)
        catalogue.apply(step.text);
    return catalogue.relations();
}

std::vector<MigrationStep> baseline_of(const std::vector<MigrationStep>& wanted,
                                       const std::vector<MigrationStep>& applied, unsigned number)
{
    using State = MigrationStanding::State;
    if (std::ranges::none_of(wanted,
                             [&](const auto& step) { return number_of(step.file) == number; }))
        throw UsageError(fmt::format("There is no migration with the number {:04}", number),
                         "Name the last one whose changes are there already.");
    std::vector<MigrationStep> steps;
    std::string first;
    for (const auto& standing : standings_of(wanted, applied)) {
        const bool is_behind = number_of(standing.file).value_or(number + 1) > number;
        if (standing.state == State::changed || standing.state == State::missing)
            throw_otherwise(standing.file + " was applied, and the file is not what was applied");
        if (standing.done > 0 && standing.state != State::applied)
            throw_otherwise(standing.file + " was begun");
        if (standing.done > 0 && !first.empty())
            throw_otherwise(standing.file + " is applied, and " + first + " before it is not");
        if (standing.done > 0 || is_behind)
            continue;
        if (first.empty())
            first = standing.file;
        std::ranges::copy_if(wanted, std::back_inserter(steps),
                             [&](const auto& step) { return step.file == standing.file; });
    }
    return steps;
}

void check_baseline(SqlSession& session, const SchemaOutputs& schema,
                    const std::vector<MigrationStep>& steps)
{
    std::map<std::string, std::string> owners;
    const auto found = session.query("SELECT c.relname, pg_get_userbyid(c.relowner) FROM "
                                     "pg_class AS c JOIN pg_namespace AS n ON n.oid = "
                                     "c.relnamespace WHERE n.nspname = $1",
                                     {schema.schema});
    for (const auto& row : found.rows)
        owners[row.at(0).value_or("")] = row.at(1).value_or("");
    std::vector<std::string> missing;
    for (const auto& [name, kind] : relations_made_by(steps)) {
        const auto owner = owners.find(name);
        if (owner == owners.end())
            missing.push_back(kind + " " + name);
        else if (kind == "table" && owner->second != schema.db_role)
            throw Error(fmt::format("The table {} belongs to {}, and migrations run as {}", name,
                                    owner->second, schema.db_role),
                        fmt::format("Give it to that role: ALTER TABLE {}.{} OWNER TO {}.",
                                    schema.schema, quote_identifier(name), schema.db_role));
    }
    if (!missing.empty())
        throw Error("The schema " + schema.schema +
                        " does not have what these migrations make: " + join(missing, ", "),
                    "Nothing was recorded. Choose the number of the last migration whose changes "
                    "are there.");
}

} // namespace nimbus::deploy::sql
