#include "frontends/source_statements.h"

#include "base/sql_tokens.h"
#include "frontends/source_constants.h"
#include "frontends/source_promises.h"
#include "frontends/source_receivers.h"
#include "frontends/source_tags.h"
#include "frontends/source_templates.h"

#include <algorithm>
#include <array>
#include <span>

namespace nimbus::frontends {
namespace {

using Range = SourceFile::Range;

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
    bool is_of_tags = false;          ///< postgres.js's
    bool has_list = true;             ///< of scripts: parameters come as one list
    bool gives_array = false;         ///< T is that of all rows: Row[]
};

constexpr std::array cpp_methods{Method{"query", StatementRows::rows, false},
                                 Method{"query_one", StatementRows::rows},
                                 Method{"query_optional", StatementRows::rows},
                                 Method{"query_value", StatementRows::column},
                                 Method{"execute", StatementRows::none, false},
                                 Method{"query_each", StatementRows::rows, true, 1},
                                 Method{"insert", StatementRows::rows, false, 0, true}};
constexpr std::array script_methods{
    Method{"query", StatementRows::rows, false},
    Method{"queryOne", StatementRows::rows},
    Method{"queryOptional", StatementRows::rows},
    Method{"queryValue", StatementRows::column},
    Method{"execute", StatementRows::none, false},
    Method{.name = "unsafe", .rows = StatementRows::rows, .is_of_tags = true, .gives_array = true},
    Method{.name = "$queryRawUnsafe",
           .rows = StatementRows::rows,
           .has_list = false,
           .gives_array = true},
    Method{.name = "$executeRawUnsafe", .rows = StatementRows::none, .has_list = false}};

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

class Finder {
public:
    explicit Finder(const Sources& sources)
        : sources_(sources), constants_(sources), receivers_(sources), tags_(sources)
    {
    }

    SourceStatements find()
    {
        for (const auto& file : sources_)
            for (std::size_t i = 1; i < file.size(); ++i) {
                if (!file.is_cpp() && file.at(i).text.starts_with('`'))
                    look_at_template(file, i);
                for (const auto& method : methods_of(file))
                    if (file.at(i).is(method.name))
                        look_at(file, i, method);
            }
        return {std::move(found_), databases()};
    }

private:
    struct Call {
        const SourceFile& file;
        const Method& method;
        std::size_t at; ///< of the method's name
        std::string receiver;
        bool is_of_database;            ///< whatever its text looks like
        std::size_t begin = 0, end = 0; ///< of the whole expression
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
            call.begin = owner;
        }
        if (!find_arguments(call))
            return;
        if (method.is_of_tags && !find_tag(call))
            return;
        if (method.gives_array)
            call.row_type = element_of_array(file, call.row_type);
        take(call);
    }

