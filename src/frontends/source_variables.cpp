#include "frontends/source_variables.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace nimbus::frontends {
namespace {

using Range = SourceFile::Range;

constexpr auto none = SourceFile::none;
/// Of declarations by one another: auto a = b.
constexpr int longest_chain = 4;

/// Is what is declared at `declared` known at `used`? Of a parameter, the body of its function is
/// where.
bool is_in_scope(const SourceFile& file, std::size_t declared, std::size_t used)
{
    const auto bracket = file.surrounding(declared);
    if (bracket == none || file.partner(bracket) > used)
        return true;
    if (file.at(bracket).is("[")) // of names that are bound or captured together
        return is_in_scope(file, bracket, used);
    if (!file.at(bracket).is("("))
        return false;
    constexpr std::size_t longest_head = 24; // of noexcept, a returned type, =>
    const auto end = file.partner(bracket);
    for (auto i = end + 1; i < file.size() && i < end + longest_head; ++i) {
        if (file.at(i).is(";"))
            return false;
        if (file.at(i).is("{"))
            return i < used && file.partner(i) != none && file.partner(i) > used;
    }
    return false;
}

bool is_member_access(const SourceFile& file, std::size_t at)
{
    if (at == 0)
        return false;
    const auto& before = file.at(at - 1);
    return before.is(".") || before.is(":") ||
           (before.is(">") && at > 1 && file.at(at - 2).is("-"));
}

/// Where the type begins that ends before `end`; `end` where there is none.
std::size_t begin_of_type(const SourceFile& file, std::size_t end)
{
    auto begin = end;
    while (begin > 0) {
        const auto& token = file.at(begin - 1);
        if (token.is(">")) { // back to its `<`
            auto open = begin - 1;
            for (std::size_t depth = 0; open > 0; --open) {
                if (file.at(open).is(">"))
                    ++depth;
                else if (file.at(open).is("<") && --depth == 0)
                    break;
                else if (file.at(open).is(";") || file.at(open).is("{"))
                    return end;
            }
            begin = open;
        } else if (token.is_word() &&
                   (begin == end || file.at(begin).is(":") || file.at(begin).is("<")))
            --begin;
        else if (token.is(":") && begin > 1 && file.at(begin - 2).is(":"))
            begin -= 2;
        else
            break;
    }
    return begin;
}

class Resolver {
public:
    Resolver(const SourceFile& file, const SourceTypes& types) : file_(file), types_(types) {}

    std::string type_of(Range expression, int depth = 0) const
    {
        if (expression.is_empty() || depth > longest_chain)
            return {};
        if (file_.is_cpp() && file_.at(expression.begin).is("*"))
            return without_optional(type_of({expression.begin + 1, expression.end}, depth));
        if (auto type = type_of_call(expression); !type.empty())
            return type;
        auto at = expression.begin;
        if (!file_.at(at).is_word())
            return {};
        auto type = type_of_variable(at, depth);
        for (++at; at < expression.end && !type.empty(); ++at) {
            const bool is_arrow = file_.at(at).is("-") && file_.at(at + 1).is(">");
            at += is_arrow ? 2 : 1;
            const bool is_access = is_arrow || file_.at(at - 1).is(".");
            if (!is_access || !file_.at(at).is_word() || at >= expression.end)
                return {};
            type = type_of_member(type, file_.at(at).text);
        }
        return type;
    }

private:
    static std::string without_optional(const std::string& type)
    {
        constexpr std::string_view optional = "std::optional<";
        return type.starts_with(optional)
                   ? type.substr(optional.size(), type.size() - optional.size() - 1)
                   : type;
    }

    std::string type_of_member(const std::string& type, std::string_view name) const
    {
        const auto row = types_.find(type, file_);
        if (!row)
            return {};
        const auto member = std::ranges::find(row->members, name, &RowMember::name);
        return member == row->members.end() || (member->may_lack && !file_.is_cpp()) ? std::string()
                                                                                     : member->type;
    }

