#include "frontends/source_statements.h"

#include "base/sql_tokens.h"
#include "base/text.h"

#include <algorithm>
#include <array>
#include <span>

namespace nimbus::frontends {
namespace {

using Range = SourceFile::Range;
using Kind = SourceToken::Kind;

constexpr auto none = SourceFile::none;
/// In one another.
constexpr int most_conditions = 8;
constexpr std::string_view exception_remark = "nimbus: unchecked";

struct Method {
    std::string_view name;
    StatementRows rows;
    bool is_of_databases_only = true; ///< no other library has a method of the name
    std::size_t text = 0;             ///< the position of the statement among the arguments
    bool inserts = false;             ///< the text is a table's name; T may be left out
};

constexpr std::array cpp_methods{Method{"query", StatementRows::rows, false},
                                 Method{"query_one", StatementRows::rows},
                                 Method{"query_optional", StatementRows::rows},
                                 Method{"query_value", StatementRows::column},
                                 Method{"execute", StatementRows::none, false},
                                 Method{"query_each", StatementRows::rows, true, 1},
                                 Method{"insert", StatementRows::rows, false, 0, true}};
constexpr std::array script_methods{
    Method{"query", StatementRows::rows, false}, Method{"queryOne", StatementRows::rows},
    Method{"queryOptional", StatementRows::rows}, Method{"queryValue", StatementRows::column},
    Method{"execute", StatementRows::none, false}};

std::span<const Method> methods_of(const SourceFile& file)
{
    return file.is_cpp() ? std::span<const Method>(cpp_methods)
                         : std::span<const Method>(script_methods);
}

/// The words that statements begin with (PostgreSQL 16, "SQL Commands"; AWS IAM is DSQL's).
bool looks_like_sql(std::string_view text)
{
    constexpr std::array<std::string_view, 28> words{
        "select", "insert", "update",  "delete",   "with",  "values",  "table",
        "create", "alter",  "drop",    "truncate", "grant", "revoke",  "begin",
        "start",  "commit", "end",     "rollback", "abort", "explain", "analyze",
        "set",    "show",   "comment", "copy",     "merge", "lock",    "vacuum"};
    const auto tokens = tokenize_sql(text);
    const auto first =
        std::ranges::find_if(tokens, [](const SqlToken& token) { return token.text != "("; });
    return first != tokens.end() && tokens.size() > 1 &&
           std::ranges::any_of(words, [&](std::string_view word) { return first->is(word); });
}

/// Texts beside one another are one in C++; `+` joins them in JavaScript.
std::optional<LiteralText> literal_in(const SourceFile& file, Range range)
{
    while (file.at(range.begin).is("(") && file.partner(range.begin) + 1 == range.end) {
        ++range.begin;
        --range.end;
    }
    std::optional<LiteralText> text;
    for (auto i = range.begin; i < range.end; ++i) {
        const bool joins = !file.is_cpp() && file.at(i).is("+") && text && i + 1 < range.end;
        if (joins)
            continue;
        const bool is_suffix = file.is_cpp() && text && i + 1 == range.end &&
                               file.at(i).is_word() && file.at(i - 1).end() == file.at(i).offset;
        if (is_suffix)
            break;
        if (!file.at(i).is_text())
            return {};
        if (!text)
            text.emplace();
        text->append(file.literal(file.at(i)));
    }
    return text;
}

/// Where a text is written.
struct Written {
    const SourceFile* file;
    LiteralText text;
};

/// Texts with names: const and constexpr ones.
class Constants {
public:
    explicit Constants(const Sources& sources)
    {
        for (const auto& file : sources)
            for (std::size_t i = 0; i < file.size(); ++i)
                if (file.at(i).is_word())
                    if (auto text = value_of(file, i))
                        found_[std::string(file.at(i).text)].push_back({&file, *std::move(text)});
    }

