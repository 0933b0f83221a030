#include "base/sql_tokens.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace nimbus {
namespace {

bool is_word_start(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

bool is_radix(char c) noexcept
{
    return std::string_view("xXoObB").contains(c);
}

bool is_hexadecimal(char c) noexcept
{
    const char lower = ascii_lower(c);
    return is_digit(c) || (lower >= 'a' && lower <= 'f');
}

bool is_word_part(char c) noexcept
{
    return is_word_start(c) || is_digit(c) || c == '$';
}

bool is_blank(char c) noexcept
{
    return std::string_view(" \t\n\r\f\v").contains(c);
}

bool is_operator(char c) noexcept
{
    return std::string_view("+-*/<>=~!@#%^&|`?").find(c) != std::string_view::npos;
}

class Lexer {
public:
    explicit Lexer(std::string_view text) noexcept : text_(text) {}

    std::vector<SqlToken> run()
    {
        std::vector<SqlToken> tokens;
        while (const auto token = read())
            tokens.push_back(*token);
        return tokens;
    }

    /// The next token; nothing at the end.
    std::optional<SqlToken> read() noexcept
    {
        skip_blanks();
        if (position_ == text_.size())
            return std::nullopt;
        const auto start = start_ = position_;
        const auto kind = next();
        return SqlToken{kind, start, text_.substr(start, position_ - start)};
    }

    /// Once it has run.
    std::optional<std::size_t> unclosed() const noexcept { return unclosed_; }

private:
    char at(std::size_t position) const noexcept
    {
        return position < text_.size() ? text_[position] : '\0';
    }

    void skip_blanks() noexcept
    {
        for (;;) {
            const char c = at(position_);
            if (position_ < text_.size() && is_blank(c))
                ++position_;
            else if (c == '-' && at(position_ + 1) == '-')
                position_ = std::min(text_.find_first_of("\n\r", position_), text_.size());
            else if (c == '/' && at(position_ + 1) == '*')
                skip_comment();
            else
                return;
        }
    }

    void skip_comment() noexcept
    {
        start_ = position_;
        int depth = 0;
        while (position_ < text_.size()) {
            if (at(position_) == '/' && at(position_ + 1) == '*') {
                ++depth;
                position_ += 2;
            } else if (at(position_) == '*' && at(position_ + 1) == '/') {
                position_ += 2;
                if (--depth == 0)
                    return;
            } else {
                ++position_;
            }
        }
        run_out();
    }

    SqlToken::Kind next() noexcept
    {
        const char c = at(position_);
        if (is_word_start(c))
            return word();
        if (c == '\'') {
            skip_constant(Quoting::doubled);
            return SqlToken::Kind::string;
        }
        if (c == '"') {
            skip_quoted('"', Quoting::doubled);
            return SqlToken::Kind::quoted;
        }
        if (c == '$')
            return dollar();
        if (is_digit(c) || (c == '.' && is_digit(at(position_ + 1)))) {
            number();
            return SqlToken::Kind::number;
        }
        if (c == ':' && at(position_ + 1) == ':') {
            position_ += 2;
            return SqlToken::Kind::symbol;
        }
        if (is_operator(c)) {
            skip_operator();
            return SqlToken::Kind::symbol;
        }
        ++position_;
        return SqlToken::Kind::symbol;
    }

    SqlToken::Kind word() noexcept
    {
        const char c = ascii_lower(at(position_));
        const char follows = at(position_ + 1);
        if (follows == '\'' && (c == 'e' || c == 'b' || c == 'x' || c == 'n')) {
            ++position_;
            skip_constant(c == 'e'               ? Quoting::doubled_or_escaped
                          : c == 'b' || c == 'x' ? Quoting::none
                                                 : Quoting::doubled);
            return SqlToken::Kind::string;
        }
        if (c == 'u' && follows == '&' && at(position_ + 2) == '\'') {
            position_ += 2;
            skip_constant(Quoting::doubled);
            return SqlToken::Kind::string;
        }
        if (c == 'u' && follows == '&' && at(position_ + 2) == '"') {
            position_ += 2;
            skip_quoted('"', Quoting::doubled);
            return SqlToken::Kind::quoted;
        }
        while (position_ < text_.size() && is_word_part(text_[position_]))
            ++position_;
        return SqlToken::Kind::word;
    }

    /// How a quote becomes part of the text that it encloses.
    enum class Quoting { none, doubled, doubled_or_escaped };

    /// A constant of characters or bits. It goes on in further quotes that a line break parts from
    /// it (PostgreSQL 4.1.2.1), and keeps its quoting there.
    void skip_constant(Quoting quoting) noexcept
    {
        skip_quoted('\'', quoting);
        while (const auto next = continuation()) {
            position_ = next;
            skip_quoted('\'', quoting);
        }
    }

    /// Where the quote is in which the constant before goes on, or 0.
    std::size_t continuation() const noexcept
    {
        bool line_break = false;
        for (auto i = position_; i < text_.size(); ++i) {
            const char c = text_[i];
            if (c == '\'')
                return line_break ? i : 0;
            if (c == '\n' || c == '\r') {
                line_break = true;
            } else if (c == '-' && at(i + 1) == '-') {
                i = text_.find_first_of("\n\r", i);
                if (i == std::string_view::npos)
                    return 0;
                line_break = true;
            } else if (!is_blank(c)) {
                return 0;
            }
        }
        return 0;
    }

    /// From the opening quote to behind the closing one.
    void skip_quoted(char quote, Quoting quoting) noexcept
    {
        for (++position_; position_ < text_.size(); ++position_) {
            if (quoting == Quoting::doubled_or_escaped && text_[position_] == '\\') {
                ++position_;
            } else if (text_[position_] == quote) {
                ++position_;
                if (quoting == Quoting::none || at(position_) != quote)
                    return;
            }
        }
        run_out();
    }

    SqlToken::Kind dollar() noexcept
    {
        auto end = position_ + 1;
        if (is_digit(at(end))) {
            while (is_digit(at(end)))
                ++end;
            position_ = end;
            return SqlToken::Kind::number;
        }
        while (is_word_start(at(end)) || is_digit(at(end)))
            ++end;
        if (at(end) != '$') {
            ++position_;
            return SqlToken::Kind::symbol;
        }
        const auto tag = text_.substr(position_, end + 1 - position_);
        const auto closing = text_.find(tag, end + 1);
        if (closing == std::string_view::npos)
            run_out();
        else
            position_ = closing + tag.size();
        return SqlToken::Kind::string;
    }

    /// PostgreSQL 4.1.2.6: 42, 1_500.5e-3, 0x1F, 0o17, 0b11.
    void number() noexcept
    {
        if (at(position_) == '0' && is_radix(at(position_ + 1))) {
            position_ += 2;
            while (is_hexadecimal(at(position_)) || at(position_) == '_')
                ++position_;
            return;
        }
        skip_digits(".");
        const char sign = at(position_ + 1);
        const bool is_signed = sign == '-' || sign == '+';
        if (ascii_lower(at(position_)) == 'e' && is_digit(at(position_ + (is_signed ? 2 : 1)))) {
            position_ += 2;
            skip_digits("");
        }
    }

    /// Digits, those that underscores part among them, and what else is `allowed` between them.
    void skip_digits(std::string_view allowed) noexcept
    {
        while (is_digit(at(position_)) || (at(position_) == '_' && is_digit(at(position_ + 1))) ||
               (position_ < text_.size() && allowed.contains(text_[position_])))
            ++position_;
    }

    /// A comment may begin inside a run of operator characters.
    void skip_operator() noexcept
    {
        while (position_ < text_.size() && is_operator(text_[position_])) {
            const auto pair = text_.substr(position_, 2);
            if (pair == "--" || pair == "/*")
                return;
            ++position_;
        }
    }

    /// The text ends in what began at `start_`.
    void run_out() noexcept
    {
        position_ = text_.size();
        unclosed_ = start_;
    }

    std::string_view text_;
    std::size_t position_ = 0;
    std::size_t start_ = 0; ///< of the token or comment at `position_`
    std::optional<std::size_t> unclosed_;
};

template <std::size_t N>
bool is_one_of(const SqlToken& token, const std::array<std::string_view, N>& words) noexcept
{
    return token.kind == SqlToken::Kind::word &&
           std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

constexpr std::array<std::string_view, 4> chains{"union", "intersect", "except", "join"};
constexpr std::array<std::string_view, 8> operators{"not",     "is",       "isnull", "notnull",
                                                    "collate", "operator", "at",     "escape"};
constexpr std::array<std::string_view, 2> separators{"and", "or"};
constexpr std::array<std::string_view, 6> controls{"begin", "start",    "commit",
                                                   "end",   "rollback", "abort"};
constexpr std::array<std::string_view, 3> case_separators{"when", "then", "else"};

} // namespace

bool SqlToken::is(std::string_view word) const noexcept
{
    return kind == Kind::word && iequals(text, word);
}

std::vector<SqlToken> tokenize_sql(std::string_view text)
{
    return Lexer(text).run();
}

std::optional<std::size_t> find_unclosed(std::string_view text)
{
    Lexer lexer(text);
    lexer.run();
    return lexer.unclosed();
}

std::optional<std::string_view> transaction_control(std::string_view statement)
{
    Lexer lexer(statement);
    auto first = lexer.read();
    while (first && first->text == ";") // an empty statement
        first = lexer.read();
    if (!first)
        return std::nullopt;
    auto next = lexer.read();
    if (first->is("prepare"))
        return next && next->is("transaction") ? std::optional(first->text) : std::nullopt;
    if (!is_one_of(*first, controls))
        return std::nullopt;
    if (next && (next->is("work") || next->is("transaction")))
        next = lexer.read();
    if (first->is("rollback") && next && next->is("to"))
        return std::nullopt;
    return first->text;
}

std::size_t nesting_bound(const std::vector<SqlToken>& tokens) noexcept
{
    // Per open bracket: the operators since the last separator, which may nest in each other, and
    // the links of chains of joins and set operations, whose trees lean to the left.
    struct Level {
        bool is_case = false; // which END closes
        std::size_t operators = 0;
        std::size_t links = 0;
        std::size_t betweens = 0; // whose AND is to come, and separates nothing
    };
    std::vector<Level> levels(1);
    std::size_t depth = 0;
    std::size_t deepest = 0;
    std::size_t bodies = 0; // BEGIN ATOMIC, each of which may hold the next
    const auto deepen = [&](std::size_t& counter) {
        ++counter;
        deepest = std::max(deepest, ++depth);
    };
    const auto close = [&] {
        depth -= levels.back().operators + levels.back().links;
        levels.pop_back();
        if (levels.empty())
            levels.emplace_back();
    };
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        const auto& token = tokens[i];
        auto& level = levels.back();
        const bool symbol = token.kind == SqlToken::Kind::symbol;
        if ((symbol && (token.text == "(" || token.text == "[")) || token.is("case")) {
            deepen(level.operators);
            levels.push_back({.is_case = !symbol});
        } else if (symbol && (token.text == ")" || token.text == "]")) {
            while (levels.back().is_case)
                close();
            close();
        } else if (token.is("end")) {
            // Behind a dot it is a column.
            if (level.is_case && tokens[i - 1].text != ".")
                close();
        } else if (token.is("atomic")) {
            ++bodies;
        } else if (symbol && token.text == ";") {
            depth -= level.operators + level.links;
            level.operators = level.links = level.betweens = 0;
        } else if (token.is("between")) {
            ++level.betweens;
            deepen(level.operators);
        } else if (token.is("and") && level.betweens > 0) {
            --level.betweens;
        } else if ((symbol && token.text == ",") || is_one_of(token, separators) ||
                   (level.is_case && is_one_of(token, case_separators))) {
            depth -= level.operators;
            level.operators = 0;
        } else if (is_one_of(token, chains)) {
            deepen(level.links);
        } else if ((symbol && token.text != "." && token.text != ":") ||
                   is_one_of(token, operators)) {
            deepen(level.operators);
        }
    }
    return deepest + bodies;
}

} // namespace nimbus
