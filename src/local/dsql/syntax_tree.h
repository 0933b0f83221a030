#pragma once

#include "base/json.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nimbus::local::dsql {

/// A node of PostgreSQL's raw parse tree: {"SelectStmt": {…}}, as libpg_query writes it. Members
/// with their default value are left out.
struct Node {
    std::string_view type; ///< such as SelectStmt
    const json::object* fields = nullptr;
};

/// One statement of a text.
struct TreeStatement {
    Node node;
    const json::value* value = nullptr; ///< the node, wrapped as in a tree
    std::size_t begin = 0; ///< of the statement's text, blanks and comments before it included
    std::size_t end = 0;   ///< of the text, without `;`
};

class SyntaxTree {
public:
    struct Failure {
        std::string message; ///< PostgreSQL's own
        int position = 0;    ///< from 1 and in characters; 0: nowhere
    };

    /// With PostgreSQL's own parser. `text` holds no zero byte and its nesting is bounded.
    static std::expected<SyntaxTree, Failure> parse(const std::string& text);

    const std::vector<TreeStatement>& statements() const noexcept { return statements_; }

private:
    json::value root_;
    std::vector<TreeStatement> statements_;
};

/// The only member of a value of the form {"Type": {…}}; an empty type for anything else.
Node node_of(const json::value& value) noexcept;

const json::object& fields(const json::object& object, std::string_view name) noexcept;
const json::array& list(const json::object& object, std::string_view name) noexcept;
std::string_view text(const json::object& object, std::string_view name) noexcept;
bool flag(const json::object& object, std::string_view name) noexcept;
std::optional<std::size_t> location(const json::object& object) noexcept;
/// The value of {"String": {"sval": …}}; "" for anything else.
std::string_view string_of(const json::value& value) noexcept;
/// The strings of a list of them: the parts of a qualified name.
std::vector<std::string_view> names(const json::object& object, std::string_view name);
/// The value of {"A_Const": …} as text, if it is a constant but NULL.
std::optional<std::string> constant_text(const json::value& value);

} // namespace nimbus::local::dsql