    /// That of the file itself, or the only one of the name.
    const Written* find(const SourceFile& file, std::string_view name) const
    {
        const auto known = found_.find(name);
        if (known == found_.end())
            return nullptr;
        const Written* best = nullptr;
        for (const auto& each : known->second)
            if (each.file == &file || known->second.size() == 1) {
                if (best != nullptr)
                    return nullptr;
                best = &each;
            }
        return best;
    }

private:
    static std::optional<LiteralText> value_of(const SourceFile& file, std::size_t name)
    {
        auto at = name + 1;
        if (file.is_cpp() && file.at(at).is("[") && file.partner(at) != none)
            at = file.partner(at) + 1;
        if (!file.is_cpp() && file.at(at).is(":") && file.at(at + 1).is_word())
            at += 2;
        auto begin = at + 1;
        if (file.is_cpp() && file.at(at).is("{") && file.partner(at) != none)
            return is_constant(file, name) ? literal_in(file, {begin, file.partner(at)})
                                           : std::nullopt;
        if (!file.at(at).is("="))
            return {};
        auto end = begin;
        while (file.at(end).is_text() || (!file.is_cpp() && file.at(end).is("+")))
            ++end;
        const bool is_whole = file.at(end).is(";") || file.at(end).is(",") || end >= file.size() ||
                              (!file.is_cpp() && file.at(end).is_word());
        if (end == begin || !is_whole || !is_constant(file, name))
            return {};
        return literal_in(file, {begin, end});
    }

    /// Does its declaration say so?
    static bool is_constant(const SourceFile& file, std::size_t name)
    {
        for (auto i = name; i-- > 0 && name - i < 12;) {
            const auto& token = file.at(i);
            if (token.is("const") || token.is("constexpr"))
                return true;
            if (token.is(";") || token.is("{") || token.is("}") || token.is("(") || token.is(",") ||
                token.is("let") || token.is("var"))
                return false;
        }
        return false;
    }

    std::map<std::string, std::vector<Written>, std::less<>> found_;
};

/// Variables that are databases, transactions or connections.
class Receivers {
public:
    explicit Receivers(const Sources& sources)
    {
        for (const auto& file : sources)
            for (std::size_t i = 0; i < file.size(); ++i) {
                find_declaration(file, i);
                find_parameter_of_type(file, i);
                find_transaction(file, i);
            }
    }

    bool knows(std::string_view name) const { return !name.empty() && names_.contains(name); }
    std::map<std::string, std::set<std::string>> databases() const { return databases_; }

private:
    /// db = app.sql({.name = "main-db"}), const db = app.SQL({ name: 'main-db' })
    void find_declaration(const SourceFile& file, std::size_t i)
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

    /// What the value of the expression that ends at `end` is given to.
    static std::string variable_before(const SourceFile& file, std::size_t end)
    {
        for (auto i = end; i-- > 0 && end - i < 8;) {
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

    /// const nimbus::sql::database& db, (db: SqlDatabase), const pool = new Pool(
    void find_parameter_of_type(const SourceFile& file, std::size_t i)
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
        constexpr std::array<std::string_view, 6> types{
            "SqlDatabase", "SqlTransaction", "SqlQueries", "Pool", "PoolClient", "Client"};
        if (std::ranges::none_of(types, [&](std::string_view type) { return word.is(type); }) ||
            i < 2)
            return;
        const bool is_made = file.at(i - 1).is("new") ||
                             (i > 2 && file.at(i - 1).is(".") && file.at(i - 3).is("new"));
        if (file.at(i - 1).is(":") && file.at(i - 2).is_word())
            names_.insert(std::string(file.at(i - 2).text));
        else if (is_made)
            if (auto variable = variable_before(file, i); !variable.empty())
                names_.insert(std::move(variable));
    }

    /// db.transaction([&](auto& tx) { … }), db.transaction(async (tx) => …), client = await
    /// pool.connect()
    void find_transaction(const SourceFile& file, std::size_t i)
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

    std::set<std::string, std::less<>> names_;
    std::map<std::string, std::set<std::string>> databases_;
};

bool has_remark(const SourceFile& file, std::size_t offset)
{
    const auto text = file.content();
    const auto line_end = std::min(text.find('\n', offset), text.size());
    auto begin = text.substr(0, offset).rfind('\n');
    if (begin != none && begin > 0)
        begin = text.substr(0, begin).rfind('\n');
    begin += 1; // npos + 1 is 0
    return text.substr(begin, line_end - begin).contains(exception_remark);
}

StatementArgument argument_in(const SourceFile& file, Range range)
{
    StatementArgument argument{.offset = file.at(range.begin).offset, .range = range};
    if (auto text = literal_in(file, range)) {
        argument.kind = StatementArgument::Kind::text;
        argument.written = std::move(text->value);
        return argument;
    }
    const bool is_negative = range.size() == 2 && file.at(range.begin).is("-");
    const auto& token = file.at(range.end - 1);
    const auto kind = [&] {
        if (range.size() != 1 && !is_negative)
            return StatementArgument::Kind::value;
        if (token.kind == Kind::number && token.text.find_first_not_of("0123456789.") == none)
            return StatementArgument::Kind::number;
        if (is_negative)
            return StatementArgument::Kind::value;
        if (token.is("true") || token.is("false"))
            return StatementArgument::Kind::boolean;
        if (token.is("nullptr") || token.is("null") || token.is("undefined"))
            return StatementArgument::Kind::null;
        return StatementArgument::Kind::value;
    }();
    argument.kind = kind;
    if (kind != StatementArgument::Kind::value)
        argument.written = (is_negative ? "-" : "") + std::string(token.text);
    return argument;
}

bool is_pack(const SourceFile& file, Range range)
{
    const auto dots = [&](std::size_t first) {
        return file.at(first).is(".") && file.at(first + 1).is(".") && file.at(first + 2).is(".");
    };
    return range.size() > 3 && (dots(range.begin) || dots(range.end - 3));
}

std::optional<std::vector<StatementArgument>> arguments_in(const SourceFile& file,
                                                           std::span<const Range> ranges)
{
    std::vector<StatementArgument> arguments;
    for (const auto& range : ranges) {
        if (range.is_empty() || is_pack(file, range))
            return {};
        arguments.push_back(argument_in(file, range));
    }
    return arguments;
}

class Finder {
public:
    explicit Finder(const Sources& sources)
        : sources_(sources), constants_(sources), receivers_(sources)
    {
    }

