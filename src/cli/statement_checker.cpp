#include "cli/statement_checker.h"

#include "base/sql_text.h"
#include "base/sql_tokens.h"
#include "base/text.h"
#include "cli/argument_fit.h"
#include "cli/written_type.h"
#include "frontends/source_variables.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <tuple>

namespace nimbus::cli {

using deploy::sql::SqlFailure;
using deploy::sql::SqlSession;
using frontends::SourceStatement;
using frontends::StatementArgument;

/// The text of a statement; node-postgres takes several in one when there are no parameters.
struct StatementChecker::Part {
    const SourceStatement* statement;
    std::size_t begin = 0;
    std::string text{};
    bool is_last = true;  ///< what it gives is what the call gives
    bool defines = false; ///< it makes something: it is run
    bool is_made = false; ///< it was
    /// Of the rows that it inserts, by its parameters.
    std::optional<frontends::RowType> inserted{};
};

namespace {

constexpr std::string_view already_there[] = {"42P07", "42710", "42701", "42P06", "42723"};

bool defines(const std::vector<SqlToken>& tokens)
{
    if (tokens.size() < 2)
        return false;
    const bool adds_column =
        tokens[0].is("alter") && tokens[1].is("table") &&
        std::ranges::any_of(tokens, [](const SqlToken& token) { return token.is("add"); });
    return adds_column ||
           (tokens[0].is("create") && !tokens[1].is("role") && !tokens[1].is("schema"));
}

/// The byte at which the character of that number, from 1, begins.
std::size_t byte_of(std::string_view text, std::size_t character)
{
    std::size_t seen = 0;
    for (std::size_t i = 0; i < text.size(); ++i)
        if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 && ++seen == character)
            return i;
    return text.size();
}

StatementFinding finding_at(const frontends::SourceFile& file, std::size_t offset,
                            std::string message)
{
    return {.file = file.path(),
            .place = file.place(offset),
            .message = std::move(message),
            .hint = {},
            .sqlstate = {}};
}

StatementFinding finding_of(const SqlFailure& failure, const SourceStatement& statement,
                            std::size_t begin, std::string_view text)
{
    const auto& offsets = statement.text->offsets;
    auto finding = finding_at(*statement.file, statement.offset, failure.what());
    if (failure.position() != 0 && !offsets.empty()) {
        const auto byte = begin + byte_of(text, failure.position());
        finding.file = statement.text_file->path();
        finding.place =
            statement.text_file->place(byte < offsets.size() ? offsets[byte] : offsets.back() + 1);
    }
    finding.hint = failure.hint();
    finding.sqlstate = failure.sqlstate();
    return finding;
}

/// What `${…}` stands for may be the reason: a part of the statement, where a parameter cannot be,
/// or a parameter whose type the client sends along.
bool depends_on_arguments(const SqlFailure& failure, const SourceStatement& statement,
                          std::string_view text)
{
    // Source: PostgreSQL manual, Appendix A: syntax, and what is resolved by types.
    constexpr std::string_view syntax_error = "42601";
    constexpr std::array<std::string_view, 6> about_types{"42P18", "42P08", "42883",
                                                          "42725", "42804", "42846"};
    if (!statement.is_template || !statement.arguments || statement.arguments->empty())
        return false;
    if (failure.sqlstate() == syntax_error) {
        const auto byte = byte_of(text, failure.position());
        return byte < text.size() && text[byte] == '$';
    }
    return std::ranges::find(about_types, failure.sqlstate()) != about_types.end();
}

std::string counted(std::size_t count, std::string_view noun)
{
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

} // namespace

StatementChecker::StatementChecker(std::map<std::string, SqlSession>& databases, bool with_nulls)
    : with_nulls_(with_nulls)
{
    for (auto& [name, session] : databases)
        databases_.emplace(name, Database{session});
}

std::vector<StatementChecker::Database*>
StatementChecker::databases_of(const SourceStatement& statement)
{
    std::vector<Database*> chosen, all;
    const auto named = variables_.find(statement.receiver);
    for (auto& [name, database] : databases_) {
        all.push_back(&database);
        if (named != variables_.end() && named->second.contains(name))
            chosen.push_back(&database);
    }
    return chosen.empty() ? all : chosen;
}

/// One may need what another makes: as long as one more can be made, the rest is tried again.
void StatementChecker::make_tables(std::vector<Part>& parts)
{
    for (bool goes_on = true; goes_on;) {
        goes_on = false;
        for (auto& part : parts) {
            if (!part.defines || part.is_made)
                continue;
            for (auto* database : databases_of(*part.statement))
                try {
                    database->session.query(part.text);
                    part.is_made = goes_on = true;
                } catch (const SqlFailure& failure) {
                    part.is_made =
                        part.is_made || std::ranges::find(already_there, failure.sqlstate()) !=
                                            std::end(already_there);
                }
        }
    }
}

/// Of several databases that may be meant, one that it fits is enough.
std::optional<StatementChecker::Findings> StatementChecker::findings_in(const Part& part)
{
    std::optional<Findings> first;
    bool is_told = true;
    for (auto* database : databases_of(*part.statement)) {
        auto findings = findings_in(part, *database);
        if (findings && findings->empty())
            return findings;
        is_told = is_told && findings;
        if (!first)
            first = std::move(findings);
    }
    return is_told ? first.value_or(Findings()) : std::optional<Findings>();
}

std::optional<StatementChecker::Findings> StatementChecker::findings_in(const Part& part,
                                                                        Database& database)
{
    Findings findings;
    try {
        if (part.defines)
            database.session.query(part.text); // which tells why it could not be made
        const auto description = database.session.describe(part.text);
        compare_arguments(part, description, database, findings);
        if (part.is_last)
            compare_rows(part, description, database, findings);
    } catch (const SqlFailure& failure) {
        if (failure.sqlstate().empty()) // the connection, not the statement
            throw;
        if (depends_on_arguments(failure, *part.statement, part.text))
            return {};
        findings.push_back(finding_of(failure, *part.statement, part.begin, part.text));
    }
    const bool is_told = part.statement->is_certain || findings.empty();
    return is_told ? std::optional(std::move(findings)) : std::nullopt;
}

void StatementChecker::compare_arguments(const Part& part,
                                         const SqlSession::Description& description,
                                         Database& database, Findings& findings)
{
    const auto& statement = *part.statement;
    if (part.inserted)
        compare_inserted(part, description, database, findings);
    if (!statement.arguments)
        return;
    const auto& arguments = *statement.arguments;
    const auto wanted = description.parameters.size();
    if (arguments.size() != wanted) {
        findings.push_back(finding_at(*statement.file, statement.offset,
                                      fmt::format("the statement takes {}, and {} {} given",
                                                  counted(wanted, "parameter"), arguments.size(),
                                                  arguments.size() == 1 ? "is" : "are")));
        return;
    }
    for (std::size_t i = 0; i < wanted; ++i)
        if (auto reason = misfit_of(statement, arguments[i],
                                    type_name(database, description.parameters[i]), database);
            !reason.message.empty()) {
            auto finding = finding_at(*statement.file, arguments[i].offset,
                                      fmt::format("${}: {}", i + 1, reason.message));
            finding.sqlstate = std::move(reason.sqlstate);
            findings.push_back(std::move(finding));
        }
}

void StatementChecker::compare_inserted(const Part& part,
                                        const SqlSession::Description& description,
                                        Database& database, Findings& findings)
{
    const auto& file = *part.statement->file;
    for (std::size_t i = 0; i < description.parameters.size() && i < part.inserted->members.size();
         ++i) {
        const auto& member = part.inserted->members[i];
        const auto& parameter = type_name(database, description.parameters[i]);
        if (never_fits(member.type, parameter, *types_, file))
            findings.push_back(
                finding_at(file, part.statement->offset,
                           fmt::format("{}.{} is {}, which is no value of the type {}",
                                       part.inserted->name, member.name, member.type, parameter)));
    }
}

StatementChecker::Misfit StatementChecker::misfit_of(const SourceStatement& statement,
                                                     const StatementArgument& argument,
                                                     const std::string& parameter,
                                                     Database& database)
{
    if (argument.kind == StatementArgument::Kind::null ||
        (statement.writes_json && is_json(parameter)))
        return {};
    if (argument.kind == StatementArgument::Kind::value) {
        const auto type = frontends::type_of_expression(*statement.file, argument.range, *types_);
        if (!never_fits(type, parameter, *types_, *statement.file))
            return {};
        return {.message = fmt::format("{} is {}, which is no value of the type {}",
                                       statement.file->text(argument.range), type, parameter)};
    }
    try {
        database.session.query(fmt::format("SELECT CAST($1::text AS {})", parameter),
                               {argument.written});
        return {};
    } catch (const SqlFailure& failure) {
        if (!failure.sqlstate().starts_with("22"))
            throw;
        return {.message = failure.what(), .sqlstate = failure.sqlstate()};
    }
}

void StatementChecker::compare_rows(const Part& part, const SqlSession::Description& description,
                                    Database& database, Findings& findings)
{
    const auto& statement = *part.statement;
    std::vector<AnswerColumn> columns;
    for (const auto& column : description.columns)
        columns.push_back({.name = column.name,
                           .type = type_name(database, column.type),
                           .may_be_null = with_nulls_ && may_be_null(database, column)});
    const auto fit = fit_of_row(statement, *types_, columns);
    for (const auto* sentences : {&fit.misfits, &fit.nulls})
        for (const auto& sentence : *sentences)
            findings.push_back(finding_at(*statement.file, statement.offset, sentence));
}

const std::string& StatementChecker::type_name(Database& database, std::uint32_t type)
{
    auto& name = database.types[type];
    if (name.empty())
        name = database.session
                   .query("SELECT pg_catalog.format_type($1::oid, NULL)", {std::to_string(type)})
                   .rows.at(0)
                   .at(0)
                   .value();
    return name;
}

bool StatementChecker::may_be_null(Database& database, const SqlSession::DescribedColumn& column)
{
    if (column.table == 0)
        return false;
    const auto [known, is_new] = database.nulls.try_emplace({column.table, column.number}, false);
    if (is_new) {
        const auto found =
            database.session.query("SELECT NOT a.attnotnull FROM pg_catalog.pg_attribute AS a JOIN "
                                   "pg_catalog.pg_class AS c "
                                   "ON c.oid = a.attrelid WHERE a.attrelid = $1::oid AND a.attnum "
                                   "= $2::int2 AND c.relkind = 'r'",
                                   {std::to_string(column.table), std::to_string(column.number)});
        known->second = !found.rows.empty() && found.rows[0].at(0) == "t";
    }
    return known->second;
}

/// What `db.insert` sends, as far as the types of its rows are told; `kept` keeps the statement.
StatementChecker::Part StatementChecker::insert_of(const SourceStatement& statement,
                                                   std::deque<SourceStatement>& kept) const
{
    auto& made = kept.emplace_back(statement);
    Part part{.statement = &made};
    part.text = "INSERT INTO " + quote_table(statement.text->value);
    if (statement.arguments && statement.arguments->size() == 1) {
        const auto range = frontends::type_of_expression(
            *statement.file, statement.arguments->front().range, *types_);
        const auto applied = taken_apart(resolved(range, *types_));
        if (applied.name == "vector" && !applied.arguments.empty())
            part.inserted = types_->find(applied.arguments.front(), *statement.file);
    }
    std::vector<std::string> columns, values;
    if (part.inserted)
        for (const auto& member : part.inserted->members) {
            columns.push_back(quote_identifier(member.name));
            values.push_back(fmt::format("${}", columns.size()));
        }
    part.text += columns.empty()
                     ? " DEFAULT VALUES"
                     : fmt::format(" ({}) VALUES ({})", join(columns, ", "), join(values, ", "));
    columns.clear();
    const auto returned = types_->find(statement.file->text(statement.row_type), *statement.file);
    if (returned)
        for (const auto& member : returned->members)
            columns.push_back(quote_identifier(member.name));
    if (columns.empty())
        made.row_type = {};
    else
        part.text += " RETURNING " + join(columns, ", ");
    made.text = frontends::LiteralText{.value = part.text, .offsets = {}};
    made.arguments.reset();
    return part;
}

void StatementChecker::add_parts(const SourceStatement& statement, std::vector<Part>& parts)
{
    const auto& text = statement.text->value;
    std::vector<std::size_t> ends;
    const bool may_be_several =
        !statement.file->is_cpp() && statement.arguments && statement.arguments->empty();
    if (may_be_several)
        for (const auto& token : tokenize_sql(text))
            if (token.text == ";")
                ends.push_back(token.offset + 1);
    if (ends.empty() || !tokenize_sql(text.substr(ends.back())).empty())
        ends.push_back(text.size());
    std::size_t begin = 0;
    for (const auto end : ends) {
        const auto part = text.substr(begin, end - begin);
        parts.push_back({.statement = &statement,
                         .begin = begin,
                         .text = part,
                         .is_last = end == ends.back(),
                         .defines = defines(tokenize_sql(part))});
        begin = end;
    }
}

StatementReport StatementChecker::check(const frontends::Sources& sources)
{
    const auto found = frontends::statements_in(sources);
    const frontends::SourceTypes types(sources);
    types_ = &types;
    variables_ = found.databases;
    StatementReport report;
    std::vector<Part> parts;
    std::deque<SourceStatement> inserts;
    for (const auto& statement : found.statements) {
        if (!statement.text || statement.is_excepted) {
            report.unchecked.push_back(
                {statement.file->path(), statement.file->place(statement.offset),
                 statement.is_excepted ? "it says 'nimbus: unchecked'"
                                       : std::string(statement.why_unchecked)});
            continue;
        }
        ++report.checked;
        if (statement.inserts)
            parts.push_back(insert_of(statement, inserts));
        else
            add_parts(statement, parts);
    }
    make_tables(parts);
    for (const auto& part : parts) {
        if (part.is_made)
            continue;
        if (auto findings = findings_in(part)) {
            std::ranges::move(*findings, std::back_inserter(report.findings));
            continue;
        }
        --report.checked;
        const auto& statement = *part.statement;
        report.unchecked.push_back({statement.file->path(), statement.file->place(statement.offset),
                                    "what its ${…} stand for is known when it runs"});
    }
    std::ranges::stable_sort(report.findings, {}, [](const StatementFinding& finding) {
        return std::tuple(finding.file, finding.place.line, finding.place.column);
    });
    const auto same =
        std::ranges::unique(report.findings); // of a text that is used in several places
    report.findings.erase(same.begin(), same.end());
    return report;
}

} // namespace nimbus::cli