    /// request.json<T>(…), db.query_one<T>(…), T{…}, new Date(…)
    std::string type_of_call(Range expression) const
    {
        const auto last = expression.end - 1;
        const auto open = file_.partner(last);
        if (!file_.is_cpp())
            return file_.at(expression.begin).is("new") &&
                           file_.at(expression.begin + 1).is("Date") && open == expression.begin + 2
                       ? "Date"
                       : "";
        if (open == none || open >= last || open <= expression.begin)
            return {};
        if (file_.at(open).is("{")) {
            const bool is_type = begin_of_type(file_, open) == expression.begin;
            return is_type ? file_.text({expression.begin, open}) : std::string();
        }
        if (!file_.at(open).is("(") || !file_.at(open - 1).is(">"))
            return {};
        constexpr std::array<std::string_view, 5> givers{"json", "param", "query_one",
                                                         "query_value", "static_cast"};
        for (auto i = expression.begin; i + 1 < open; ++i)
            if (file_.at(i + 1).is("<") && file_.end_of_types(i + 1) == open - 1)
                return std::ranges::find(givers, file_.at(i).text) != givers.end()
                           ? file_.text({i + 2, open - 1})
                           : std::string();
        return {};
    }

    /// By the last declaration before it that is known there.
    std::string type_of_variable(std::size_t used, int depth) const
    {
        const auto name = file_.at(used).text;
        const auto anchor = file_.anchor(used);
        if (anchor != used && is_declared_in_substitution(name))
            return {};
        used = anchor;
        for (auto i = used; i-- > 0;) {
            if (!file_.at(i).is(name) || is_member_access(file_, i))
                continue;
            if (auto type = declared_type(i, depth); type && is_in_scope(file_, i, used))
                return *type;
        }
        return {};
    }

    bool is_declared_in_substitution(std::string_view name) const
    {
        for (auto i = file_.size(); i-- > 0 && file_.is_substituted(i);)
            if (file_.at(i).is(name) && !is_member_access(file_, i) && declared_type(i, 0))
                return true;
        return false;
    }

    /// "" of a declaration without a type; nothing where it is none.
    std::optional<std::string> declared_type(std::size_t name, int depth) const
    {
        if (name == 0)
            return {};
        return file_.is_cpp() ? declared_in_cpp(name, depth) : declared_in_script(name);
    }

    std::optional<std::string> declared_in_cpp(std::size_t name, int depth) const
    {
        const auto& next = file_.at(name + 1);
        const auto& before = file_.at(name - 1);
        const bool is_bound =
            before.is("[") || (before.is(",") && (next.is("]") || next.is(",") || next.is("=")));
        if (is_bound)
            return std::string(); // [a, name] = …, or captured
        if (!next.is("=") && !next.is(";") && !next.is("{") && !next.is("(") && !next.is(",") &&
            !next.is(")") && !next.is(":"))
            return {};
        auto end = name;
        while (end > 0 && (file_.at(end - 1).is("&") || file_.at(end - 1).is("*") ||
                           file_.at(end - 1).is("const")))
            --end;
        const auto begin = begin_of_type(file_, end);
        if (begin == end || file_.at(begin).is("return"))
            return {};
        for (auto i = end; i < name; ++i)
            if (file_.at(i).is("*"))
                return std::string();
        auto type = file_.text({begin, end});
        if (type != "auto")
            return type;
        if (!next.is("="))
            return std::string();
        auto stop = name + 2;
        while (stop < file_.size() && !file_.at(stop).is(";"))
            stop = file_.partner(stop) != none && file_.partner(stop) > stop
                       ? file_.partner(stop) + 1
                       : stop + 1;
        return type_of({name + 2, stop}, depth + 1);
    }

    /// name: string, and name without a type in a declaration or a list of parameters.
    std::optional<std::string> declared_in_script(std::size_t name) const
    {
        const auto& before = file_.at(name - 1);
        const bool is_declared = before.is("const") || before.is("let") || before.is("var");
        const bool may_be_parameter =
            before.is("(") || before.is(",") || before.is("{") || before.is("[");
        if (file_.at(name + 1).is(":") && (is_declared || before.is("(") || before.is(","))) {
            auto end = name + 2;
            while (end < file_.size() &&
                   (file_.at(end).is_word() || file_.at(end).is("[") || file_.at(end).is("]")))
                ++end;
            const bool is_whole = file_.at(end).is(",") || file_.at(end).is(")") ||
                                  file_.at(end).is("=") || file_.at(end).is(";");
            return is_whole ? file_.text({name + 2, end}) : std::string();
        }
        if (is_declared ||
            (may_be_parameter && (file_.at(name + 1).is(",") || file_.at(name + 1).is("}") ||
                                  file_.at(name + 1).is(")") || file_.at(name + 1).is("]"))))
            return std::string();
        return {};
    }

    const SourceFile& file_;
    const SourceTypes& types_;
};

} // namespace

std::string type_of_expression(const SourceFile& file, Range expression, const SourceTypes& types)
{
    return Resolver(file, types).type_of(expression);
}

} // namespace nimbus::frontends