    /// sql.unsafe('…'), unless it is a part of another statement.
    bool find_tag(Call& call)
    {
        const auto* tag = tags_.find(call.file, call.begin);
        if (tag == nullptr || tag->library != TagLibrary::postgres_js ||
            !is_run(call.file, {call.begin, call.end}))
            return false;
        call.is_of_database = true;
        call.receiver = tag->owner;
        if (tag->renames_rows)
            call.row_type = {};
        return true;
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
        call.end = close + 1;
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
                                      has_remark(call.file, call.file.at(call.at).offset),
                                  .has_known_types = call.method.has_list,
                                  .writes_json = call.method.is_of_tags || !call.method.has_list};
        if (texts.empty()) {
            if (is_tagged(call))
                return; // see look_at_template
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

    /// Is its text a template of drizzle?
    bool is_tagged(const Call& call) const
    {
        const auto text = call.arguments[call.method.text];
        const auto* tag = tags_.find(call.file, text.begin);
        return tag != nullptr && tag->library == TagLibrary::drizzle &&
               call.file.at(text.end - 1).text.starts_with('`');
    }

    // --- templates
    // ----------------------------------------------------------------------------------------

    /// A template, with the name before it.
    struct Tagged {
        const SourceFile& file;
        std::size_t at;  ///< of the template
        std::size_t tag; ///< the word before it
        Range types{};   ///< between the two: sql<User[]>`…`
    };

    /// Where the list of types begins that `close` ends; `none` where it ends none.
    static std::size_t begin_of_types(const SourceFile& file, std::size_t close)
    {
        constexpr std::size_t longest = 400;
        for (auto open = close; open > 0 && close - open < longest; --open)
            if (file.at(open).is("<") && file.end_of_types(open) == close)
                return open;
        return none;
    }

    static std::optional<Tagged> tagged(const SourceFile& file, std::size_t at)
    {
        Tagged found{.file = file, .at = at, .tag = at - 1};
        if (file.at(at - 1).is(">")) {
            const auto open = begin_of_types(file, at - 1);
            if (open == none)
                return {};
            found.tag = open - 1;
            found.types = {open + 1, at - 1};
        }
        return file.at(found.tag).is_word() ? std::optional(found) : std::nullopt;
    }

    void look_at_template(const SourceFile& file, std::size_t at)
    {
        const auto found = tagged(file, at);
        if (!found)
            return;
        const auto& word = file.at(found->tag);
        const bool is_member = found->tag > 0 && file.at(found->tag - 1).is(".");
        if (is_member && word.is("$queryRaw"))
            take(*found, {.library = TagLibrary::prisma}, "$queryRaw",
                 element_of_array(file, found->types));
        else if (is_member && word.is("$executeRaw"))
            take(*found, {.library = TagLibrary::prisma}, "$executeRaw", {});
        else if (const auto* tag = tags_.find(file, found->tag))
            look_at(*found, *tag);
    }

    void look_at(const Tagged& found, const SqlTag& tag)
    {
        const auto& file = found.file;
        switch (tag.library) {
        case TagLibrary::postgres_js:
            if (is_run(file, {found.tag, found.at + 1}))
                take(found, tag, "sql", element_of_array(file, found.types));
            else if (!file.is_substituted(found.at))
                take_unrun(found, tag);
            return;
        case TagLibrary::kysely: // sql<User>`…`.execute(db)
            if (file.at(found.at + 1).is(".") && file.at(found.at + 2).is("execute") &&
                file.at(found.at + 3).is("("))
                take(found, tag, "sql", found.types);
            return;
        case TagLibrary::drizzle: // db.execute<User>(sql`…`)
            if (const auto call = call_with(found, found.tag); file.at(call.method).is("execute"))
                take(found, tag, "execute", call.types);
            return;
        case TagLibrary::prisma: // prisma.$queryRaw<User[]>(Prisma.sql`…`)
            if (const auto call = call_with(found, found.tag - 2);
                file.at(call.method).is("$queryRaw"))
                take(found, tag, "$queryRaw", element_of_array(file, call.types));
            else if (file.at(call.method).is("$executeRaw"))
                take(found, tag, "$executeRaw", {});
            return;
        }
    }

    struct CallOfMember {
        std::size_t method = none;
        Range types{};
    };

    /// The call of a member that has the template, which begins at `begin`, as its only argument.
    static CallOfMember call_with(const Tagged& found, std::size_t begin)
    {
        const auto& file = found.file;
        if (begin < 3 || !file.at(begin - 1).is("(") || file.partner(begin - 1) != found.at + 1)
            return {};
        CallOfMember call{.method = begin - 2};
        if (file.at(call.method).is(">")) {
            const auto open = begin_of_types(file, call.method);
            if (open == none)
                return {};
            call = {.method = open - 1, .types = {open + 1, call.method}};
        }
        return call.method > 0 && file.at(call.method - 1).is(".") ? call : CallOfMember();
    }

    SourceStatement statement_of(const Tagged& found, const SqlTag& tag, std::string method) const
    {
        const auto offset = found.file.at(found.tag).offset;
        return {.file = &found.file,
                .offset = offset,
                .method = std::move(method),
                .receiver = tag.owner,
                .text_file = &found.file,
                .is_excepted = has_remark(found.file, offset),
                .is_template = true};
    }

    void take(const Tagged& found, const SqlTag& tag, std::string method, Range row_type)
    {
        auto statement = statement_of(found, tag, std::move(method));
        auto made = template_statement(found.file, found.at, tags_, tag.library);
        const bool has_rows = statement.method != "$executeRaw";
        statement.rows = has_rows ? StatementRows::rows : StatementRows::none;
        statement.row_type = tag.renames_rows ? Range() : row_type;
        statement.text = std::move(made.text);
        statement.why_unchecked = "a part of it is made at run time";
        statement.arguments = std::move(made.arguments);
        statement.is_certain = made.is_certain;
        statement.has_known_types =
            tag.library == TagLibrary::postgres_js || tag.library == TagLibrary::kysely;
        statement.writes_json = tag.library != TagLibrary::kysely;
        found_.push_back(std::move(statement));
    }

    /// It may be a part of a statement elsewhere, or run there.
    void take_unrun(const Tagged& found, const SqlTag& tag)
    {
        const auto made = template_statement(found.file, found.at, tags_, tag.library);
        if (made.text && !looks_like_sql(made.text->value))
            return;
        auto statement = statement_of(found, tag, "sql");
        statement.why_unchecked = "it may be a part of another statement: nothing awaits it here";
        found_.push_back(std::move(statement));
    }

    /// With what tags are made with.
    std::map<std::string, std::set<std::string>> databases() const
    {
        auto databases = receivers_.databases();
        for (const auto& [owner, variables] : tags_.owners())
            for (const auto& variable : variables)
                if (const auto known = receivers_.databases().find(variable);
                    known != receivers_.databases().end())
                    databases[owner].insert(known->second.begin(), known->second.end());
        return databases;
    }

    // --- calls
    // ----------------------------------------------------------------------------------------

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
        if (file.is_cpp() || !call.method.has_list)
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
    SqlTags tags_;
    std::vector<SourceStatement> found_;
};

} // namespace

SourceStatements statements_in(const Sources& sources)
{
    return Finder(sources).find();
}

} // namespace nimbus::frontends
