#include "local/dsql/statement_shape.h"

#include "base/encoding.h"

namespace nimbus::local::dsql {
namespace {

/// Control characters, which no text that has a shape holds.
constexpr char string_placeholder = '\x01';
constexpr char number_placeholder = '\x02';

bool is_digit(char c) noexcept
{
    return c >= '0' && c <= '9';
}

bool is_word_start(char c) noexcept
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_word_part(char c) noexcept
{
    return is_word_start(c) || is_digit(c) || c == '$';
}

class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) { shape_.reserve(text.size()); }

    std::optional<std::string> run()
    {
        while (position_ < text_.size())
            if (!take())
                return std::nullopt;
        return std::move(shape_);
    }

private:
    char at(std::size_t position) const noexcept
    {
        return position < text_.size() ? text_[position] : '\0';
    }

    /// One token or less. False when the text has no shape.
    bool take()
    {
        const char c = at(position_);
        if (is_word_start(c))
            return take_word();
        if (is_digit(c))
            return take_number();
        switch (c) {
        case '\'':
            return take_quoted(c, string_placeholder);
        case '"':
            return take_quoted(c, std::nullopt);
        case '$':
            return take_parameter();
        case '-':
        case '/':
            return at(position_ + 1) != (c == '-' ? '-' : '*') && take_symbol();
        case ' ':
        case '\t':
        case '\n':
        case '\r':
            shape_ += c;
            ++position_;
            return true;
        default:
            return c > ' ' && c < '\x7f' && c != '\\' && take_symbol();
        }
    }

    bool take_symbol()
    {
        shape_ += text_[position_++];
        return true;
    }

    bool take_word()
    {
        const auto begin = position_;
        while (is_word_part(at(position_)))
            ++position_;
        shape_ += text_.substr(begin, position_ - begin);
        // E'text' and its kind; letters of other scripts go on with the word.
        const char next = at(position_);
        return next != '\'' && (static_cast<unsigned char>(next) < 0x80);
    }

    bool take_number()
    {
        if (position_ > 0 && at(position_ - 1) == '.')
            return false;
        skip_digits();
        if (at(position_) == '.' && is_digit(at(position_ + 1))) {
            ++position_;
            skip_digits();
        }
        shape_ += number_placeholder;
        const char next = at(position_);
        return next != '.' && next != '\'' && !is_word_part(next) &&
               static_cast<unsigned char>(next) < 0x80;
    }

    /// $1 stays as it is.
    bool take_parameter()
    {
        const auto begin = position_++;
        if (!is_digit(at(position_)))
            return false;
        skip_digits();
        shape_ += text_.substr(begin, position_ - begin);
        return !is_word_part(at(position_)) && at(position_) != '\'';
    }

    void skip_digits() noexcept
    {
        while (is_digit(at(position_)))
            ++position_;
    }

    /// A constant, or an identifier, which stays as it is. U& would give it another meaning.
    bool take_quoted(char quote, std::optional<char> placeholder)
    {
        if (position_ > 0 && at(position_ - 1) == '&')
            return false;
        const auto begin = position_++;
        for (;;) {
            const auto length = utf8_character_length(text_.substr(position_));
            const char c = at(position_);
            if (length == 0 || c == '\\' || (c >= 0 && c < ' '))
                return false; // the text's end, too
            position_ += length;
            if (c != quote)
                continue;
            if (at(position_) != quote)
                break;
            ++position_;
        }
        if (placeholder)
            shape_ += *placeholder;
        else
            shape_ += text_.substr(begin, position_ - begin);
        return true;
    }

    std::string_view text_;
    std::size_t position_ = 0;
    std::string shape_;
};

} // namespace

std::optional<std::string> statement_shape(std::string_view text)
{
    return Scanner(text).run();
}

} // namespace nimbus::local::dsql
