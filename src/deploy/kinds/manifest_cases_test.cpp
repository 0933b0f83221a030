#include "base/file.h"
#include "base/json.h"
#include "deploy/kinds/catalog.h"
#include "manifest/parse.h"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>

namespace nimbus::manifest {
namespace {

json::object read_cases()
{
    return parse_json(read_file(NIMBUS_MANIFEST_CASES), "cases.json").as_object();
}

/// Sets what `pointer` (RFC 6901) names, or removes it when `value` is null.
void set(json::value& document, std::string_view pointer, const json::value& value)
{
    const auto slash = pointer.rfind('/');
    const auto last = pointer.substr(slash + 1);
    auto& parent = document.at_pointer(pointer.substr(0, slash));
    if (auto* array = parent.if_array()) {
        const auto index = std::stoul(std::string(last));
        array->resize(std::max(array->size(), index + 1));
        (*array)[index] = value;
    } else if (value.is_null()) {
        parent.as_object().erase(last);
    } else {
        parent.as_object().insert_or_assign(last, value);
    }
}

std::string edited(json::value document, const json::object& changes)
{
    for (const auto& change : changes)
        set(document, change.key(), change.value());
    return json::serialize(document);
}

/// The paths of all problems.
std::vector<std::string> wrong_in(const std::string& text)
{
    std::vector<std::string> paths;
    try {
        const auto sections = deploy::all_kinds().sections();
        const auto manifest = parse_manifest(text, "main.cpp", sections);
        EXPECT_EQ(parse_manifest(to_json(manifest, sections), "its JSON", sections), manifest);
    } catch (const ManifestError& error) {
        for (const auto& problem : error.problems())
            paths.push_back(problem.path);
    }
    return paths;
}

TEST(Cases, AreJudgedAsTheySay)
{
    const auto file = read_cases();
    for (const auto& entry : file.at("cases").as_array()) {
        const auto& test = entry.as_object();
        SCOPED_TRACE(string_or_empty(test, "what"));
        std::vector<std::string> expected;
        if (const auto wrong = string_member(test, "wrong"))
            expected.push_back(*wrong);
        EXPECT_EQ(wrong_in(edited(file.at("base"), test.at("set").as_object())), expected);
    }
}

} // namespace
} // namespace nimbus::manifest
