#include "frontends/source_types.h"

#include <algorithm>
#include <array>

namespace nimbus::frontends {
namespace {

using Range = SourceFile::Range;

constexpr auto none = SourceFile::none;
constexpr int deepest_base = 8;

std::string last_word(const SourceFile& file, Range range)
{
    for (auto i = range.end; i-- > range.begin;)
        if (file.at(i).is_word())
            return std::string(file.at(i).text);
    return {};
}

std::vector<std::string> last_words(const SourceFile& file, std::size_t open)
{
    std::vector<std::string> words;
    if (!file.at(open).is("(") || file.partner(open) == none)
        return words;
    for (const auto& part : file.list({open + 1, file.partner(open)}))
        if (auto word = last_word(file, part); !word.empty())
            words.push_back(std::move(word));
    return words;
}

/// Behind the brackets, or the list of types, that begin at `at`; else the next token.
std::size_t behind(const SourceFile& file, std::size_t at)
{
    const bool may_be_types = file.at(at).is("<") && at > 0 && file.at(at - 1).is_word();
    const auto end = may_be_types ? file.end_of_types(at) : file.partner(at);
    return end == none || end < at ? at + 1 : end + 1;
}

/// Does the initialiser give another value than the empty one of its type? What is not known does.
bool is_other_than_empty(const SourceFile& file, Range range)
{
    if (range.size() == 2 && file.at(range.begin).is("{"))
        return false;
    constexpr std::array<std::string_view, 8> empty{"0",       "0.0",     "\"\"", "false",
                                                    "nullptr", "nullopt", "0U",   "''"};
    const auto text = file.text(range);
    return std::ranges::none_of(empty, [&](std::string_view each) {
        return text == each || text == "{" + std::string(each) + "}" ||
               text == "std::" + std::string(each);
    });
}

/// One of `TYPE a, b = 1, c{2}`, without the type.
std::optional<RowMember> declarator(const SourceFile& file, Range range, const std::string& type)
{
    auto name = range.begin;
    while (name < range.end && !file.at(name).is_word())
        ++name;
    if (name == range.end)
        return {};
    const auto& next = file.at(name + 1);
    const Range initialiser = name + 1 == range.end ? Range()
                              : next.is("=")        ? Range{name + 2, range.end}
                                                    : Range{name + 1, range.end};
    return RowMember{.name = std::string(file.at(name).text),
                     .type = type,
                     .may_lack = !initialiser.is_empty() && is_other_than_empty(file, initialiser)};
}

/// Where the name of the first variable is in `TYPE name …`.
std::optional<std::size_t> first_name(const SourceFile& file, Range range)
{
    std::optional<std::size_t> name;
    for (auto i = range.begin; i < range.end; i = behind(file, i)) {
        if (file.at(i).is("=") || file.at(i).is("{") || file.at(i).is("[") || file.at(i).is(","))
            break;
        if (file.at(i).is("("))
            return {};
        if (file.at(i).is_word())
            name = i;
    }
    return name && *name > range.begin ? name : std::nullopt;
}

void add_declaration(const SourceFile& file, Range range, std::vector<RowMember>& members)
{
    constexpr std::array<std::string_view, 9> others{"using",  "typedef",  "static",
                                                     "friend", "template", "enum",
                                                     "struct", "class",    "static_assert"};
    while (range.size() > 1 && file.at(range.begin + 1).is(":") &&
           !file.at(range.begin + 2).is(":"))
        range.begin += 2; // public:
    const auto& first = file.at(range.begin);
    const auto name = first_name(file, range);
    if (!name || std::ranges::any_of(others, [&](std::string_view word) { return first.is(word); }))
        return;
    const auto type = file.text({range.begin, *name});
    for (const auto& part : file.list({*name, range.end}))
        if (auto member = declarator(file, part, type))
            members.push_back(*std::move(member));
}

std::vector<RowMember> members_of_struct(const SourceFile& file, Range body)
{
    std::vector<RowMember> members;
    auto begin = body.begin;
    bool has_brackets = false;
    for (auto i = body.begin; i < body.end;) {
        const auto& token = file.at(i);
        const auto next = behind(file, i);
        if (token.is(";")) {
            add_declaration(file, {begin, i}, members);
            begin = i + 1;
            has_brackets = false;
        } else if (token.is("("))
            has_brackets = true;
        else if (token.is("{") && has_brackets) { // of a function
            begin = next;
            has_brackets = false;
        }
        i = next;
    }
    return members;
}

bool begins_line(const SourceFile& file, std::size_t at)
{
    const auto before = file.at(at - 1).end();
    return file.content().substr(before, file.at(at).offset - before).contains('\n');
}

/// Where the type of a property ends that begins at `at`.
std::size_t end_of_property(const SourceFile& file, std::size_t at, std::size_t end)
{
    const auto joins = [&](std::size_t i) { return file.at(i).is("|") || file.at(i).is("&"); };
    const auto begin = at;
    while (at < end && !file.at(at).is(";") && !file.at(at).is(",")) {
        if (at > begin && begins_line(file, at) && !joins(at) && !joins(at - 1))
            return at;
        at = behind(file, at);
    }
    return std::min(at, end);
}

/// Nothing where something else than properties is in it.
std::optional<std::vector<RowMember>> members_of_interface(const SourceFile& file, Range body)
{
    std::vector<RowMember> members;
    for (auto i = body.begin; i < body.end;) {
        if (file.at(i).is(";") || file.at(i).is(",")) {
            ++i;
            continue;
        }
        if (file.at(i).is("readonly") && !file.at(i + 1).is(":") && !file.at(i + 1).is("?"))
            ++i;
        const auto& name = file.at(i);
        const bool is_optional = file.at(i + 1).is("?");
        const auto colon = i + (is_optional ? 2 : 1);
        if ((!name.is_word() && !name.is_text()) || !file.at(colon).is(":") || colon >= body.end)
            return {};
        const auto end = end_of_property(file, colon + 1, body.end);
        members.push_back(
            {.name = name.is_text() ? file.literal(name).value : std::string(name.text),
             .type = file.text({colon + 1, end}),
             .may_lack = is_optional});
        i = end;
    }
    return members;
}

} // namespace

SourceTypes::SourceTypes(const Sources& sources)
{
    for (const auto& file : sources)
        for (std::size_t i = 0; i < file.size(); ++i)
            if (file.at(i).is_word())
                file.is_cpp() ? read_cpp(file, i) : read_script(file, i);
}

void SourceTypes::read_cpp(const SourceFile& file, std::size_t at)
{
    const auto& word = file.at(at);
    const bool is_enumeration = at > 0 && file.at(at - 1).is("enum");
    if (word.is("enum")) {
        const auto name =
            at + (file.at(at + 1).is("class") || file.at(at + 1).is("struct") ? 2 : 1);
        if (file.at(name).is_word())
            enumerations_.insert(std::string(file.at(name).text));
    } else if ((word.is("struct") || word.is("class")) && !is_enumeration &&
               file.at(at + 1).is_word()) {
        auto open = at + 2;
        while (open < file.size() && !file.at(open).is("{") && !file.at(open).is(";") &&
               !file.at(open).is(">") && !file.at(open).is("("))
            open = behind(file, open);
        if (file.at(open).is("{") && file.partner(open) != none)
            declared_[std::string(file.at(at + 1).text)].push_back(
                {&file, members_of_struct(file, {open + 1, file.partner(open)}), {}});
    } else if (word.is("using") && file.at(at + 1).is_word() && file.at(at + 2).is("=")) {
        auto end = at + 3;
        while (end < file.size() && !file.at(end).is(";"))
            end = behind(file, end);
        aliases_.try_emplace(std::string(file.at(at + 1).text),
                             file.text({at + 3, std::min(end, file.size())}));
    } else if ((word.is("BOOST_DESCRIBE_STRUCT") || word.is("BOOST_DESCRIBE_CLASS")) &&
               file.at(at + 1).is("(") && file.partner(at + 1) != none) {
        const auto parts = file.list({at + 2, file.partner(at + 1)});
        if (parts.size() < 3)
            return;
        const auto name = last_word(file, parts[0]);
        described_[{name, &file}] = last_words(file, parts[2].begin);
        if (const auto known = declared_.find(name); known != declared_.end())
            for (auto& each : known->second)
                if (each.file == &file)
                    each.bases = last_words(file, parts[1].begin);
    }
}

void SourceTypes::read_script(const SourceFile& file, std::size_t at)
{
    const auto& word = file.at(at);
    has_own_parsers_ = has_own_parsers_ || word.is("setTypeParser") || word.is("getTypeParser");
    if ((!word.is("interface") && !word.is("type")) || !file.at(at + 1).is_word())
        return;
    const auto name = std::string(file.at(at + 1).text);
    auto open = at + 2;
    std::vector<std::string> bases;
    if (word.is("type")) {
        if (!file.at(open).is("="))
            return;
        const auto end = end_of_property(file, open + 1, file.size());
        if (!file.at(open + 1).is("{") || file.partner(open + 1) + 1 != end) {
            aliases_.try_emplace(name, file.text({open + 1, end}));
            return;
        }
        ++open;
    } else if (file.at(open).is("extends")) {
        const auto begin = ++open;
        while (open < file.size() && !file.at(open).is("{"))
            open = behind(file, open);
        for (const auto& base : file.list({begin, std::min(open, file.size())}))
            bases.push_back(file.text(base));
    }
    if (!file.at(open).is("{") || file.partner(open) == none)
        return;
    if (auto members = members_of_interface(file, {open + 1, file.partner(open)}))
        declared_[name].push_back({&file, *std::move(members), std::move(bases)});
}

std::optional<RowType> SourceTypes::find(std::string_view name, const SourceFile& file) const
{
    return find(name, file, 0);
}

std::optional<RowType> SourceTypes::find(std::string_view name, const SourceFile& file,
                                         int depth) const
{
    const auto scope = name.rfind("::");
    const auto known = declared_.find(name.substr(scope == none ? 0 : scope + 2));
    if (known == declared_.end() || depth > deepest_base)
        return {};
    const Declared* chosen = nullptr;
    for (const auto& each : known->second)
        if (each.file == &file || known->second.size() == 1) {
            if (chosen != nullptr)
                return {}; // of several namespaces, or in a condition
            chosen = &each;
        }
    if (chosen == nullptr)
        return {};
    RowType type{.name = std::string(name), .members = {}};
    for (const auto& base : chosen->bases) {
        auto inherited = find(base, *chosen->file, depth + 1);
        if (!inherited)
            return {};
        std::ranges::move(inherited->members, std::back_inserter(type.members));
    }
    if (!chosen->file->is_cpp()) {
        type.members.insert(type.members.end(), chosen->members.begin(), chosen->members.end());
        return type;
    }
    const auto described = described_.find({known->first, chosen->file});
    if (described == described_.end())
        return {};
    for (const auto& member : described->second) {
        const auto declared = std::ranges::find(chosen->members, member, &RowMember::name);
        type.members.push_back(declared != chosen->members.end()
                                   ? *declared
                                   : RowMember{.name = member, .type = {}, .may_lack = false});
    }
    return type;
}

std::optional<RowType> SourceTypes::written_out(const SourceFile& file,
                                                SourceFile::Range range) const
{
    if (file.is_cpp() || !file.at(range.begin).is("{") ||
        file.partner(range.begin) + 1 != range.end)
        return {};
    auto members = members_of_interface(file, {range.begin + 1, range.end - 1});
    if (!members)
        return {};
    return RowType{.name = "the type", .members = *std::move(members)};
}

bool SourceTypes::is_enumeration(std::string_view name) const
{
    return enumerations_.contains(name);
}

std::optional<std::string> SourceTypes::alias(std::string_view name) const
{
    const auto known = aliases_.find(name);
    return known == aliases_.end() ? std::nullopt : std::optional(known->second);
}

} // namespace nimbus::frontends
