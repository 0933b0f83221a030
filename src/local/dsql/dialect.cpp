#include "local/dsql/dialect.h"

#include "base/encoding.h"
#include "base/sql_text.h"
#include "base/text.h"
#include "local/dsql/dialect_rules.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace nimbus::local::dsql {

namespace {

/// Deeper trees are refused before they are built: sessions have small stacks.
constexpr std::size_t max_nesting = 500;

using Rule = void (*)(rules::Draft&, const json::object&);

struct TableRow {
    std::string_view node;
    StatementKind kind;
    Rule rule;
};

using enum StatementKind;

/// Sorted by node. A statement that is not here does not exist in DSQL.
constexpr TableRow table[] = {
    {"AlterDefaultPrivilegesStmt", ddl, rules::plain_ddl},
    {"AlterDomainStmt", ddl, rules::alter_domain},
    {"AlterEnumStmt", ddl, rules::alter_enum},
    {"AlterFunctionStmt", ddl, rules::alter_function},
    {"AlterObjectSchemaStmt", ddl, rules::plain_ddl},
    {"AlterOwnerStmt", ddl, rules::plain_ddl},
    {"AlterRoleSetStmt", ddl, rules::alter_role_settings},
    {"AlterRoleStmt", ddl, rules::alter_role},
    {"AlterSeqStmt", ddl, rules::alter_sequence},
    {"AlterStatsStmt", ddl, rules::alter_statistics},
    {"AlterTableStmt", ddl, rules::alter_table},
    {"CallStmt", read, rules::call},
    {"CommentStmt", ddl, rules::plain_ddl},
    {"ConstraintsSetStmt", read, rules::plain_read},
    {"CopyStmt", read, rules::copy},
    {"CreateDomainStmt", ddl, rules::create_domain},
    {"CreateEnumStmt", ddl, rules::create_enum},
    {"CreateFunctionStmt", ddl, rules::create_function},
    {"CreateRoleStmt", ddl, rules::create_role},
    {"CreateSchemaStmt", ddl, rules::create_schema},
    {"CreateSeqStmt", ddl, rules::create_sequence},
    {"CreateStatsStmt", ddl, rules::create_statistics},
    {"CreateStmt", ddl, rules::create_table},
    {"CreateTableAsStmt", ddl, rules::create_table_as},
    {"CreateTrigStmt", ddl, rules::create_trigger},
    {"DeallocateStmt", read, rules::deallocate},
    {"DefineStmt", ddl, rules::define},
    {"DeleteStmt", dml, rules::update},
    {"DropRoleStmt", ddl, rules::drop_role},
    {"DropStmt", ddl, rules::drop},
    {"ExplainStmt", read, rules::explain},
    {"GrantRoleStmt", ddl, rules::grant_role},
    {"GrantStmt", ddl, rules::grant},
    {"IndexStmt", ddl, rules::create_index},
    {"InsertStmt", dml, rules::insert},
    {"MergeStmt", dml, rules::merge},
    {"RenameStmt", ddl, rules::rename},
    {"SelectStmt", read, rules::select},
    {"TransactionStmt", read, rules::transaction},
    {"UpdateStmt", dml, rules::update},
    {"VacuumStmt", read, rules::vacuum},
    {"VariableSetStmt", read, rules::set},
    {"VariableShowStmt", read, rules::show},
    {"ViewStmt", ddl, rules::create_view},
};
static_assert(std::ranges::is_sorted(table, {}, &TableRow::node));

/// DSQL's words in a script, and the script without them, byte for byte as long.
struct Prepared {
    std::string text;
    std::map<std::size_t, IamChange> iam; ///< by the offset of AWS
    std::vector<std::size_t> async;       ///< offsets of the statements that said ASYNC
};

std::string identifier_of(const SqlToken& token)
{
    if (token.kind == SqlToken::Kind::word)
        return to_lower(token.text);
    auto inner = token.text.substr(1);
    if (inner.ends_with('"'))
        inner.remove_suffix(1);
    return replace_all(std::string(inner), "\"\"", "\"");
}

bool is_identifier(const SqlToken& token)
{
    return token.kind == SqlToken::Kind::word || token.text.starts_with('"');
}

/// Reads DSQL's grammar at the beginning of each statement.
class Preparation {
public:
    Preparation(const std::string& text, const std::vector<SqlToken>& tokens)
        : tokens_(tokens), result_{.text = text}
    {
        bool at_start = true;
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            if (at_start)
                read_statement(i);
            at_start = tokens_[i].text == ";";
        }
    }

