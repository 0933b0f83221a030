#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace nimbus::local::dsql {

/// What a COPY … FROM STDIN says of the bytes that follow it.
struct CopyFormat {
    enum class Kind { text, csv, binary };

    Kind kind = Kind::text;
    bool has_header = false; ///< the first line is no row
    char quote = '"';        ///< of CSV
    char escape = '"';       ///< of CSV, within quotes

    bool operator==(const CopyFormat&) const = default;
};

/// Counts the rows in the bytes of a COPY as they pass, in parts of any size. PostgreSQL
/// documentation, "COPY", section "File Formats".
class CopyRows {
public:
    explicit CopyRows(CopyFormat format) : format_(format) {}

    /// How many rows begin in `bytes`.
    std::uint64_t add(std::string_view bytes);

private:
    void text(char c);
    void csv(char c);
    void binary(std::string_view bytes);

    void count_line();
    void end_line(char c);
    /// Is it the line feed behind a carriage return?
    bool continues_line_end(char c);
    std::optional<std::uint32_t> take_number(std::string_view& bytes, int size);

    CopyFormat format_;
    std::uint64_t rows_ = 0; ///< of the part under way
    bool has_ended_ = false; ///< before the message that ends a COPY
    // Of text and CSV.
    enum class Line { begin, backslash, inside } line_ = Line::begin;
    std::uint64_t lines_ = 0;
    char last_end_ = '\0';
    bool is_escaped_ = false;
    bool is_quoted_ = false;
    // Of the binary form.
    enum class Part { extension_length, field_count, field_length };
    Part part_ = Part::extension_length;
    std::uint64_t skip_ = 15;  ///< bytes to pass over: first the signature and the flags
    std::uint32_t number_ = 0; ///< as far as its bytes are there
    int digits_ = 0;           ///< bytes of `number_`
    std::uint32_t fields_left_ = 0;
};

} // namespace nimbus::local::dsql
