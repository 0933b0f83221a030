#include "local/dsql/syntax_tree.h"

#include "base/error.h"

#include <boost/json/parse.hpp>
#include <pg_query.h>

namespace nimbus::local::dsql {
namespace {

/// Far above what a text of bounded nesting can need.
constexpr std::size_t max_tree_depth = 32'000;

/// Owns what pg_query_parse returns.
class ParseResult {
public:
    explicit ParseResult(const std::string& text) : result_(pg_query_parse(text.c_str())) {}
    ~ParseResult() { pg_query_free_parse_result(result_); }
    ParseResult(const ParseResult&) = delete;
    ParseResult& operator=(const ParseResult&) = delete;

    const PgQueryParseResult& operator*() const noexcept { return result_; }

private:
    PgQueryParseResult result_;
};

std::size_t number(const json::object& object, std::string_view name) noexcept
{
    const auto* value = object.if_contains(name);
    return value && value->is_int64() && value->get_int64() > 0
               ? static_cast<std::size_t>(value->get_int64())
               : 0;
}

} // namespace

std::expected<SyntaxTree, SyntaxTree::Failure> SyntaxTree::parse(const std::string& text)
{
    const ParseResult result(text);
    if (const auto* error = (*result).error)
        return std::unexpected(
            Failure{error->message ? error->message : "syntax error", error->cursorpos});

    json::parse_options options;
    options.max_depth = max_tree_depth;
    json::error_code failure;
    SyntaxTree tree;
    tree.root_ = json::parse((*result).parse_tree, failure, {}, options);
    if (failure || !tree.root_.is_object())
        return std::unexpected(Failure{"the statement is too complex"});
    for (const auto& item : list(tree.root_.get_object(), "stmts")) {
        const auto& statement = item.get_object();
        TreeStatement found;
        found.value = &statement.at("stmt");
        found.node = node_of(*found.value);
        found.begin = number(statement, "stmt_location");
        const auto length = number(statement, "stmt_len");
        found.end = length == 0 ? text.size() : found.begin + length;
        tree.statements_.push_back(found);
    }
    return tree;
}

Node node_of(const json::value& value) noexcept
{
    const auto* object = value.if_object();
    if (!object || object->size() != 1)
        return {};
    const auto& member = *object->begin();
    const auto* inner = member.value().if_object();
    return inner ? Node{member.key(), inner} : Node{};
}

const json::object& fields(const json::object& object, std::string_view name) noexcept
{
    static const json::object none;
    const auto* value = object.if_contains(name);
    const auto* inner = value ? value->if_object() : nullptr;
    return inner ? *inner : none;
}

const json::array& list(const json::object& object, std::string_view name) noexcept
{
    static const json::array none;
    const auto* value = object.if_contains(name);
    const auto* inner = value ? value->if_array() : nullptr;
    return inner ? *inner : none;
}

std::string_view text(const json::object& object, std::string_view name) noexcept
{
    const auto* value = object.if_contains(name);
    const auto* inner = value ? value->if_string() : nullptr;
    return inner ? std::string_view(*inner) : std::string_view{};
}

bool flag(const json::object& object, std::string_view name) noexcept
{
    const auto* value = object.if_contains(name);
    return value && value->is_bool() && value->get_bool();
}

std::optional<std::size_t> location(const json::object& object) noexcept
{
    const auto* value = object.if_contains("location");
    if (!value)
        return 0;
    if (!value->is_int64() || value->get_int64() < 0)
        return std::nullopt;
    return static_cast<std::size_t>(value->get_int64());
}

std::string_view string_of(const json::value& value) noexcept
{
    const auto node = node_of(value);
    return node.type == "String" ? text(*node.fields, "sval") : std::string_view{};
}

std::vector<std::string_view> names(const json::object& object, std::string_view name)
{
    std::vector<std::string_view> result;
    for (const auto& item : list(object, name))
        result.push_back(string_of(item));
    return result;
}

std::optional<std::string> constant_text(const json::value& value)
{
    const auto node = node_of(value);
    if (node.type != "A_Const")
        return std::nullopt;
    if (const auto& string = fields(*node.fields, "sval"); !string.empty())
        return std::string(text(string, "sval"));
    if (const auto& string = fields(*node.fields, "fval"); !string.empty())
        return std::string(text(string, "fval"));
    if (const auto* integer = node.fields->if_contains("ival")) {
        const auto* digits =
            integer->is_object() ? integer->get_object().if_contains("ival") : nullptr;
        return digits && digits->is_int64() ? std::to_string(digits->get_int64()) : "0";
    }
    if (const auto& boolean = fields(*node.fields, "boolval"); !boolean.empty())
        return flag(boolean, "boolval") ? "true" : "false";
    if (node.fields->contains("sval"))
        return std::string{};
    return std::nullopt;
}

} // namespace nimbus::local::dsql
