#include "local/dsql/sql_tokens.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace nimbus::local::dsql {
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

bool is_word_part(char c) noexcept
{
    return is_word_start(c) || is_digit(c) || c == '$';
}

bool is_operator(char c) noexcept
{
    return std::string_view("+-*/<>=~!@#%^&|`?").find(c) != std::string_view::npos;
}

class Lexer {
public:
    explicit Lexer(std::string_view text) noexcept : text_(text) {}

    std::vector<Token> run()
    {
        std::vector<Token> tokens;
        for (skip_blanks(); position_ < text_.size(); skip_blanks()) {
            const auto start = position_;
            const auto kind = next();
            tokens.push_back({kind, start, text_.substr(start, position_ - start)});
        }
        return tokens;
    }

private:
    char at(std::size_t position) const noexcept
    {
        return position < text_.size() ? text_[position] : '\0';
    }

    void skip_blanks() noexcept
    {
        for (;;) {
            const char c = at(position_);
            if (position_ < text_.size() && std::string_view(" \t\n\r\f\v").contains(c))
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
        position_ = text_.size();
    }

    Token::Kind next() noexcept
    {
        const char c = at(position_);
        if (is_word_start(c))
            return word();
        if (c == '\'') {
            skip_quoted('\'', false);
            return Token::Kind::string;
        }
        if (c == '"') {
            skip_quoted('"', false);
            return Token::Kind::quoted;
        }
        if (c == '$')
            return dollar();
        if (is_digit(c) || (c == '.' && is_digit(at(position_ + 1)))) {
            number();
            return Token::Kind::number;
        }
        if (c == ':' && at(position_ + 1) == ':') {
            position_ += 2;
            return Token::Kind::symbol;
        }
        if (is_operator(c)) {
            skip_operator();
            return Token::Kind::symbol;
        }
        ++position_;
        return Token::Kind::symbol;
    }

    Token::Kind word() noexcept
    {
        const char c = ascii_lower(at(position_));
        const char follows = at(position_ + 1);
        if (follows == '\'' && (c == 'e' || c == 'b' || c == 'x' || c == 'n')) {
            ++position_;
            skip_quoted('\'', c == 'e');
            return Token::Kind::string;
        }
        if (c == 'u' && follows == '&' && (at(position_ + 2) == '\'' || at(position_ + 2) == '"')) {
            const char quote = at(position_ + 2);
            position_ += 2;
            skip_quoted(quote, false);
            return quote == '"' ? Token::Kind::quoted : Token::Kind::string;
        }
        while (position_ < text_.size() && is_word_part(text_[position_]))
            ++position_;
        return Token::Kind::word;
    }

    /// From the opening quote to behind the closing one; doubled quotes are part of the text.
    void skip_quoted(char quote, bool backslash) noexcept
    {
        for (++position_; position_ < text_.size(); ++position_) {
            if (backslash && text_[position_] == '\\') {
                ++position_;
            } else if (text_[position_] == quote) {
                ++position_;
                if (at(position_) != quote)
                    return;
            }
        }
        position_ = text_.size();
    }

    Token::Kind dollar() noexcept
    {
        auto end = position_ + 1;
        if (is_digit(at(end))) {
            while (is_digit(at(end)))
                ++end;
            position_ = end;
            return Token::Kind::number;
        }
        while (is_word_start(at(end)) || is_digit(at(end)))
            ++end;
        if (at(end) != '$') {
            ++position_;
            return Token::Kind::symbol;
        }
        const auto tag = text_.substr(position_, end + 1 - position_);
        const auto closing = text_.find(tag, end + 1);
        position_ = closing == std::string_view::npos ? text_.size() : closing + tag.size();
        return Token::Kind::string;
    }

    void number() noexcept
    {
        while (is_digit(at(position_)) || at(position_) == '.')
            ++position_;
        if (ascii_lower(at(position_)) == 'e' &&
            (is_digit(at(position_ + 1)) ||
             ((at(position_ + 1) == '-' || at(position_ + 1) == '+') &&
              is_digit(at(position_ + 2))))) {
            position_ += 2;
            while (is_digit(at(position_)))
                ++position_;
        }
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

    std::string_view text_;
    std::size_t position_ = 0;
};

template <std::size_t N>
bool is_one_of(const Token& token, const std::array<std::string_view, N>& words) noexcept
{
    return token.kind == Token::Kind::word &&
           std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

constexpr std::array<std::string_view, 4> chains{"union", "intersect", "except", "join"};
constexpr std::array<std::string_view, 8> operators{"not",     "is",       "isnull", "notnull",
                                                    "collate", "operator", "at",     "escape"};
constexpr std::array<std::string_view, 2> separators{"and", "or"};

} // namespace

bool Token::is(std::string_view word) const noexcept
{
    return kind == Kind::word && iequals(text, word);
}

std::vector<Token> tokenize(std::string_view text)
{
    return Lexer(text).run();
}

std::size_t nesting_bound(const std::vector<Token>& tokens) noexcept
{
    // Per open bracket: the operators since the last separator, which may nest in each other, and
    // the links of chains of joins and set operations, whose trees lean to the left.
    struct Level {
        bool is_case = false; // which END closes; END may also be a column's name
        std::size_t operators = 0;
        std::size_t links = 0;
    };
    std::vector<Level> levels(1);
    std::size_t depth = 0;
    std::size_t deepest = 0;
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
    for (const auto& token : tokens) {
        auto& level = levels.back();
        const bool symbol = token.kind == Token::Kind::symbol;
        if ((symbol && (token.text == "(" || token.text == "[")) || token.is("case")) {
            deepen(level.operators);
            levels.push_back({.is_case = !symbol});
        } else if (symbol && (token.text == ")" || token.text == "]")) {
            while (levels.back().is_case)
                close();
            close();
        } else if (token.is("end")) {
            if (level.is_case)
                close();
        } else if (symbol && token.text == ";") {
            depth -= level.operators + level.links;
            level.operators = level.links = 0;
        } else if ((symbol && token.text == ",") || is_one_of(token, separators)) {
            depth -= level.operators;
            level.operators = 0;
        } else if (is_one_of(token, chains)) {
            deepen(level.links);
        } else if ((symbol && token.text != "." && token.text != ":") ||
                   is_one_of(token, operators)) {
            deepen(level.operators);
        }
    }
    return deepest;
}

} // namespace nimbus::local::dsql
