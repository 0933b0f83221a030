#include "frontends/source_lexer.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

namespace nimbus::frontends {
namespace {

using Kind = SourceToken::Kind;

constexpr auto none = std::string_view::npos;
/// Of `${…}` in one another: what is deeper belongs to the text around it.
constexpr int deepest_substitution = 50;

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

bool is_blank(char c) noexcept
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

bool is_word_part(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

class Lexer {
public:
    Lexer(std::string_view source, SourceLanguage language)
        : source_(source), is_cpp_(language == SourceLanguage::cpp)
    {
    }

    LexedSource lexed()
    {
        LexedSource lexed;
        auto& tokens = lexed.tokens;
        if (source_.starts_with("#!"))
            at_ = std::min(source_.find('\n'), source_.size());
        read_until(tokens, false);
        lexed.outside = tokens.size();
        tokens.insert(tokens.end(), substituted_.begin(), substituted_.end());
        for (auto& each : substitutions_) {
            each.tokens.begin += lexed.outside;
            each.tokens.end += lexed.outside;
        }
        std::ranges::sort(substitutions_, {}, &Substitution::begin);
        lexed.substitutions = std::move(substitutions_);
        return lexed;
    }

private:
    bool has(std::string_view text) const noexcept { return source_.substr(at_).starts_with(text); }
    char next(std::size_t ahead = 0) const noexcept
    {
        return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
    }

    /// To the end, or to the `}` that ends a substitution.
    void read_until(std::vector<SourceToken>& tokens, bool in_substitution)
    {
        std::size_t depth = 0;
        while (at_ < source_.size()) {
            if (skip_no_code())
                continue;
            const char c = next();
            if (in_substitution && c == '}' && depth-- == 0) {
                ++at_;
                return;
            }
            depth += c == '{' ? 1 : 0;
            read_token(tokens);
        }
    }

    bool skip_no_code()
    {
        const auto begin = at_;
        if (is_blank(next()))
            ++at_;
        else if (has("//"))
            skip_line();
        else if (has("/*")) {
            const auto end = source_.find("*/", at_ + 2);
            at_ = end == none ? source_.size() : end + 2;
        } else if (is_cpp_ && next() == '#' && begins_line())
            skip_directive();
        return at_ != begin;
    }

    bool begins_line() const noexcept
    {
        auto before = at_;
        while (before > 0 && (source_[before - 1] == ' ' || source_[before - 1] == '\t'))
            --before;
        return before == 0 || source_[before - 1] == '\n';
    }

    /// In C++, a backslash at its end makes the next line a part of it.
    void skip_line()
    {
        for (;;) {
            const auto end = source_.find('\n', at_);
            if (end == none) {
                at_ = source_.size();
                return;
            }
            const auto line = source_.substr(at_, end - at_);
            at_ = end + 1;
            if (!is_cpp_ || !trim_right(line).ends_with('\\'))
                return;
        }
    }

    static std::string_view trim_right(std::string_view line)
    {
        return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
    }

    /// The word of the directive at the place, "if" of "#  if 0", and what follows it.
    std::pair<std::string_view, std::string_view> directive() const
    {
        auto line = source_.substr(at_ + 1);
        line = trim(line.substr(0, std::min(line.find('\n'), line.size())));
        const auto end = std::ranges::find_if_not(line, is_word_part) - line.begin();
        const auto length = static_cast<std::size_t>(end);
        return {line.substr(0, length), trim(line.substr(length))};
    }

    void skip_directive()
    {
        const auto [word, rest] = directive();
        const bool is_switched_off = word == "if" && (rest == "0" || rest == "false");
        skip_line();
        if (is_switched_off)
            skip_branch();
    }

    /// To the branch that `#if 0` has otherwise, or to its end.
    void skip_branch()
    {
        for (int depth = 0; at_ < source_.size();) {
            const auto blanks = source_.find_first_not_of(" \t", at_);
            at_ = blanks == none ? source_.size() : blanks;
            if (next() == '#') {
                const auto word = directive().first;
                if (word.starts_with("if"))
                    ++depth;
                else if (depth == 0 && (word == "else" || word == "elif" || word == "endif")) {
                    skip_line();
                    return;
                } else if (word == "endif")
                    --depth;
            }
            skip_line();
        }
    }

    void read_token(std::vector<SourceToken>& tokens)
    {
        const auto begin = at_;
        auto kind = Kind::symbol;
        if (is_cpp_ ? take_cpp_text() : take_string())
            kind = Kind::text;
        else if (!is_cpp_ && next() == '`')
            kind = take_template() ? Kind::text : Kind::computed;
        else if (is_cpp_ && next() == '\'') {
            take_quoted('\'');
            kind = Kind::number;
        } else if (is_digit(next())) {
            take_number();
            kind = Kind::number;
        } else if (is_word_part(next())) {
            while (at_ < source_.size() && is_word_part(next()))
                ++at_;
            kind = Kind::word;
        } else if (!is_cpp_ && next() == '/' && may_be_expression(tokens) &&
                   take_regular_expression())
            return;
        else
            ++at_;
        tokens.push_back({kind, begin, source_.substr(begin, at_ - begin)});
    }

    void take_number()
    {
        while (at_ < source_.size()) {
            const bool is_separator = is_cpp_ && next() == '\'' && is_word_part(next(1));
            const bool is_exponents = (next() == '+' || next() == '-') &&
                                      (source_[at_ - 1] == 'e' || source_[at_ - 1] == 'E');
            if (!is_word_part(next()) && next() != '.' && !is_separator && !is_exponents)
                return;
            ++at_;
        }
    }

    /// Behind the quote that closes it, or before the end of the line, where nothing does.
    void take_quoted(char quote)
    {
        for (++at_; at_ < source_.size(); ++at_) {
            if (next() == '\\') {
                at_ += has("\\\r\n") ? 2 : 1;
                continue;
            }
            if (next() == '\n')
                return;
            if (next() == quote) {
                ++at_;
                return;
            }
        }
        at_ = source_.size();
    }

    bool take_string()
    {
        if (next() != '"' && next() != '\'')
            return false;
        take_quoted(next());
        return true;
    }

    /// With its prefix.
    bool take_cpp_text()
    {
        for (const std::string_view prefix : {"", "u8", "u", "U", "L"}) {
            if (!has(prefix))
                continue;
            if (next(prefix.size()) == '"') {
                at_ += prefix.size();
                take_quoted('"');
                return true;
            }
            if (next(prefix.size()) == 'R' && next(prefix.size() + 1) == '"') {
                at_ += prefix.size() + 2;
                take_raw();
                return true;
            }
        }
        return false;
    }

    void take_raw()
    {
        const auto open = source_.find('(', at_);
        if (open == none) {
            at_ = source_.size();
            return;
        }
        const auto end =
            ')' + std::string(source_.substr(at_, std::min<std::size_t>(open - at_, 16))) + '"';
        const auto close = source_.find(end, open);
        at_ = close == none ? source_.size() : close + end.size();
    }

    /// True for one without substitutions.
    bool take_template()
    {
        bool is_constant = true;
        for (++at_; at_ < source_.size();) {
            if (next() == '\\')
                at_ = std::min(at_ + 2, source_.size());
            else if (next() == '`') {
                ++at_;
                return is_constant;
            } else if (has("${")) {
                is_constant = false;
                at_ += 2;
                if (depth_ < deepest_substitution)
                    take_substitution();
            } else
                ++at_;
        }
        return is_constant;
    }

    void take_substitution()
    {
        const auto begin = at_ - 2;
        ++depth_;
        std::vector<SourceToken> inner;
        read_until(inner, true);
        --depth_;
        substituted_.push_back({Kind::symbol, at_, ";"});
        const auto first = substituted_.size();
        substituted_.insert(substituted_.end(), inner.begin(), inner.end());
        substitutions_.push_back(
            {.begin = begin, .end = at_, .tokens = {first, substituted_.size()}});
    }

    /// Else a `/` divides (ECMAScript, "Lexical Grammar": by what is before it).
    static bool may_be_expression(const std::vector<SourceToken>& before)
    {
        if (before.empty())
            return true;
        const auto& last = before.back();
        constexpr std::array<std::string_view, 10> operators{
            "return", "typeof", "case", "in", "of", "do", "else", "await", "void", "yield"};
        if (last.is_word())
            return std::ranges::find(operators, last.text) != operators.end();
        return last.kind == Kind::symbol && !last.is(")") && !last.is("]") && !last.is("}");
    }

    bool take_regular_expression()
    {
        bool in_class = false;
        for (auto end = at_ + 1; end < source_.size() && source_[end] != '\n'; ++end) {
            const char c = source_[end];
            if (c == '\\')
                ++end;
            else if (c == '[' || c == ']')
                in_class = c == '[';
            else if (c == '/' && !in_class) {
                at_ = end + 1;
                while (at_ < source_.size() && is_word_part(next()))
                    ++at_;
                return true;
            }
        }
        return false;
    }

    std::string_view source_;
    bool is_cpp_;
    std::size_t at_ = 0;
    int depth_ = 0;
    std::vector<SourceToken> substituted_;
    std::vector<Substitution> substitutions_; ///< their tokens are those of `substituted_`
};

void append_utf8(std::string& to, std::uint32_t code)
{
    if (code < 0x80) {
        to += static_cast<char>(code);
        return;
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        code = 0xFFFD;
    if (code >= 0x10000) {
        to += static_cast<char>(0xF0 | (code >> 18));
        to += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    } else if (code >= 0x800)
        to += static_cast<char>(0xE0 | (code >> 12));
    else {
        to += static_cast<char>(0xC0 | (code >> 6));
        to += static_cast<char>(0x80 | (code & 0x3F));
        return;
    }
    to += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    to += static_cast<char>(0x80 | (code & 0x3F));
}

/// Escapes of a literal; `body` is what is between its quotes.
class Unescaper {
public:
    Unescaper(std::string_view body, std::size_t offset, bool is_cpp)
        : body_(body), offset_(offset), is_cpp_(is_cpp)
    {
    }

    LiteralText text()
    {
        while (at_ < body_.size()) {
            const auto begin = at_;
            if (body_[at_] == '\\')
                take_escape();
            else if (!is_cpp_ && body_.substr(at_).starts_with("\r\n"))
                ++at_; // ends of lines in templates are \n
            else
                result_.value += body_[at_++];
            result_.offsets.resize(result_.value.size(), offset_ + begin);
        }
        return std::move(result_);
    }

private:
    std::uint32_t number(int base, std::size_t most)
    {
        std::uint32_t value = 0;
        for (std::size_t count = 0; count < most && at_ < body_.size(); ++count, ++at_) {
            const char c = ascii_lower(body_[at_]);
            const int digit = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : base;
            if (digit >= base)
                break;
            value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit);
        }
        return value;
    }

    std::uint32_t code_point(std::size_t digits)
    {
        if (body_.substr(at_).starts_with('{')) {
            ++at_;
            const auto value = number(16, 6);
            if (body_.substr(at_).starts_with('}'))
                ++at_;
            return value;
        }
        const auto value = number(16, digits);
        const bool is_first_half = value >= 0xD800 && value < 0xDC00;
        if (!is_first_half || !body_.substr(at_).starts_with("\\u"))
            return value;
        at_ += 2;
        const auto second = number(16, 4);
        return 0x10000 + ((value - 0xD800) << 10) + (second - 0xDC00);
    }

    void take_escape()
    {
        ++at_;
        if (at_ == body_.size())
            return;
        const char c = body_[at_++];
        constexpr std::string_view names = "nrtbfva", values = "\n\r\t\b\f\v\a";
        if (const auto known = names.find(c); known != none && (c != 'a' || is_cpp_))
            result_.value += values[known];
        else if (c == 'x')
            append_byte(number(16, 2));
        else if (c == 'u' || (c == 'U' && is_cpp_))
            append_utf8(result_.value, code_point(c == 'u' ? 4 : 8));
        else if (c >= '0' && c <= '7') {
            --at_;
            append_byte(number(8, 3));
        } else if (c == '\r' && body_.substr(at_).starts_with('\n'))
            ++at_;
        else if (c != '\n')
            result_.value += c;
    }

    /// A byte in C++, a character in JavaScript.
    void append_byte(std::uint32_t value)
    {
        if (is_cpp_)
            result_.value += static_cast<char>(value);
        else
            append_utf8(result_.value, value);
    }

    std::string_view body_;
    std::size_t offset_;
    bool is_cpp_;
    std::size_t at_ = 0;
    LiteralText result_;
};

LiteralText as_written(std::string_view body, std::size_t offset)
{
    LiteralText literal{.value = std::string(body), .offsets = {}};
    for (std::size_t i = 0; i < body.size(); ++i)
        literal.offsets.push_back(offset + i);
    return literal;
}

} // namespace

LexedSource tokenize_source(std::string_view source, SourceLanguage language)
{
    return Lexer(source, language).lexed();
}

LiteralText template_part(std::string_view written, std::size_t offset)
{
    return Unescaper(written, offset, false).text();
}

LiteralText literal_text(const SourceToken& token, SourceLanguage language)
{
    const auto quote = token.text.find_first_of("\"'`");
    if (token.kind != Kind::text || quote == none)
        return {};
    const bool is_cpp = language == SourceLanguage::cpp;
    const char mark = token.text[quote];
    auto begin = quote + 1;
    if (is_cpp && quote > 0 && token.text[quote - 1] == 'R') {
        const auto open = token.text.find('(', begin);
        if (open == none)
            return {};
        begin = open + 1;
        auto end = token.text.rfind(')');
        if (end == none || end < begin || !token.text.ends_with('"'))
            end = token.text.size();
        return as_written(token.text.substr(begin, end - begin), token.offset + begin);
    }
    const bool is_closed = token.text.size() > begin && token.text.ends_with(mark);
    const auto end = token.text.size() - (is_closed ? 1 : 0);
    return Unescaper(token.text.substr(begin, end - begin), token.offset + begin, is_cpp).text();
}

} // namespace nimbus::frontends
