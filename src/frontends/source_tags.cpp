#include "frontends/source_tags.h"

#include "frontends/source_imports.h"
#include "frontends/source_promises.h"
#include "frontends/source_receivers.h"

#include <algorithm>
#include <array>
#include <span>

namespace nimbus::frontends {
namespace {

constexpr auto none = SourceFile::none;

/// Libraries whose tag is imported by its name. Sources: the documentation of Kysely ("Raw SQL"),
/// drizzle ("Magic sql`` operator") and Prisma ("Raw queries").
struct ImportedTag {
    std::string_view module, name;
    TagLibrary library;
};
constexpr std::array imported_tags{ImportedTag{"kysely", "sql", TagLibrary::kysely},
                                   ImportedTag{"drizzle-orm", "sql", TagLibrary::drizzle},
                                   ImportedTag{"@prisma/client", "Prisma", TagLibrary::prisma}};
/// What a tag's methods make that is a parameter all the same.
constexpr std::array<std::string_view, 9> made_parameters{"json",  "array", "typed", "types", "val",
                                                          "value", "param", "date",  "Param"};

template <std::size_t N>
bool is_one_of(const SourceToken& token, const std::array<std::string_view, N>& words)
{
    return std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

/// An `=` that gives a value.
bool assigns(const SourceFile& file, std::size_t at) noexcept
{
    const auto is_beside = [&](std::size_t left, std::string_view text) {
        return file.at(left).is(text) && file.at(left).end() == file.at(left + 1).offset;
    };
    if (at == 0 || !file.at(at).is("=") || (is_beside(at, "=") && file.at(at + 1).is("=")) ||
        is_arrow(file, at + 1))
        return false;
    return !is_beside(at - 1, "=") && !is_beside(at - 1, "!") && !is_beside(at - 1, "<") &&
           !is_beside(at - 1, ">");
}

/// A module of the program itself, rather than a package: relative, or by an alias of the
/// directory.
bool is_own_module(std::string_view module)
{
    return module.starts_with('.') || module.starts_with('#') || module.starts_with('~') ||
           module.starts_with("@/");
}

/// Is it one of the program's own databases that `postgres(…)` is for? By its URL, it is any.
bool is_own_database(const SourceFile& file, SourceFile::Range arguments)
{
    const auto& first = file.at(arguments.begin);
    if (first.is_text() || first.kind == SourceToken::Kind::computed || first.is("process"))
        return false;
    for (std::size_t i = 1; i < file.size(); ++i) {
        const auto& token = file.at(i);
        const bool is_endpoint =
            token.is_word() && token.text.starts_with("SQL_") && token.text.ends_with("_ENDPOINT");
        if (is_endpoint ||
            (token.is("options") && file.at(i - 1).is(".") && file.at(i + 1).is("(")))
            return true;
    }
    return false;
}

/// May they say that rows get other names, or values other types?
bool may_rename(const SourceFile& file, SourceFile::Range arguments)
{
    const auto parts = file.list(arguments);
    for (const auto& part : parts)
        if (part.size() == 1 && file.at(part.begin).is_word())
            return true;
    for (auto i = arguments.begin; i < arguments.end; ++i) {
        if (file.at(i).is("transform") || file.at(i).is("types"))
            return true;
        const bool spreads = file.at(i).is(".") && file.at(i + 1).is(".") && file.at(i + 2).is(".");
        if (spreads && !(file.at(i + 4).is(".") && file.at(i + 5).is("options")))
            return true;
    }
    return false;
}

/// Where the template or the call ends that the tag at `at` begins; `none` where it makes no part
/// of a statement.
std::size_t end_of_use(const SourceFile& file, std::size_t at)
{
    constexpr std::array<std::string_view, 10> no_parts{
        "begin",  "savepoint", "reserve",   "end",     "close",
        "listen", "notify",    "subscribe", "options", "parameters"};
    ++at;
    if (file.at(at).is(".")) {
        if (is_one_of(file.at(at + 1), no_parts) || is_one_of(file.at(at + 1), made_parameters))
            return none;
        at += 2;
    }
    if (file.at(at).is("<") && file.end_of_types(at) != none)
        at = file.end_of_types(at) + 1;
    if (file.at(at).is("("))
        return file.partner(at) == none ? none : file.partner(at) + 1;
    const bool is_template = file.at(at).text.starts_with('`');
    return is_template ? at + 1 : none;
}

bool declares(const SourceToken& token)
{
    return token.is("const") || token.is("let") || token.is("var");
}

/// Does its type tell that a parameter is no part of a statement?
bool is_type_of_values(const SourceToken& type)
{
    constexpr std::array<std::string_view, 3> open_types{"any", "unknown", "object"};
    constexpr std::array<std::string_view, 6> types_of_parts{"Query", "Fragment",   "SQL",
                                                             "Sql",   "RawBuilder", "Expression"};
    return !is_one_of(type, open_types) &&
           std::ranges::none_of(types_of_parts,
                                [&](std::string_view part) { return type.text.contains(part); });
}

/// Of a name that is declared at `at`, directly in `bracket`; nothing where it is not declared.
std::optional<bool> may_be_value(const SourceFile& file, std::size_t at, std::size_t bracket)
{
    constexpr std::array<std::string_view, 5> no_functions{"if", "for", "while", "switch", "with"};
    const auto& before = file.at(at - 1);
    const auto& behind = file.at(at + 1);
    if (declares(before))
        return true;
    if (is_arrow(file, at + 2)) // a => …
        return false;
    if (bracket == none || bracket == 0)
        return {};
    const auto& outer = file.at(bracket - 1);
    if (declares(outer)) // const { a, b } = …
        return true;
    const auto end = file.partner(bracket);
    if (file.at(bracket).is("{")) // ({ a, b }: Type)
        return (outer.is("(") || outer.is(",")) && file.at(end + 1).is(":") ? std::optional(true)
                                                                            : std::nullopt;
    const bool is_listed = before.is("(") || before.is(",");
    if (!file.at(bracket).is("(") || !is_listed)
        return {};
    if (behind.is(":") || (behind.is("?") && file.at(at + 2).is(":")))
        return is_type_of_values(file.at(at + (behind.is(":") ? 2 : 3)));
    const bool is_parameter = (behind.is(")") || behind.is(",")) &&
                              !is_one_of(outer, no_functions) &&
                              (is_arrow(file, end + 2) || file.at(end + 1).is("{"));
    return is_parameter ? std::optional(false) : std::nullopt;
}

} // namespace

SqlTags::SqlTags(const Sources& sources)
{
    std::vector<const SourceFile*> scripts;
    for (const auto& file : sources)
        if (!file.is_cpp())
            scripts.push_back(&file);
    for (const auto* file : scripts)
        find_owners(*file);
    for (const auto* file : scripts)
        find_imports(*file);
    for (const auto* file : scripts)
        find_transactions(*file);
    for (const auto* file : scripts) {
        find_parts(*file);
        find_values(*file);
    }
    if (has_camel_case_)
        for (auto& [file, names] : names_)
            for (auto& [name, tag] : names)
                tag.renames_rows = tag.renames_rows || tag.library == TagLibrary::kysely;
}

const SqlTag* SqlTags::find(const SourceFile& file, std::size_t word) const
{
    const auto names = names_.find(&file);
    if (names == names_.end() || !file.at(word).is_word())
        return nullptr;
    if (word > 1 && file.at(word - 1).is(".")) { // Prisma.sql`…`
        const auto tag = names->second.find(file.at(word - 2).text);
        const bool is_prismas = tag != names->second.end() &&
                                tag->second.library == TagLibrary::prisma &&
                                file.at(word).is("sql");
        return is_prismas ? &tag->second : nullptr;
    }
    const auto tag = names->second.find(file.at(word).text);
    const bool is_tag = tag != names->second.end() && tag->second.library != TagLibrary::prisma;
    return is_tag ? &tag->second : nullptr;
}

std::map<std::string, std::set<std::string>> SqlTags::owners() const
{
    std::map<std::string, std::set<std::string>> owners;
    for (const auto& [name, tag] : owners_)
        if (!tag.database.empty())
            owners[name].insert(tag.database);
    return owners;
}

/// const sql = postgres(db.options('postgres.js'))
void SqlTags::find_owners(const SourceFile& file)
{
    std::set<std::string_view> makers;
    for (const auto& import : imports_of(file))
        if (import.module == "postgres" && import.name == "default")
            makers.insert(import.local);
    for (std::size_t i = 1; i < file.size(); ++i) {
        has_camel_case_ = has_camel_case_ || file.at(i).is("CamelCasePlugin");
        const auto types = file.at(i + 1).is("<") ? file.end_of_types(i + 1) : i;
        const auto open = types == none ? none : types + 1;
        if (!file.at(i).is_word() || !makers.contains(file.at(i).text) || !file.at(open).is("(") ||
            file.partner(open) == none || file.at(i - 1).is("."))
            continue;
        const SourceFile::Range arguments{open + 1, file.partner(open)};
        auto variable = variable_before(file, i);
        if (variable.empty() || !is_own_database(file, arguments))
            continue;
        SqlTag tag{.library = TagLibrary::postgres_js,
                   .owner = variable,
                   .renames_rows = may_rename(file, arguments)};
        for (auto at = arguments.begin + 1; at + 1 < arguments.end; ++at)
            if (file.at(at).is(".") && file.at(at + 1).is("options"))
                tag.database = file.at(at - 1).text;
        // Of two with one name, either may be meant elsewhere.
        const auto [known, is_new] = owners_.emplace(variable, tag);
        if (!is_new) {
            known->second.renames_rows = known->second.renames_rows || tag.renames_rows;
            if (known->second.database != tag.database)
                known->second.database.clear();
        }
        names_[&file].insert_or_assign(std::move(variable), std::move(tag));
    }
}

void SqlTags::find_imports(const SourceFile& file)
{
    for (const auto& import : imports_of(file)) {
        for (const auto& [module, name, library] : imported_tags)
            if (import.module == module && import.name == name)
                names_[&file].insert_or_assign(std::string(import.local),
                                               SqlTag{.library = library});
        const auto owner = owners_.find(import.name == "default" ? import.local : import.name);
        if (owner != owners_.end() && is_own_module(import.module))
            names_[&file].insert_or_assign(std::string(import.local), owner->second);
    }
}

/// The parameter of the function that comes last: sql.begin('read write', async (tx) => …)
void SqlTags::add_transaction(const SourceFile& file, std::size_t open, const SqlTag& tag)
{
    const auto arguments = file.list({open + 1, file.partner(open)});
    if (arguments.empty())
        return;
    auto at = arguments.back().begin;
    while (file.at(at).is("async") || file.at(at).is("function"))
        ++at;
    if (file.at(at).is("("))
        ++at;
    if (file.at(at).is_word())
        names_[&file].insert_or_assign(std::string(file.at(at).text), tag);
}

void SqlTags::find_transactions(const SourceFile& file)
{
    constexpr std::array<std::string_view, 3> types{"Sql", "TransactionSql", "ReservedSql"};
    std::set<std::string_view> imported;
    for (const auto& import : imports_of(file))
        if (import.module == "postgres")
            imported.insert(import.local);
    for (std::size_t i = 2; i < file.size(); ++i) {
        const auto& token = file.at(i);
        // (sql: postgres.Sql), (tx: TransactionSql)
        const auto colon = file.at(i - 1).is(".") ? i - 3 : i - 1;
        if (is_one_of(token, types) && i > 3 && file.at(colon).is(":") &&
            imported.contains(file.at(colon + 1).text) && file.at(colon - 1).is_word())
            names_[&file].try_emplace(
                std::string(file.at(colon - 1).text),
                SqlTag{.library = TagLibrary::postgres_js, .renames_rows = true});
        if (!file.at(i - 1).is(".") || !file.at(i + 1).is("(") || file.partner(i + 1) == none)
            continue;
        const auto* tag = find(file, i - 2);
        if (tag == nullptr || tag->library != TagLibrary::postgres_js)
            continue;
        if (token.is("begin") || token.is("savepoint"))
            add_transaction(file, i + 1, SqlTag(*tag));
        else if (token.is("reserve"))
            if (auto variable = variable_before(file, i - 2); !variable.empty())
                names_[&file].insert_or_assign(std::move(variable), SqlTag(*tag));
    }
}

/// A template that is not run is a part of statements, and so is what it is given to.
void SqlTags::find_parts(const SourceFile& file)
{
    constexpr std::array<std::string_view, 5> makers{"pgTable", "pgView", "pgMaterializedView",
                                                     "alias", "table"};
    for (std::size_t i = 0; i < file.size(); ++i) {
        if (is_one_of(file.at(i), makers) && file.at(i + 1).is("("))
            if (auto variable = variable_before(file, i); !variable.empty())
                tables_.insert(std::move(variable));
        if (find(file, i) == nullptr)
            continue;
        const auto end = end_of_use(file, i);
        if (end != none && !is_run(file, {i, end}))
            add_holders(file, i);
    }
}

/// The variables, members and lists that the expression at `at` goes to, and the functions that
/// give it.
void SqlTags::add_holders(const SourceFile& file, std::size_t at)
{
    constexpr std::size_t most_steps = 400;
    const auto add = [&](std::size_t word) {
        if (file.at(word).is_word() && find(file, word) == nullptr)
            parts_.insert(std::string(file.at(word).text));
    };
    bool is_head = false; // of the function that returns it
    for (std::size_t step = 0; at > 0 && step < most_steps; ++step) {
        const auto& token = file.at(--at);
        if (token.is(";") || token.is("}") || token.is("await") || token.is("const") ||
            token.is("let") || token.is("var"))
            return;
        if (token.is("return")) {
            do
                at = file.surrounding(at);
            while (at != none && at > 0 && !file.at(at).is("{"));
            if (at == none)
                return;
            is_head = true;
        } else if ((token.is(")") || token.is("]")) && file.partner(at) != none) {
            at = file.partner(at);
            if (is_head && at > 0)
                add(at - 1);
        } else if (token.is_word() && (assigns(file, at + 1) || file.at(at + 1).is(":")))
            add(at);
        else if (token.is("(")) { // conditions.push(…)
            for (auto word = at; word-- > 0 && (file.at(word).is_word() || file.at(word).is("."));)
                add(word);
        } else if (token.is("{")) {
            const auto& before = file.at(at == 0 ? at : at - 1);
            const bool is_object = before.is("=") || before.is("(") || before.is(",") ||
                                   before.is(":") || before.is("[") || before.is("return");
            if (!is_object)
                return;
        }
    }
}

bool SqlTags::uses_tag(const SourceFile& file, SourceFile::Range range) const
{
    for (auto i = range.begin; i < range.end; ++i) {
        const auto names = names_.find(&file);
        const bool is_prismas = names != names_.end() && names->second.contains(file.at(i).text) &&
                                file.at(i).is("Prisma");
        if (!is_prismas && find(file, i) == nullptr)
            continue;
        const bool is_parameter =
            file.at(i + 1).is(".") && is_one_of(file.at(i + 2), made_parameters);
        const bool is_awaited = i > range.begin && file.at(i - 1).is("await");
        if (!is_parameter && !is_awaited)
            return true;
    }
    return false;
}

SqlTags::Part SqlTags::part_in(const SourceFile& file, SourceFile::Range range,
                               TagLibrary library) const
{
    if (range.is_empty() || uses_tag(file, range))
        return Part::yes;
    bool is_chain = true; // a.b.c
    for (auto i = range.begin; i < range.end; ++i) {
        const auto& token = file.at(i);
        if (!token.is_word() && !token.is(".") && !token.is("?") && !token.is("!"))
            is_chain = false;
        if (token.is_word() && parts_.contains(token.text))
            return Part::yes;
        if (token.is_word() && library == TagLibrary::drizzle && tables_.contains(token.text))
            return Part::yes;
    }
    const auto& first = file.at(range.begin);
    if (!is_chain || first.is("this"))
        return library == TagLibrary::drizzle && first.is_word() && !first.is("new") &&
                       !is_value(file, range.begin)
                   ? Part::maybe
                   : Part::no;
    if (first.is("true") || first.is("false") || first.is("null") || first.is("undefined"))
        return Part::no;
    const bool is_told =
        (range.size() > 1 && library != TagLibrary::drizzle) || is_value(file, range.begin);
    return is_told ? Part::no : Part::maybe;
}

bool SqlTags::is_value(const SourceFile& file, std::size_t name) const
{
    const auto values = values_.find(&file);
    if (values == values_.end())
        return false;
    const auto found = values->second.find(file.at(name).text);
    return found != values->second.end() && found->second;
}

/// By all declarations of a name in the file: one that may be a part of a statement is enough.
void SqlTags::find_values(const SourceFile& file)
{
    auto& values = values_[&file];
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < file.size(); ++i) {
        const auto partner = file.partner(i);
        if (partner != none && partner > i)
            open.push_back(i);
        else if (partner != none && !open.empty())
            open.pop_back();
        if (!file.at(i).is_word() || i == 0 || file.at(i - 1).is("."))
            continue;
        if (const auto may = may_be_value(file, i, open.empty() ? none : open.back())) {
            const auto [known, is_new] = values.emplace(file.at(i).text, *may);
            known->second = known->second && *may;
        }
    }
}

} // namespace nimbus::frontends