    SourceStatements find()
    {
        for (const auto& file : sources_)
            for (std::size_t i = 1; i < file.size(); ++i)
                for (const auto& method : methods_of(file))
                    if (file.at(i).is(method.name))
                        look_at(file, i, method);
        return {std::move(found_), receivers_.databases()};
    }

private:
    struct Call {
        const SourceFile& file;
        const Method& method;
        std::size_t at; ///< of the method's name
        std::string receiver;
        bool is_of_database; ///< whatever its text looks like
        Range row_type{};
        std::vector<Range> arguments{};
    };

    void look_at(const SourceFile& file, std::size_t i, const Method& method)
    {
        Call call{.file = file, .method = method, .at = i, .receiver = {}, .is_of_database = false};
        const auto& before = file.at(i - 1);
        const bool is_member =
            before.is(".") || (file.is_cpp() && before.is(">") && i > 1 && file.at(i - 2).is("-"));
        if (file.is_cpp() && before.is(":") && i > 2 && file.at(i - 3).is("sql"))
            call.is_of_database = true; // sql::query<User>(…) of a pipeline
        else if (!is_member)
            return;
        else {
            auto owner = i - (before.is(".") ? 2 : 3);
            if (file.at(owner).is("?")) // db?.query
                --owner;
            if (owner < i && file.at(owner).is_word())
                call.receiver = file.at(owner).text;
            call.is_of_database = receivers_.knows(call.receiver);
        }
        if (find_arguments(call))
            take(call);
    }

    static bool find_arguments(Call& call)
    {
        const auto& file = call.file;
        auto open = call.at + 1;
        if (file.at(open).is("<")) {
            const auto end = file.end_of_types(open);
            if (end == none)
                return false;
            call.row_type = {open + 1, end};
            open = end + 1;
        }
        const auto close = file.at(open).is("(") ? file.partner(open) : none;
        const bool needs_type =
            file.is_cpp() && call.method.rows != StatementRows::none && !call.method.inserts;
        if (close == none || (needs_type && call.row_type.is_empty()))
            return false;
        call.arguments = file.list({open + 1, close});
        return call.arguments.size() > call.method.text;
    }

    void take(const Call& call)
    {
        const auto texts = texts_in(call);
        SourceStatement statement{.file = &call.file,
                                  .offset = call.file.at(call.at).offset,
                                  .method = std::string(call.method.name),
                                  .receiver = call.receiver,
                                  .inserts = call.method.inserts,
                                  .rows = call.method.rows,
                                  .row_type = call.row_type,
                                  .is_excepted =
                                      has_remark(call.file, call.file.at(call.at).offset)};
        if (texts.empty()) {
            if (call.is_of_database || call.method.is_of_databases_only)
                found_.push_back(statement);
            return;
        }
        statement.arguments = parameters_of(call);
        for (const auto& [file, text] : texts) {
            const bool is_meant =
                call.method.inserts ? !call.row_type.is_empty() : looks_like_sql(text.value);
            if (!call.is_of_database && !is_meant)
                continue;
            statement.text = text;
            statement.text_file = file;
            found_.push_back(statement);
        }
    }

