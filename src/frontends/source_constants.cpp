#include "frontends/source_constants.h"

namespace nimbus::frontends {
namespace {

constexpr auto none = SourceFile::none;

/// Does its declaration say so?
bool is_constant(const SourceFile& file, std::size_t name)
{
    for (auto i = name; i-- > 0 && name - i < 12;) {
        const auto& token = file.at(i);
        if (token.is("const") || token.is("constexpr"))
            return true;
        if (token.is(";") || token.is("{") || token.is("}") || token.is("(") || token.is(",") ||
            token.is("let") || token.is("var"))
            return false;
    }
    return false;
}

std::optional<LiteralText> value_of(const SourceFile& file, std::size_t name)
{
    auto at = name + 1;
    if (file.is_cpp() && file.at(at).is("[") && file.partner(at) != none)
        at = file.partner(at) + 1;
    if (!file.is_cpp() && file.at(at).is(":") && file.at(at + 1).is_word())
        at += 2;
    auto begin = at + 1;
    if (file.is_cpp() && file.at(at).is("{") && file.partner(at) != none)
        return is_constant(file, name) ? literal_in(file, {begin, file.partner(at)}) : std::nullopt;
    if (!file.at(at).is("="))
        return {};
    auto end = begin;
    while (file.at(end).is_text() || (!file.is_cpp() && file.at(end).is("+")))
        ++end;
    const bool is_whole = file.at(end).is(";") || file.at(end).is(",") || end >= file.size() ||
                          (!file.is_cpp() && file.at(end).is_word());
    if (end == begin || !is_whole || !is_constant(file, name))
        return {};
    return literal_in(file, {begin, end});
}

} // namespace

std::optional<LiteralText> literal_in(const SourceFile& file, SourceFile::Range range)
{
    while (file.at(range.begin).is("(") && file.partner(range.begin) + 1 == range.end) {
        ++range.begin;
        --range.end;
    }
    std::optional<LiteralText> text;
    for (auto i = range.begin; i < range.end; ++i) {
        const bool joins = !file.is_cpp() && file.at(i).is("+") && text && i + 1 < range.end;
        if (joins)
            continue;
        const bool is_suffix = file.is_cpp() && text && i + 1 == range.end &&
                               file.at(i).is_word() && file.at(i - 1).end() == file.at(i).offset;
        if (is_suffix)
            break;
        if (!file.at(i).is_text())
            return {};
        if (!text)
            text.emplace();
        text->append(file.literal(file.at(i)));
    }
    return text;
}

Constants::Constants(const Sources& sources)
{
    for (const auto& file : sources)
        for (std::size_t i = 0; i < file.size(); ++i)
            if (file.at(i).is_word())
                if (auto text = value_of(file, i))
                    found_[std::string(file.at(i).text)].push_back({&file, *std::move(text)});
}

const Written* Constants::find(const SourceFile& file, std::string_view name) const
{
    const auto known = found_.find(name);
    if (known == found_.end())
        return nullptr;
    const Written* best = nullptr;
    for (const auto& each : known->second)
        if (each.file == &file || known->second.size() == 1) {
            if (best != nullptr)
                return nullptr;
            best = &each;
        }
    return best;
}

} // namespace nimbus::frontends
