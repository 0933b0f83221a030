#include "frontends/source_lexer.h"

#include <gtest/gtest.h>

namespace nimbus::frontends {
namespace {

using Language = SourceLanguage;

std::vector<std::string> words(std::string_view source, Language language)
{
    std::vector<std::string> words;
    for (const auto& token : tokenize_source(source, language).tokens)
        words.emplace_back(token.text);
    return words;
}

LiteralText only_literal(std::string_view source, Language language)
{
    const auto tokens = tokenize_source(source, language).tokens;
    EXPECT_EQ(tokens.size(), 1U) << source;
    return tokens.empty() ? LiteralText() : literal_text(tokens[0], language);
}

std::string value(std::string_view source, Language language)
{
    return only_literal(source, language).value;
}

using Words = std::vector<std::string>;

TEST(SourceLexer, LeavesOutCommentsAndDirectives)
{
    EXPECT_EQ(words("a // b\n/* c\n */ d", Language::cpp), (Words{"a", "d"}));
    EXPECT_EQ(words("a // b \\\n still\nc", Language::cpp), (Words{"a", "c"}));
    EXPECT_EQ(words("#include <x>\n  # define A \\\n b\nc", Language::cpp), (Words{"c"}));
    EXPECT_EQ(words("#!/usr/bin/env node\na // b\n/* c */ d", Language::script), (Words{"a", "d"}));
}

TEST(SourceLexer, LeavesOutWhatIsSwitchedOff)
{
    EXPECT_EQ(words("#if 0\na\n#ifdef B\nb\n#else\nc\n#endif\n#else\nd\n#endif\ne", Language::cpp),
              (Words{"d", "e"}));
    EXPECT_EQ(words("#if DEBUG\na\n#else\nb\n#endif", Language::cpp), (Words{"a", "b"}))
        << "either may be compiled";
}

TEST(SourceLexer, ReadsTextsOfCpp)
{
    EXPECT_EQ(value(R"("a\tb\"\x41\u00e4\101")", Language::cpp), "a\tb\"A\u00e4A");
    EXPECT_EQ(value("R\"sql(a\n\\n)\" b)sql\"", Language::cpp), "a\n\\n)\" b");
    EXPECT_EQ(value(R"(u8"x")", Language::cpp), "x");
    EXPECT_EQ(words("f('\"', 1'000, L\"x\")", Language::cpp),
              (Words{"f", "(", "'\"'", ",", "1'000", ",", "L\"x\"", ")"}));
}

TEST(SourceLexer, ReadsTextsOfScripts)
{
    EXPECT_EQ(value(R"('it\'s \u{1F600}\uD83D\uDE00')", Language::script),
              "it's \U0001F600\U0001F600");
    EXPECT_EQ(value("`a\r\n'b'`", Language::script), "a\n'b'");
    EXPECT_EQ(value("'a\\\nb'", Language::script), "ab");
    const auto tokens =
        tokenize_source("f(`a ${g(`b ${c}`, { d: '}' })} e`, h)", Language::script).tokens;
    EXPECT_EQ(tokens[2].kind, SourceToken::Kind::computed);
    EXPECT_EQ(tokens[2].text, "`a ${g(`b ${c}`, { d: '}' })} e`");
    EXPECT_EQ(tokens[4].text, "h");
    EXPECT_EQ(tokens.back().text, ")") << "what is substituted comes last";
}

TEST(SourceLexer, TellsRegularExpressionsFromDivisions)
{
    EXPECT_EQ(words("a = /['\"]/g.test(b) / c / 'd'", Language::script),
              (Words{"a", "=", ".", "test", "(", "b", ")", "/", "c", "/", "'d'"}));
    EXPECT_EQ(words("return /'/", Language::script), (Words{"return"}));
}

TEST(SourceLexer, SaysWhereEachByteIsWritten)
{
    const auto literal = only_literal(R"(  "a\nb")", Language::cpp);
    EXPECT_EQ(literal.offsets, (std::vector<std::size_t>{3, 4, 6}));
    EXPECT_EQ(only_literal("R\"(x\ny)\"", Language::cpp).offsets,
              (std::vector<std::size_t>{3, 4, 5}));
}

TEST(SourceLexer, EndsWithTheSource)
{
    for (const auto* source :
         {"\"a", "R\"x(a", "`a ${", "/* a", "'a\\", "`${`${`", "#if 0", "R\"", "/[", "\"\\"})
        for (const auto language : {Language::cpp, Language::script})
            for (const auto& token : tokenize_source(source, language).tokens)
                literal_text(token, language);
}

} // namespace
} // namespace nimbus::frontends
