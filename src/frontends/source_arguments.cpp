#include "frontends/source_arguments.h"

#include "frontends/source_constants.h"

namespace nimbus::frontends {
namespace {

using Kind = SourceToken::Kind;

constexpr auto none = SourceFile::none;

bool is_pack(const SourceFile& file, SourceFile::Range range)
{
    const auto dots = [&](std::size_t first) {
        return file.at(first).is(".") && file.at(first + 1).is(".") && file.at(first + 2).is(".");
    };
    return range.size() > 3 && (dots(range.begin) || dots(range.end - 3));
}

} // namespace

StatementArgument argument_in(const SourceFile& file, SourceFile::Range range)
{
    StatementArgument argument{.offset = file.at(range.begin).offset, .range = range};
    if (auto text = literal_in(file, range)) {
        argument.kind = StatementArgument::Kind::text;
        argument.written = std::move(text->value);
        return argument;
    }
    const bool is_negative = range.size() == 2 && file.at(range.begin).is("-");
    const auto& token = file.at(range.end - 1);
    const auto kind = [&] {
        if (range.size() != 1 && !is_negative)
            return StatementArgument::Kind::value;
        if (token.kind == Kind::number && token.text.find_first_not_of("0123456789.") == none)
            return StatementArgument::Kind::number;
        if (is_negative)
            return StatementArgument::Kind::value;
        if (token.is("true") || token.is("false"))
            return StatementArgument::Kind::boolean;
        if (token.is("nullptr") || token.is("null") || token.is("undefined"))
            return StatementArgument::Kind::null;
        return StatementArgument::Kind::value;
    }();
    argument.kind = kind;
    if (kind != StatementArgument::Kind::value)
        argument.written = (is_negative ? "-" : "") + std::string(token.text);
    return argument;
}

std::optional<std::vector<StatementArgument>>
arguments_in(const SourceFile& file, std::span<const SourceFile::Range> ranges)
{
    std::vector<StatementArgument> arguments;
    for (const auto& range : ranges) {
        if (range.is_empty() || is_pack(file, range))
            return {};
        arguments.push_back(argument_in(file, range));
    }
    return arguments;
}

} // namespace nimbus::frontends
