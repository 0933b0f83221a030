#include "frontends/source_imports.h"

namespace nimbus::frontends {
namespace {

constexpr auto none = SourceFile::none;

/// Of `a as b` and `a: b`, a and b.
std::pair<std::string_view, std::string_view> names_in(const SourceFile& file,
                                                       SourceFile::Range range)
{
    if (file.at(range.begin).is("type"))
        ++range.begin;
    if (range.is_empty())
        return {};
    return {file.at(range.begin).text, file.at(range.end - 1).text};
}

void add_named(const SourceFile& file, std::size_t open, const std::string& module,
               std::vector<Import>& imports)
{
    if (file.partner(open) == none)
        return;
    for (const auto& each : file.list({open + 1, file.partner(open)}))
        if (const auto [name, local] = names_in(file, each); !name.empty())
            imports.push_back({module, name, local});
}

/// import a, { b as c } from 'm';
void add_import(const SourceFile& file, std::size_t at, std::vector<Import>& imports)
{
    constexpr std::size_t longest = 400;
    auto from = at + 1;
    while (from < file.size() && from < at + longest && !file.at(from).is("from") &&
           !file.at(from).is(";"))
        ++from;
    if (!file.at(from).is("from") || !file.at(from + 1).is_text())
        return;
    const auto module = file.literal(file.at(from + 1)).value;
    for (auto i = at + 1; i < from; ++i) {
        const auto& token = file.at(i);
        if (token.is("{")) {
            add_named(file, i, module, imports);
            i = file.partner(i) == none ? from : file.partner(i);
        } else if (token.is("*") && file.at(i + 1).is("as")) {
            imports.push_back({module, "*", file.at(i + 2).text});
            i += 2;
        } else if (token.is_word() && !token.is("type"))
            imports.push_back({module, "default", token.text});
    }
}

/// const a = require('m'), const { b: c } = require('m')
void add_require(const SourceFile& file, std::size_t at, std::vector<Import>& imports)
{
    if (at < 2 || !file.at(at + 1).is("(") || !file.at(at + 2).is_text() ||
        !file.at(at - 1).is("="))
        return;
    const auto module = file.literal(file.at(at + 2)).value;
    if (file.at(at - 2).is("}") && file.partner(at - 2) != none)
        add_named(file, file.partner(at - 2), module, imports);
    else if (file.at(at - 2).is_word())
        imports.push_back({module, "default", file.at(at - 2).text});
}

} // namespace

std::vector<Import> imports_of(const SourceFile& file)
{
    std::vector<Import> imports;
    for (std::size_t i = 0; i < file.size(); ++i)
        if (file.at(i).is("import"))
            add_import(file, i, imports);
        else if (file.at(i).is("require"))
            add_require(file, i, imports);
    return imports;
}

} // namespace nimbus::frontends