    /// The object that node-postgres takes in place of a text: what its member `name` is.
    static Range member_of_query(const Call& call, std::string_view name)
    {
        const auto object = call.arguments[call.method.text];
        for (const auto& member : call.file.list({object.begin + 1, object.end - 1}))
            if (call.file.at(member.begin).is(name) && call.file.at(member.begin + 1).is(":"))
                return {member.begin + 2, member.end};
        return {};
    }

    static bool is_object(const Call& call)
    {
        const auto range = call.arguments[call.method.text];
        return !call.file.is_cpp() && call.file.at(range.begin).is("{") &&
               call.file.partner(range.begin) + 1 == range.end;
    }

    /// Those that the statement may be: nothing when one is made at run time.
    std::vector<Written> texts_in(const Call& call) const
    {
        const auto range =
            is_object(call) ? member_of_query(call, "text") : call.arguments[call.method.text];
        std::vector<Written> texts;
        if (!add_texts(call.file, range, texts))
            texts.clear();
        return texts;
    }

    bool add_texts(const SourceFile& file, Range range, std::vector<Written>& texts,
                   int depth = 0) const
    {
        if (auto literal = literal_in(file, range)) {
            texts.push_back({&file, *std::move(literal)});
            return true;
        }
        if (depth == most_conditions)
            return false;
        if (const auto condition = branches_of(file, range))
            return add_texts(file, condition->first, texts, depth + 1) &&
                   add_texts(file, condition->second, texts, depth + 1);
        const auto* constant =
            is_name(file, range) ? constants_.find(file, file.at(range.end - 1).text) : nullptr;
        if (constant == nullptr)
            return false;
        texts.push_back(*constant);
        return true;
    }

    /// a, sql::a, queries.a
    static bool is_name(const SourceFile& file, Range range)
    {
        for (auto i = range.begin; i < range.end; ++i)
            if (!file.at(i).is_word() && !file.at(i).is(":") && !file.at(i).is("."))
                return false;
        return !range.is_empty() && file.at(range.end - 1).is_word();
    }

    /// Of `condition ? a : b`, a and b.
    static std::optional<std::pair<Range, Range>> branches_of(const SourceFile& file, Range range)
    {
        while (file.at(range.begin).is("(") && file.partner(range.begin) + 1 == range.end)
            range = {range.begin + 1, range.end - 1};
        std::size_t question = none;
        for (auto i = range.begin; i < range.end; ++i) {
            const bool is_alone = !file.at(i + 1).is(".") && !file.at(i + 1).is("?") &&
                                  !(i > range.begin && file.at(i - 1).is("?"));
            const bool is_scope = file.is_cpp() && file.at(i).is(":") &&
                                  (file.at(i + 1).is(":") || file.at(i - 1).is(":"));
            if (file.partner(i) != none && file.partner(i) > i)
                i = file.partner(i);
            else if (file.at(i).is("?") && is_alone && question == none)
                question = i;
            else if (file.at(i).is(":") && question != none && !is_scope)
                return {{{question + 1, i}, {i + 1, range.end}}};
        }
        return {};
    }

    static std::optional<std::vector<StatementArgument>> parameters_of(const Call& call)
    {
        const auto& file = call.file;
        const std::span<const Range> rest(call.arguments.begin() +
                                              static_cast<std::ptrdiff_t>(call.method.text) + 1,
                                          call.arguments.end());
        if (file.is_cpp())
            return arguments_in(file, rest);
        Range values;
        if (is_object(call))
            values = member_of_query(call, "values");
        else if (!rest.empty())
            values = rest.front();
        if (values.is_empty() && (!is_object(call) || rest.empty()))
            return std::vector<StatementArgument>();
        if (!file.at(values.begin).is("[") || file.partner(values.begin) + 1 != values.end)
            return {};
        return arguments_in(file, file.list({values.begin + 1, values.end - 1}));
    }

    const Sources& sources_;
    Constants constants_;
    Receivers receivers_;
    std::vector<SourceStatement> found_;
};

} // namespace

SourceStatements statements_in(const Sources& sources)
{
    return Finder(sources).find();
}

} // namespace nimbus::frontends
