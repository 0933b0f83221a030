// `nimbus check` reads sources of authors as they are, finished or not: whatever the bytes, what is
// found lies within the source, and each byte of a statement has its place there.

#include "frontends/source_variables.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace nimbus::frontends;

void require(bool holds)
{
    if (!holds)
        std::abort();
}

void read(std::string_view text, SourceLanguage language)
{
    Sources sources;
    sources.emplace_back("source", std::string(text), language);
    const auto& file = sources.front();
    for (std::size_t i = 0; i < file.size(); ++i) {
        const auto& token = file.at(i);
        require(token.end() <= text.size() + 1);
        const auto literal = file.literal(token);
        require(literal.value.size() == literal.offsets.size());
        const auto partner = file.partner(i);
        require(partner == SourceFile::none ||
                (partner < file.size() && file.partner(partner) == i));
    }
    const SourceTypes types(sources);
    for (const auto& statement : statements_in(sources).statements) {
        require(statement.file == &file && statement.offset < text.size());
        require(statement.row_type.is_empty() || statement.row_type.end <= file.size());
        require(file.place(statement.offset).line >= 1);
        for (const auto& argument : statement.arguments.value_or(std::vector<StatementArgument>()))
            type_of_expression(file, argument.range, types);
        types.find(file.text(statement.row_type), file);
        types.written_out(file, statement.row_type);
        if (!statement.text)
            continue;
        require(statement.text->value.size() == statement.text->offsets.size());
        for (const auto offset : statement.text->offsets)
            require(offset < text.size());
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    read(text, SourceLanguage::cpp);
    read(text, SourceLanguage::script);
    return 0;
}