    Prepared result() && { return std::move(result_); }

private:
    const SqlToken* at(std::size_t index) const
    {
        return index < tokens_.size() ? &tokens_[index] : nullptr;
    }
    bool is(std::size_t index, std::string_view word) const
    {
        return index < tokens_.size() && tokens_[index].is(word);
    }

    void blank(std::size_t first, std::size_t end, std::string_view replacement)
    {
        auto& text = result_.text;
        std::fill(text.begin() + static_cast<std::ptrdiff_t>(first),
                  text.begin() + static_cast<std::ptrdiff_t>(end), ' ');
        text.replace(first, replacement.size(), replacement);
    }

    void read_statement(std::size_t i)
    {
        if (is(i, "aws") && is(i + 1, "iam"))
            read_iam(i);
        else if (is(i, "create"))
            read_async(i, is(i + 1, "unique") ? i + 2 : i + 1);
        else if (is(i, "alter") && is(i + 1, "table"))
            read_async_validation(i);
    }

    void read_iam(std::size_t i)
    {
        const bool grant = is(i + 2, "grant");
        const auto* role = at(i + 3);
        const auto* arn = at(i + 5);
        if (!arn || (!grant && !is(i + 2, "revoke")) || !is_identifier(*role) ||
            !is(i + 4, grant ? "to" : "from") || !arn->text.starts_with('\''))
            return; // the parser refuses AWS
        auto value = arn->text.substr(1);
        if (value.ends_with('\''))
            value.remove_suffix(1);
        result_.iam[tokens_[i].offset] = {grant, identifier_of(*role),
                                          replace_all(std::string(value), "''", "'")};
        // A statement that no client can get through otherwise stands in for it.
        blank(tokens_[i].offset, arn->offset + arn->text.size(), "CHECKPOINT");
    }

    void read_async(std::size_t i, std::size_t index)
    {
        if (!is(index, "index") || !is(index + 1, "async"))
            return;
        const auto& async = tokens_[index + 1];
        blank(async.offset, async.offset + async.text.size(), {});
        result_.async.push_back(tokens_[i].offset);
    }

    /// ALTER TABLE ASYNC t VALIDATE …; a table may be called async.
    void read_async_validation(std::size_t i)
    {
        auto name = i + 3;
        if (const auto* dot = at(name + 1); dot && dot->text == ".")
            name += 2;
        if (!is(i + 2, "async") || !is(name + 1, "validate"))
            return;
        const auto& async = tokens_[i + 2];
        blank(async.offset, async.offset + async.text.size(), {});
        result_.async.push_back(tokens_[i].offset);
    }

    const std::vector<SqlToken>& tokens_;
    Prepared result_;
};

Refusal syntax_refusal(std::string message)
{
    return {.sqlstate = sqlstate::syntax_error, .message = std::move(message)};
}

/// Where the statement begins, behind blanks and comments.
std::size_t begin_of(const TreeStatement& tree, const std::vector<SqlToken>& tokens)
{
    const auto first = std::ranges::lower_bound(tokens, tree.begin, {}, &SqlToken::offset);
    return first == tokens.end() ? tree.begin : first->offset;
}

/// Did the parser, too, find statements where DSQL's words were taken out? Otherwise it has read
/// another text than the client's.
bool fits(const Prepared& prepared, const std::vector<SqlToken>& tokens, const SyntaxTree& tree)
{
    std::set<std::size_t> changed(prepared.async.begin(), prepared.async.end());
    for (const auto& [offset, change] : prepared.iam)
        changed.insert(offset);
    for (const auto& statement : tree.statements())
        changed.erase(begin_of(statement, tokens));
    return changed.empty();
}

Statement read_statement(const Prepared& prepared, const std::vector<SqlToken>& tokens,
                         const TreeStatement& tree, bool in_function)
{
    const auto begin = begin_of(tree, tokens);
    if (const auto iam = prepared.iam.find(begin); iam != prepared.iam.end())
        return {.kind = ddl, .iam = iam->second};

    const bool async = std::ranges::find(prepared.async, begin) != prepared.async.end();
    rules::Draft draft(prepared.text, tokens, tree.begin, tree.end, async, in_function);
    rules::apply(draft, tree.node);
    rules::everywhere(draft, *tree.value);
    rules::lock_without_waiting(draft);
    draft.statement.rewritten = draft.edited();
    draft.statement.text = draft.text();
    return std::move(draft.statement);
}

} // namespace

