#include "frontends/source_promises.h"

#include <algorithm>
#include <array>

namespace nimbus::frontends {
namespace {

constexpr auto none = SourceFile::none;

template <std::size_t N>
bool is_one_of(const SourceToken& token, const std::array<std::string_view, N>& words)
{
    return std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

/// Is the function that directly holds the token async? `at` is behind `=>`, or in the body.
bool is_in_async(const SourceFile& file, std::size_t at)
{
    constexpr std::array<std::string_view, 8> no_functions{"if",   "for",   "while", "switch",
                                                           "else", "catch", "try",   "do"};
    const auto is_async_before = [&](std::size_t end) { // of the parameters
        if (end == 0)
            return false;
        auto begin = end - 1;
        if (file.at(begin).is(")") && file.partner(begin) != none)
            begin = file.partner(begin);
        return begin > 0 && file.at(begin - 1).is("async");
    };
    if (at > 1 && is_arrow(file, at - 1))
        return is_async_before(at - 2);
    for (auto open = file.surrounding(at); open != none && open > 0;
         open = file.surrounding(open)) {
        if (!file.at(open).is("{"))
            continue;
        constexpr std::size_t longest_head = 60;
        bool is_function = false, is_async = false;
        for (auto i = open; i-- > 0 && open - i < longest_head;) {
            const auto& token = file.at(i);
            if (token.is(";") || token.is("{") || token.is("}") || token.is("(") || token.is(","))
                break;
            if (is_one_of(token, no_functions)) {
                is_function = is_async = false;
                break;
            }
            is_function = is_function || is_arrow(file, i) || token.is("function") || token.is(")");
            is_async = is_async || token.is("async");
            if ((token.is(")") || token.is("}") || token.is("]")) && file.partner(i) != none)
                i = file.partner(i);
        }
        if (is_function)
            return is_async;
    }
    return true; // a module may await
}

} // namespace

bool is_arrow(const SourceFile& file, std::size_t greater) noexcept
{
    return greater > 0 && file.at(greater).is(">") && file.at(greater - 1).is("=") &&
           file.at(greater - 1).end() == file.at(greater).offset;
}

bool is_run(const SourceFile& file, SourceFile::Range expression)
{
    // Source: postgres.js, README, "Query methods"; promises.
    constexpr std::array<std::string_view, 14> runs{
        "then",    "catch",  "finally",  "execute",  "values",   "raw",    "simple",
        "forEach", "cursor", "readable", "writable", "describe", "cancel", "stream"};
    auto [begin, end] = expression;
    while (begin > 0 && file.at(begin - 1).is("(") && file.partner(begin - 1) == end) {
        --begin;
        ++end;
    }
    if (file.at(end).is(".") && is_one_of(file.at(end + 1), runs))
        return true;
    if (begin == 0)
        return false;
    const auto before = begin - 1;
    if (file.at(before).is("await"))
        return true;
    const auto is_called = [&](std::size_t open, std::initializer_list<std::string_view> names) {
        return open != none && open > 0 && file.at(open).is("(") &&
               std::ranges::any_of(
                   names, [&](std::string_view name) { return file.at(open - 1).is(name); });
    };
    const auto gives_to_transaction = [&](std::size_t at) { // sql.begin((tx) => tx`…`)
        return is_called(file.surrounding(at), {"begin", "savepoint"});
    };
    if (file.at(before).is("return"))
        return is_in_async(file, before);
    if (is_arrow(file, before))
        return is_in_async(file, begin) || gives_to_transaction(begin);
    const auto list = file.surrounding(begin);
    if (list == none || list < 3 || !file.at(list).is("[") ||
        (before != list && !file.at(before).is(",")))
        return false;
    if (is_arrow(file, list - 1)) // a list of them
        return gives_to_transaction(list);
    return is_called(list - 1, {"all", "allSettled"});
}

} // namespace nimbus::frontends
