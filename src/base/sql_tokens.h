#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace nimbus {

/// A token of SQL: as much of PostgreSQL's lexical structure as is needed to find DSQL's own words
/// before PostgreSQL's parser, which does not know them, sees the text; and where a statement ends.
struct SqlToken {
    enum class Kind {
        word,   ///< a keyword or an identifier without quotes
        quoted, ///< "identifier", U&"identifier"
        string, ///< 'text' in all its forms, $$text$$
        number, ///< also $1
        symbol, ///< an operator, or one punctuation mark
    };

    Kind kind;
    std::size_t offset;
    std::string_view text; ///< as written
    /// Is it that keyword, in any case?
    bool is(std::string_view word) const noexcept;
};

/// Where a string, a quoted name or a comment begins that has no end; nothing if all have one.
std::optional<std::size_t> find_unclosed(std::string_view text);

/// Comments and blanks are left out. What has no end (a string, a comment) ends with the text; the
/// parser reports it.
std::vector<SqlToken> tokenize_sql(std::string_view text);

/// The key word of a statement that begins or ends a transaction, as it is written: BEGIN, START,
/// COMMIT, END, ROLLBACK, ABORT, PREPARE TRANSACTION. Nothing for all others, ROLLBACK TO among
/// them, which goes back to a savepoint.
std::optional<std::string_view> transaction_control(std::string_view statement);

/// How deep the syntax tree of these tokens can become at most, without building it: PostgreSQL's
/// parser as a library has no guard of its own and would run out of stack.
std::size_t nesting_bound(const std::vector<SqlToken>& tokens) noexcept;

} // namespace nimbus
