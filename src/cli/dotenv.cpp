#include "cli/dotenv.h"

#include "base/text.h"

#include <algorithm>
#include <optional>

namespace nimbus::cli {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_name_character(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
}

/// What `\<c>` stands for between double quotes; nothing where the backslash stays.
std::optional<char> escaped(char c)
{
    switch (c) {
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case '"':
    case '\\':
    case '$':
        return c;
    default:
        return {};
    }
}

class Parser {
public:
    /// `text` has no CRs before LFs.
    explicit Parser(std::string_view text) : rest_(text) {}

    DotenvFile parse()
    {
        DotenvFile file;
        while (!rest_.empty()) {
            try {
                if (auto entry = take_line())
                    file.entries.push_back(*std::move(entry));
            } catch (const DotenvMistake& mistake) {
                file.mistakes.push_back(mistake);
                leave_line();
            }
        }
        return file;
    }

private:
    [[noreturn]] static void fail(std::size_t line, std::string mistake)
    {
        throw DotenvMistake{.line = line, .text = std::move(mistake)};
    }

    /// With its end; nothing of a line without an entry.
    std::optional<DotenvEntry> take_line()
    {
        std::optional<DotenvEntry> entry;
        skip_blanks();
        if (!rest_.empty() && rest_.front() != '\n' && rest_.front() != '#')
            entry = take_entry();
        skip_blanks();
        if (!rest_.empty() && rest_.front() != '\n' && rest_.front() != '#')
            fail(line_, "there is text after the closing quote");
        leave_line();
        return entry;
    }

    char take()
    {
        const char c = rest_.front();
        rest_.remove_prefix(1);
        if (c == '\n')
            ++line_;
        return c;
    }

    void skip_blanks()
    {
        while (!rest_.empty() && is_blank(rest_.front()))
            rest_.remove_prefix(1);
    }

    std::string_view rest_of_line() const { return rest_.substr(0, rest_.find('\n')); }

    void leave_line()
    {
        rest_.remove_prefix(rest_of_line().size());
        if (!rest_.empty())
            take();
    }

    DotenvEntry take_entry()
    {
        DotenvEntry entry{.name = take_name(), .value = {}, .line = line_};
        skip_blanks();
        if (entry.name == "export" && !rest_.starts_with('=')) {
            entry.name = take_name();
            skip_blanks();
        }
        if (!rest_.starts_with('='))
            fail(line_, rest_of_line().contains('=')
                            ? "what stands before the '=' is not a name: a name has letters, "
                              "digits, _ and -, and no blanks"
                            : "there is no '=' after the name");
        take();
        entry.value = take_value();
        return entry;
    }

    std::string take_name()
    {
        const auto end = std::ranges::find_if_not(rest_, is_name_character);
        const std::string name(rest_.begin(), end);
        if (name.empty() || !is_letter(name.front()))
            fail(line_, "the line must begin with a name of letters, digits and _");
        rest_.remove_prefix(name.size());
        return name;
    }

    std::string take_value()
    {
        const auto first = rest_.find_first_not_of(" \t");
        if (first != std::string_view::npos &&
            std::string_view("'\"`").find(rest_[first]) != std::string_view::npos) {
            rest_.remove_prefix(first);
            return take_quoted();
        }
        return take_unquoted();
    }

    /// A `#` begins a comment only after a blank: passwords have some.
    std::string take_unquoted()
    {
        auto value = rest_of_line();
        rest_.remove_prefix(value.size());
        for (std::size_t i = 1; i < value.size(); ++i)
            if (value[i] == '#' && is_blank(value[i - 1]))
                value = value.substr(0, i);
        return std::string(trim(value));
    }

    std::string take_quoted()
    {
        const auto opened_at = line_;
        const char quote = take();
        std::string value;
        while (!rest_.empty()) {
            const char c = take();
            if (c == quote)
                return value;
            const auto meant =
                quote == '"' && c == '\\' && !rest_.empty() ? escaped(rest_.front()) : std::nullopt;
            if (meant)
                take();
            value += meant.value_or(c);
        }
        fail(opened_at, "the quote opened here is not closed");
    }

    std::string_view rest_;
    std::size_t line_ = 1;
};

} // namespace

DotenvFile parse_dotenv(std::string_view text)
{
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    const auto lines = replace_all(std::string(text), "\r\n", "\n");
    return Parser(lines).parse();
}

} // namespace nimbus::cli
