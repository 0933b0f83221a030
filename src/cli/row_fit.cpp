#include "cli/row_fit.h"

#include "base/text.h"
#include "cli/row_types.h"
#include "cli/written_type.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

namespace nimbus::cli {
namespace {

using frontends::RowMember;
using frontends::RowType;
using frontends::SourceStatement;
using frontends::SourceTypes;
using frontends::StatementRows;

/// Whether libnimbus reads columns of a type of SQL as a type of C++; what is not known, it may.
class CppTypes {
public:
    explicit CppTypes(const SourceTypes& types, const frontends::SourceFile& file)
        : types_(types), file_(file)
    {
    }

    bool takes_null(const std::string& type) const
    {
        const auto applied = taken_apart(resolved(type, types_));
        return is_one_of(applied.name, {"optional", "json::value", "value"});
    }

    bool reads(const std::string& type, std::string_view sql) const
    {
        const auto applied = taken_apart(resolved(type, types_));
        const auto& name = applied.name;
        if (name == "optional" && applied.arguments.size() == 1)
            return reads(applied.arguments[0], sql);
        if (name == "bool")
            return sql == "boolean";
        if (is_integer_of_cpp(name) || is_one_of(name, {"float", "double"}))
            return is_number(sql);
        if (is_one_of(name, {"uuid", "date", "timestamp", "interval", "decimal"}))
            return is_text(sql) || reads_as_text(name, sql);
        if (is_one_of(name, {"vector", "set", "deque", "list"}) && !applied.arguments.empty()) {
            if (applied.arguments[0] == "std::byte")
                return sql == "bytea";
            if (sql.ends_with("[]"))
                return reads(applied.arguments[0], sql.substr(0, sql.size() - 2));
            return is_json(sql) || is_text(sql);
        }
        if (is_one_of(name, {"map", "unordered_map", "variant"}) || types_.find(name, file_))
            return is_json(sql) || is_text(sql);
        if (types_.is_enumeration(name))
            return is_text(sql);
        return true;
    }

private:
    static bool reads_as_text(std::string_view name, std::string_view sql)
    {
        if (name == "decimal")
            return is_number(sql);
        if (name == "timestamp")
            return sql.starts_with("timestamp") || sql == "date";
        return sql == name;
    }

    const SourceTypes& types_;
    const frontends::SourceFile& file_;
};

/// The same for what node-postgres makes of a column.
class ScriptTypes {
public:
    /// `are_known`: values have the types that node-postgres gives.
    ScriptTypes(const SourceTypes& types, bool are_known) : types_(types), are_known_(are_known) {}

    bool takes_null(const std::string& type) const
    {
        const auto alternatives = alternatives_of(type, types_);
        return alternatives.empty() ||
               std::ranges::any_of(alternatives, [](const std::string& each) {
                   return each == "null" || !is_known(each);
               });
    }

    bool reads(const std::string& type, std::string_view sql) const
    {
        if (!are_known_ || types_.has_own_parsers())
            return true;
        const auto given = type_for(sql, Language::typescript);
        if (is_one_of(given, {"unknown"}) || is_one_of(sql, {"interval", "point", "circle"}))
            return true;
        const auto alternatives = alternatives_of(type, types_);
        return std::ranges::any_of(alternatives, [&](const std::string& each) {
            return each == given || !is_known(each) || (each == "Uint8Array" && given == "Buffer");
        });
    }

private:
    static bool is_known(const std::string& type)
    {
        if (type.ends_with("[]"))
            return is_known(type.substr(0, type.size() - 2));
        return is_one_of(type, {"string", "number", "boolean", "bigint", "Date", "Buffer",
                                "Uint8Array", "null", "undefined"});
    }

    const SourceTypes& types_;
    bool are_known_;
};

template <class Types>
class Fitting {
public:
    Fitting(Types types, const std::vector<AnswerColumn>& columns)
        : types_(std::move(types)), columns_(columns)
    {
    }

    void members(const RowType& row)
    {
        for (const auto& member : row.members) {
            const auto column = std::ranges::find(columns_, member.name, &AnswerColumn::name);
            if (column != columns_.end())
                value(row.name + "." + member.name, member.type, *column, member.may_lack);
            else if (!member.may_lack)
                fit_.misfits.push_back(
                    fmt::format("{} has the member {}, and the statement gives no column of that "
                                "name: it gives {}",
                                row.name, member.name, names()));
        }
    }

