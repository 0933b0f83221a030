#pragma once

#include <cstddef>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Sources of authors as tokens: as much of C++, TypeScript and JavaScript as tells calls, literals
/// and declarations from comments and texts. No parser of theirs is at hand: that of C++ comes with
/// clang, which few authors have, and TypeScript 7 has none with a stable interface.
namespace nimbus::frontends {

enum class SourceLanguage { cpp, script };

/// By the file's name; nothing for a file in neither.
std::optional<SourceLanguage> language_of(const std::filesystem::path& file);

struct SourceToken {
    enum class Kind {
        word,
        number,   ///< also a character of C++
        text,     ///< a literal whose value is known: "text", R"(text)", 'text', `text`
        computed, ///< `text ${value}`
        symbol,   ///< one character
    };

    Kind kind;
    std::size_t offset;
    std::string_view text; ///< as written

    bool is(std::string_view wanted) const noexcept
    {
        return (kind == Kind::word || kind == Kind::symbol) && text == wanted;
    }
    bool is_word() const noexcept { return kind == Kind::word; }
    bool is_text() const noexcept { return kind == Kind::text; }
    std::size_t end() const noexcept { return offset + text.size(); }
};

/// What a literal stands for.
struct LiteralText {
    std::string value;                ///< in UTF-8
    std::vector<std::size_t> offsets; ///< for each byte of it, where it is written in the source

    void append(const LiteralText& other);
};

/// From 1, as editors count: columns are characters.
struct SourcePlace {
    std::size_t line = 1, column = 1;

    bool operator==(const SourcePlace&) const = default;
};

/// Tokens, by their numbers: [begin, end).
struct TokenRange {
    std::size_t begin = 0, end = 0;

    bool is_empty() const noexcept { return begin >= end; }
    std::size_t size() const noexcept { return is_empty() ? 0 : end - begin; }
};

/// `${…}` of a template.
struct Substitution {
    std::size_t begin = 0, end = 0; ///< offsets, of `$` and behind `}`
    TokenRange tokens{};            ///< of the expression
};

/// A source and its tokens, which refer to it.
class SourceFile {
public:
    static constexpr std::size_t none = std::string_view::npos;
    using Range = TokenRange;

    SourceFile(std::filesystem::path path, std::string content, SourceLanguage language);
    SourceFile(const SourceFile&) = delete;
    SourceFile& operator=(const SourceFile&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }
    std::string_view content() const noexcept { return content_; }
    SourceLanguage language() const noexcept { return language_; }
    bool is_cpp() const noexcept { return language_ == SourceLanguage::cpp; }

    std::size_t size() const noexcept { return tokens_.size(); }
    /// Behind the last one: a symbol without text.
    const SourceToken& at(std::size_t index) const noexcept;
    /// Where the bracket at `index` is closed, or opened; `none` when it is not, or no bracket.
    std::size_t partner(std::size_t index) const noexcept;
    /// Where the `<` at `index` is closed, if it begins a list of types; else `none`.
    std::size_t end_of_types(std::size_t index) const noexcept;
    /// Where the bracket is opened that the token is directly in; `none` outside of all.
    std::size_t surrounding(std::size_t index) const noexcept;
    /// Does the token stand in a `${…}`? These come behind all others.
    bool is_substituted(std::size_t index) const noexcept { return index >= outside_; }
    /// The token itself, or the template outside of all `${…}` that it stands in.
    std::size_t anchor(std::size_t index) const noexcept;
    /// Of a template, without those in one another; nothing when one is not read.
    std::optional<std::vector<Substitution>> substitutions(const SourceToken& token) const;
    /// The parts of the range between commas outside of brackets.
    std::vector<Range> list(Range range) const;
    /// The tokens as one text, with a blank between two words.
    std::string text(Range range) const;

    LiteralText literal(const SourceToken& token) const;
    SourcePlace place(std::size_t offset) const noexcept;

private:
    std::filesystem::path path_;
    std::string content_;
    SourceLanguage language_;
    std::vector<SourceToken> tokens_;
    std::size_t outside_ = 0;
    std::vector<Substitution> substitutions_;
    std::vector<std::size_t> partners_;
};

/// Sources refer to themselves and stay where they are.
using Sources = std::deque<SourceFile>;

} // namespace nimbus::frontends