namespace rules {

void Draft::refuse(std::string message, const char* code)
{
    if (!statement.refusal)
        statement.refusal = Refusal{.sqlstate = code, .message = std::move(message)};
}

std::span<const SqlToken> Draft::tokens() const
{
    const auto begin = std::ranges::lower_bound(tokens_, begin_, {}, &SqlToken::offset);
    return {begin, std::ranges::lower_bound(begin, tokens_.end(), end_, {}, &SqlToken::offset)};
}

const SqlToken* Draft::token_at(std::size_t offset) const noexcept
{
    const auto found = std::ranges::lower_bound(tokens_, offset, {}, &SqlToken::offset);
    return found != tokens_.end() && found->offset == offset ? &*found : nullptr;
}

const SqlToken* Draft::after(const SqlToken* token) const noexcept
{
    return token && token + 1 < tokens_.data() + tokens_.size() ? token + 1 : nullptr;
}

void Draft::replace(std::size_t offset, std::size_t length, std::string text)
{
    edits_.push_back({offset, length, std::move(text)});
}

void Draft::replace_all(std::string text)
{
    whole_ = std::move(text);
}

void Draft::wrap(std::string before, std::string after)
{
    wrapper_.emplace(std::move(before), std::move(after));
}

std::string Draft::text() const
{
    if (wrapper_)
        return wrapper_->first + quote_literal(edited_text()) + wrapper_->second;
    return edited_text();
}

std::string Draft::edited_text() const
{
    if (whole_)
        return *whole_;
    auto edits = edits_;
    std::ranges::sort(edits, {}, &Edit::offset);
    std::string result;
    auto position = begin_;
    for (const auto& edit : edits) {
        if (edit.offset < position || edit.offset + edit.length > end_)
            continue;
        result += script_.substr(position, edit.offset - position);
        result += edit.text;
        position = edit.offset + edit.length;
    }
    result += script_.substr(position, end_ - position);
    return result;
}

void apply(Draft& draft, const Node& node)
{
    const auto row = std::ranges::lower_bound(table, node.type, {}, &TableRow::node);
    if (row == std::end(table) || row->node != node.type) {
        const auto name =
            node.type.ends_with("Stmt") ? node.type.substr(0, node.type.size() - 4) : node.type;
        draft.statement.kind = ddl;
        draft.refuse("unsupported statement: " + std::string(name));
        return;
    }
    draft.statement.kind = row->kind;
    row->rule(draft, *node.fields);
}

} // namespace rules

namespace {

/// The first bytes that are no character, as PostgreSQL writes them: 0xc3 0x28. Empty when all are.
std::string bad_utf8(std::string_view text)
{
    while (!text.empty()) {
        const auto length = utf8_character_length(text);
        if (length > 0) {
            text.remove_prefix(length);
            continue;
        }
        const auto first = static_cast<unsigned char>(text.front());
        const std::size_t announced = first >= 0xf8   ? 1
                                      : first >= 0xf0 ? 4
                                      : first >= 0xe0 ? 3
                                      : first >= 0xc0 ? 2
                                                      : 1;
        std::string bytes;
        for (const char& c : text.substr(0, announced))
            bytes += (bytes.empty() ? "0x" : " 0x") + hex_encode(std::string_view(&c, 1));
        return bytes;
    }
    return {};
}

Script read_text(const std::string& text, bool in_function)
{
    if (const auto bad = bad_utf8(text); !bad.empty())
        return {.refusal =
                    Refusal{.sqlstate = sqlstate::character_not_in_repertoire,
                            .message = "invalid byte sequence for encoding \"UTF8\": " + bad}};
    const auto tokens = tokenize_sql(text);
    if (nesting_bound(tokens) > max_nesting)
        return {.refusal = Refusal{.sqlstate = sqlstate::statement_too_complex,
                                   .message = "stack depth limit exceeded"}};
    const auto prepared = Preparation(text, tokens).result();
    const auto tree = SyntaxTree::parse(prepared.text);
    if (!tree) {
        auto refusal = syntax_refusal(tree.error().message);
        if (prepared.text == text) // else it is not what the client counts in
            refusal.position = tree.error().position;
        return {.refusal = std::move(refusal)};
    }
    if (!fits(prepared, tokens, *tree))
        return {.refusal = syntax_refusal("syntax error")};
    Script script;
    for (const auto& statement : tree->statements())
        script.statements.push_back(read_statement(prepared, tokens, statement, in_function));
    return script;
}

} // namespace

Script read_script(const std::string& text)
{
    return read_text(text, false);
}

Script rules::read_body(const std::string& text)
{
    return read_text(text, true);
}

} // namespace nimbus::local::dsql
