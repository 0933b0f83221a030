#include "frontends/source_file.h"

#include "base/text.h"
#include "frontends/authors_files.h"
#include "frontends/source_lexer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nimbus::frontends {
namespace {

/// A list of types that is longer is none: then `<` compares.
constexpr std::size_t longest_list_of_types = 400;

bool opens(const SourceToken& token) noexcept
{
    return token.is("(") || token.is("[") || token.is("{");
}

bool closes(const SourceToken& token) noexcept
{
    return token.is(")") || token.is("]") || token.is("}");
}

bool are_a_pair(const SourceToken& open, const SourceToken& close) noexcept
{
    return (open.is("(") && close.is(")")) || (open.is("[") && close.is("]")) ||
           (open.is("{") && close.is("}"));
}

std::vector<std::size_t> partners_of(const std::vector<SourceToken>& tokens)
{
    std::vector<std::size_t> partners(tokens.size(), SourceFile::none), open;
    for (std::size_t index = 0; index < tokens.size(); ++index) {
        if (opens(tokens[index]))
            open.push_back(index);
        if (!closes(tokens[index]) || open.empty())
            continue;
        if (are_a_pair(tokens[open.back()], tokens[index])) {
            partners[open.back()] = index;
            partners[index] = open.back();
        }
        open.pop_back();
    }
    return partners;
}

} // namespace

std::optional<SourceLanguage> language_of(const std::filesystem::path& file)
{
    if (is_script(file))
        return SourceLanguage::script;
    constexpr std::array<std::string_view, 10> extensions{".cpp", ".cc",  ".cxx", ".c++", ".hpp",
                                                          ".hh",  ".hxx", ".h",   ".ipp", ".inl"};
    if (std::ranges::find(extensions, file.extension().string()) != extensions.end())
        return SourceLanguage::cpp;
    return {};
}

void LiteralText::append(const LiteralText& other)
{
    value += other.value;
    offsets.insert(offsets.end(), other.offsets.begin(), other.offsets.end());
}

SourceFile::SourceFile(std::filesystem::path path, std::string content, SourceLanguage language)
    : path_(std::move(path)), content_(std::move(content)), language_(language)
{
    auto lexed = tokenize_source(content_, language);
    tokens_ = std::move(lexed.tokens);
    outside_ = lexed.outside;
    substitutions_ = std::move(lexed.substitutions);
    partners_ = partners_of(tokens_);
}

const SourceToken& SourceFile::at(std::size_t index) const noexcept
{
    static constexpr SourceToken end{SourceToken::Kind::symbol, 0, ""};
    return index < tokens_.size() ? tokens_[index] : end;
}

std::size_t SourceFile::partner(std::size_t index) const noexcept
{
    return index < partners_.size() ? partners_[index] : none;
}

std::size_t SourceFile::end_of_types(std::size_t index) const noexcept
{
    std::size_t depth = 0;
    for (auto i = index; i < size() && i < index + longest_list_of_types; ++i) {
        const auto& token = tokens_[i];
        if (opens(token)) {
            if (partners_[i] == none)
                return none;
            i = partners_[i];
        } else if (token.is("<"))
            ++depth;
        else if (token.is(">")) {
            const bool is_arrow =
                i > 0 && tokens_[i - 1].is("=") && tokens_[i - 1].end() == token.offset;
            if (!is_arrow && --depth == 0)
                return i;
        } else if (token.is(";") || closes(token))
            return none;
    }
    return none;
}

std::size_t SourceFile::surrounding(std::size_t index) const noexcept
{
    while (index-- > 0) {
        const auto other = partner(index);
        if (other == none)
            continue;
        if (other > index)
            return index;
        index = other;
    }
    return none;
}

std::size_t SourceFile::anchor(std::size_t index) const noexcept
{
    if (!is_substituted(index))
        return index;
    const auto end = tokens_.begin() + static_cast<std::ptrdiff_t>(outside_);
    const auto behind =
        std::ranges::upper_bound(tokens_.begin(), end, at(index).offset, {}, &SourceToken::offset);
    return behind == tokens_.begin() ? 0 : static_cast<std::size_t>(behind - tokens_.begin()) - 1;
}

std::optional<std::vector<Substitution>> SourceFile::substitutions(const SourceToken& token) const
{
    std::vector<Substitution> found;
    auto each = std::ranges::lower_bound(substitutions_, token.offset, {}, &Substitution::begin);
    for (auto at = token.offset; each != substitutions_.end() && each->begin < token.end(); ++each)
        if (each->begin >= at) {
            at = each->end;
            found.push_back(*each);
        }
    const bool is_whole = !found.empty() || token.kind != SourceToken::Kind::computed;
    return is_whole ? std::optional(std::move(found)) : std::nullopt;
}

std::vector<SourceFile::Range> SourceFile::list(Range range) const
{
    std::vector<Range> parts;
    auto begin = range.begin;
    for (auto i = range.begin; i < range.end; ++i) {
        if (opens(at(i)) && partner(i) != none && partner(i) < range.end)
            i = partner(i);
        else if (at(i).is("<") && i > range.begin && at(i - 1).is_word()) {
            if (const auto end = end_of_types(i); end != none && end < range.end)
                i = end;
        } else if (at(i).is(",")) {
            parts.push_back({begin, i});
            begin = i + 1;
        }
    }
    if (begin < range.end)
        parts.push_back({begin, range.end});
    return parts;
}

std::string SourceFile::text(Range range) const
{
    std::string text;
    for (auto i = range.begin; i < range.end; ++i) {
        if (i > range.begin && at(i).is_word() && at(i - 1).is_word())
            text += ' ';
        text += at(i).text;
    }
    return text;
}

LiteralText SourceFile::literal(const SourceToken& token) const
{
    return literal_text(token, language_);
}

SourcePlace SourceFile::place(std::size_t offset) const noexcept
{
    const auto before = content().substr(0, std::min(offset, content_.size()));
    const auto line_begin = before.rfind('\n') + 1; // npos + 1 is 0
    const auto starts_character = [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    };
    return {.line = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n')),
            .column = 1 + static_cast<std::size_t>(
                              std::ranges::count_if(before.substr(line_begin), starts_character))};
}

} // namespace nimbus::frontends
