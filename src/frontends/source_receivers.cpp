#include "frontends/source_receivers.h"

#include <algorithm>
#include <array>

namespace nimbus::frontends {
namespace {

constexpr auto none = SourceFile::none;

} // namespace

std::string variable_before(const SourceFile& file, std::size_t begin)
{
    for (auto i = begin; i-- > 0 && begin - i < 8;) {
        if (!file.at(i).is("="))
            continue;
        if (i > 0 && file.at(i - 1).is_word()) // or a type is between: const db: SqlDatabase =
            return i > 1 && file.at(i - 2).is(":") && !file.is_cpp() && i > 2
                       ? std::string(file.at(i - 3).text)
                       : std::string(file.at(i - 1).text);
        return {};
    }
    return {};
}

Receivers::Receivers(const Sources& sources)
{
    for (const auto& file : sources)
        for (std::size_t i = 0; i < file.size(); ++i) {
            find_declaration(file, i);
            find_parameter_of_type(file, i);
            find_transaction(file, i);
        }
}

/// db = app.sql({.name = "main-db"}), const db = app.SQL({ name: 'main-db' })
void Receivers::find_declaration(const SourceFile& file, std::size_t i)
{
    const bool declares = file.at(i).is(file.is_cpp() ? "sql" : "SQL") && i > 0 &&
                          file.at(i - 1).is(".") && file.at(i + 1).is("(");
    const auto end = declares ? file.partner(i + 1) : none;
    if (end == none)
        return;
    const auto variable = variable_before(file, i - 1);
    if (variable.empty())
        return;
    names_.insert(variable);
    for (auto at = i + 2; at + 2 < end; ++at)
        if (file.at(at).is("name") && (file.at(at + 1).is("=") || file.at(at + 1).is(":")) &&
            file.at(at + 2).is_text()) {
            databases_[variable].insert(file.literal(file.at(at + 2)).value);
            return;
        }
}

/// const nimbus::sql::database& db, (db: SqlDatabase), const pool = new Pool(
void Receivers::find_parameter_of_type(const SourceFile& file, std::size_t i)
{
    const auto& word = file.at(i);
    if (file.is_cpp()) {
        if (!word.is("database") && !word.is("transaction"))
            return;
        auto name = i + 1;
        while (file.at(name).is("&") || file.at(name).is("*") || file.at(name).is("const"))
            ++name;
        if (i > 0 && file.at(i - 1).is(":") && file.at(name).is_word())
            names_.insert(std::string(file.at(name).text));
        return;
    }
    constexpr std::array<std::string_view, 6> types{"SqlDatabase", "SqlTransaction", "SqlQueries",
                                                    "Pool",        "PoolClient",     "Client"};
    if (std::ranges::none_of(types, [&](std::string_view type) { return word.is(type); }) || i < 2)
        return;
    const bool is_made =
        file.at(i - 1).is("new") || (i > 2 && file.at(i - 1).is(".") && file.at(i - 3).is("new"));
    if (file.at(i - 1).is(":") && file.at(i - 2).is_word())
        names_.insert(std::string(file.at(i - 2).text));
    else if (is_made)
        if (auto variable = variable_before(file, i); !variable.empty())
            names_.insert(std::move(variable));
}

/// db.transaction([&](auto& tx) { … }), db.transaction(async (tx) => …), client = await
/// pool.connect()
void Receivers::find_transaction(const SourceFile& file, std::size_t i)
{
    if (!file.is_cpp() && (file.at(i).is("connect") || file.at(i).is("pool")) && i > 0 &&
        file.at(i - 1).is(".") && file.at(i + 1).is("("))
        if (auto variable = variable_before(file, i - 1); !variable.empty())
            names_.insert(std::move(variable));
    if (!file.at(i).is("transaction") || i == 0 || !file.at(i - 1).is(".") ||
        !file.at(i + 1).is("("))
        return;
    auto at = i + 2;
    if (file.at(at).is("async"))
        ++at;
    if (file.is_cpp() && file.at(at).is("[") && file.partner(at) != none)
        at = file.partner(at) + 1;
    if (!file.is_cpp() && file.at(at).is_word() && file.at(at + 1).is("=")) // tx => …
        names_.insert(std::string(file.at(at).text));
    const auto end = file.at(at).is("(") ? file.partner(at) : none;
    if (end == none || end == at + 1)
        return;
    const auto& name = file.at(file.is_cpp() ? end - 1 : at + 1);
    if (name.is_word())
        names_.insert(std::string(name.text));
}

} // namespace nimbus::frontends
