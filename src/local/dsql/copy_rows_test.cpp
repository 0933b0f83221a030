#include "local/dsql/copy_rows.h"

#include <gtest/gtest.h>

#include <string>

namespace nimbus::local::dsql {
namespace {

using Kind = CopyFormat::Kind;
using namespace std::string_literals;

/// The rows in the whole, which are the same in parts of one byte.
std::uint64_t rows(const CopyFormat& format, std::string_view bytes)
{
    const auto whole = CopyRows(format).add(bytes);
    CopyRows in_parts(format);
    std::uint64_t sum = 0;
    for (const char& byte : bytes)
        sum += in_parts.add({&byte, 1});
    EXPECT_EQ(sum, whole);
    return whole;
}

TEST(CopyRows, TextHasARowALineHoweverLinesEnd)
{
    EXPECT_EQ(rows({}, ""), 0U);
    EXPECT_EQ(rows({}, "a\nb\nc\n"), 3U);
    EXPECT_EQ(rows({}, "a\rb\rc"), 3U);
    EXPECT_EQ(rows({}, "a\r\nb\r\n"), 2U);
    EXPECT_EQ(rows({}, "\n\n"), 2U) << "empty lines are rows of one empty column";
    EXPECT_EQ(rows({}, "a\\\nb\\nc\n"), 1U) << "an escaped line feed ends nothing";
    EXPECT_EQ(rows({}, "\\N\tx\n\\N\ty\n"), 2U);
    EXPECT_EQ(rows({}, "a\n\\.\nb\n"), 1U) << "nothing follows the end of the data";
    EXPECT_EQ(rows({.has_header = true}, "name\na\nb\n"), 2U);
}

TEST(CopyRows, CsvHasLineEndsWithinQuotes)
{
    const CopyFormat csv{.kind = Kind::csv};
    EXPECT_EQ(rows(csv, "a,b\r\"c\n\rd\",e\rf\r"), 3U);
    EXPECT_EQ(rows(csv, "\"a\"\"\nb\"\nc"), 2U);
    EXPECT_EQ(rows(csv, "\\.x\na\n"), 2U) << "a backslash is a character like others";
    EXPECT_EQ(rows({.kind = Kind::csv, .has_header = true}, "\"na\nme\"\na\n"), 1U);
    EXPECT_EQ(rows({.kind = Kind::csv, .quote = '\'', .escape = '\\'}, "'a\\'\nb'\n\"c\nd\n"), 3U);
}

TEST(CopyRows, TheBinaryFormHasItsOwnCounts)
{
    const auto header = "PGCOPY\n\xff\r\n\0"s + "\0\0\0\0"s + "\0\0\0\3ext"s;
    const auto row = "\0\2\0\0\0\3a\nb\xff\xff\xff\xff"s;
    const auto empty = "\0\0"s;
    const auto end = "\xff\xff"s;
    EXPECT_EQ(rows({.kind = Kind::binary}, header + end), 0U);
    EXPECT_EQ(rows({.kind = Kind::binary}, header + row + row + empty + end), 3U);
    EXPECT_EQ(rows({.kind = Kind::binary}, header + row + end + row), 1U);
}

} // namespace
} // namespace nimbus::local::dsql