    void positions(const std::vector<std::string>& elements)
    {
        if (elements.size() != columns_.size()) {
            fit_.misfits.push_back(
                fmt::format("the tuple has {} elements, and the statement gives {} columns: {}",
                            elements.size(), columns_.size(), names()));
            return;
        }
        for (std::size_t i = 0; i < elements.size(); ++i)
            value(fmt::format("element {} of the tuple", i), elements[i], columns_[i], false);
    }

    void one_value(const std::string& type, bool is_only_column)
    {
        if (is_only_column && columns_.size() != 1)
            fit_.misfits.push_back(
                fmt::format("{} takes one column, and the statement gives {}: {}", type,
                            columns_.size(), names()));
        else
            value("the value", type, columns_.front(), false);
    }

    RowFit fit() && { return std::move(fit_); }

private:
    void value(const std::string& what, const std::string& type, const AnswerColumn& column,
               bool has_default)
    {
        if (type.empty())
            return;
        if (!types_.reads(type, column.type))
            fit_.misfits.push_back(fmt::format("{} is {}, and the column {} is {}", what, type,
                                               column.name, column.type));
        else if (column.may_be_null && !has_default && !types_.takes_null(type))
            fit_.nulls.push_back(
                fmt::format("{} is {}, and the column {} may be NULL", what, type, column.name));
    }

    std::string names() const
    {
        std::vector<std::string> names;
        for (const auto& column : columns_)
            names.push_back(column.name);
        return join(names, ", ");
    }

    Types types_;
    const std::vector<AnswerColumn>& columns_;
    RowFit fit_;
};

/// Is it surely no struct?
bool is_plain(const std::string& name, const SourceTypes& types)
{
    return types.is_enumeration(name) ||
           is_one_of(name, {"bool",    "int",      "short",   "long",     "unsigned",  "size_t",
                            "int16_t", "int32_t",  "int64_t", "uint16_t", "uint32_t",  "uint64_t",
                            "float",   "double",   "string",  "uuid",     "timestamp", "date",
                            "decimal", "interval", "vector",  "optional"});
}

RowFit fit_of_cpp(const SourceStatement& statement, const SourceTypes& types,
                  const std::vector<AnswerColumn>& columns)
{
    const auto& file = *statement.file;
    const CppTypes cpp(types, file);
    Fitting<CppTypes> fitting(cpp, columns);
    const auto type = resolved(file.text(statement.row_type), types);
    const auto applied = taken_apart(type);
    if (statement.rows == StatementRows::column)
        fitting.one_value(type, false);
    else if (applied.name == "tuple")
        fitting.positions(applied.arguments);
    else if (const auto row = types.find(type, file))
        fitting.members(*row);
    else if (!is_one_of(applied.name, {"json::object", "object"}) && is_plain(applied.name, types))
        fitting.one_value(type, true);
    return std::move(fitting).fit();
}

RowFit fit_of_script(const SourceStatement& statement, const SourceTypes& types,
                     const std::vector<AnswerColumn>& columns)
{
    const auto& file = *statement.file;
    Fitting<ScriptTypes> fitting(ScriptTypes(types, statement.has_known_types), columns);
    const auto type = file.text(statement.row_type);
    auto row = types.written_out(file, statement.row_type);
    if (!row)
        row = types.find(type, file);
    if (statement.rows == StatementRows::column)
        fitting.one_value(type, false);
    else if (row)
        fitting.members(*row);
    return std::move(fitting).fit();
}

} // namespace

RowFit fit_of_row(const SourceStatement& statement, const SourceTypes& types,
                  const std::vector<AnswerColumn>& columns)
{
    if (statement.rows == StatementRows::none || statement.row_type.is_empty())
        return {};
    if (columns.empty())
        return {.misfits = {fmt::format(
                    "{} makes {} of rows, and the statement gives none: an INSERT, UPDATE or "
                    "DELETE needs RETURNING",
                    statement.method, statement.file->text(statement.row_type))},
                .nulls = {}};
    return statement.file->is_cpp() ? fit_of_cpp(statement, types, columns)
                                    : fit_of_script(statement, types, columns);
}

} // namespace nimbus::cli
