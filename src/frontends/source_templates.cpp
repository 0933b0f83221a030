#include "frontends/source_templates.h"

#include "frontends/source_lexer.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace nimbus::frontends {
namespace {

/// [begin, end) of the source: nothing when it holds a `${` that is not read.
std::optional<LiteralText> part_of(const SourceFile& file, std::size_t begin, std::size_t end)
{
    const auto written = file.content().substr(begin, end - begin);
    for (std::size_t i = 0; i + 1 < written.size(); ++i) {
        if (written[i] == '\\')
            ++i;
        else if (written.substr(i).starts_with("${"))
            return {};
    }
    return template_part(written, begin);
}

} // namespace

TemplateStatement template_statement(const SourceFile& file, std::size_t at, const SqlTags& tags,
                                     TagLibrary library)
{
    const auto& token = file.at(at);
    TemplateStatement statement;
    const auto substitutions = file.substitutions(token);
    if (!substitutions)
        return statement;
    LiteralText text;
    auto begin = token.offset + 1;
    const auto add_part = [&](std::size_t end) {
        auto part = part_of(file, begin, std::max(begin, end));
        if (part)
            text.append(*part);
        return part.has_value();
    };
    for (const auto& each : *substitutions) {
        const auto part = tags.part_in(file, each.tokens, library);
        if (part == SqlTags::Part::yes || !add_part(each.begin))
            return statement;
        statement.is_certain = statement.is_certain && part == SqlTags::Part::no;
        statement.arguments.push_back(argument_in(file, each.tokens));
        const auto parameter = "$" + std::to_string(statement.arguments.size());
        text.value += parameter;
        text.offsets.resize(text.value.size(), each.begin);
        begin = each.end;
    }
    const bool is_closed = token.text.size() > 1 && token.text.ends_with('`');
    if (add_part(token.end() - (is_closed ? 1 : 0)))
        statement.text = std::move(text);
    return statement;
}

SourceFile::Range element_of_array(const SourceFile& file, SourceFile::Range type)
{
    const auto without_brackets = [&](SourceFile::Range range) {
        while (file.at(range.begin).is("(") && file.partner(range.begin) + 1 == range.end)
            range = {range.begin + 1, range.end - 1};
        return range;
    };
    type = without_brackets(type);
    if (file.at(type.begin).is("readonly"))
        ++type.begin;
    if (type.size() < 3)
        return {};
    const auto last = type.end - 1;
    if (file.at(last).is("]") && file.partner(last) == last - 1) {
        const SourceFile::Range element{type.begin, last - 1};
        for (auto i = element.begin; i < element.end; ++i) { // of A | B[], B is no element
            if (file.partner(i) != SourceFile::none && file.partner(i) > i)
                i = file.partner(i);
            else if (file.at(i).is("|") || file.at(i).is("&"))
                return {};
        }
        return without_brackets(element);
    }
    if (file.at(type.begin).is("[") && file.partner(type.begin) == last) {
        const auto elements = file.list({type.begin + 1, last});
        if (elements.size() != 1)
            return {};
        auto element = elements.front();
        if (file.at(element.end - 1).is("?"))
            --element.end;
        return element;
    }
    const bool is_generic =
        file.at(type.begin).is("Array") || file.at(type.begin).is("ReadonlyArray");
    if (is_generic && file.at(type.begin + 1).is("<") && file.end_of_types(type.begin + 1) == last)
        return {type.begin + 2, last};
    return {};
}

} // namespace nimbus::frontends
