#include "frontends/source_types.h"

#include <gtest/gtest.h>

namespace nimbus::frontends {
namespace {

/// "name: type" of each member, with a `?` where it may lack; nothing for a type that is not known.
std::vector<std::string> members(std::string_view source, SourceLanguage language,
                                 std::string_view name = "User")
{
    Sources sources;
    sources.emplace_back("source", std::string(source), language);
    const auto type = SourceTypes(sources).find(name, sources.front());
    std::vector<std::string> result;
    if (type)
        for (const auto& member : type->members)
            result.push_back(member.name + (member.may_lack ? "?: " : ": ") + member.type);
    return result;
}

using Members = std::vector<std::string>;

TEST(SourceTypes, AreDescribedStructs)
{
    EXPECT_EQ(members(R"(struct User {
                  nimbus::uuid id; // an id
                  std::string name, email = "none";
                  std::optional<std::map<int, std::string>> more;
                  int count = 0, age{}, level{3};
                  static constexpr int most = 3;
                  std::string full() const { return name; }
                  using Self = User;
                  bool hidden;
              };
              BOOST_DESCRIBE_STRUCT(User, (), (id, name, email, more, count, age, level)))",
                      SourceLanguage::cpp),
              (Members{"id: nimbus::uuid", "name: std::string", "email?: std::string",
                       "more: std::optional<std::map<int,std::string>>", "count: int", "age: int",
                       "level?: int"}));
    EXPECT_EQ(members("struct User { int id; };", SourceLanguage::cpp), Members())
        << "it is not described";
}

TEST(SourceTypes, HaveTheMembersOfTheirBases)
{
    EXPECT_EQ(
        members("struct Base { int id; }; BOOST_DESCRIBE_STRUCT(Base, (), (id))\n"
                "struct User : Base { int age; }; BOOST_DESCRIBE_STRUCT(app::User, (Base), (age))",
                SourceLanguage::cpp, "app::User"),
        (Members{"id: int", "age: int"}));
    EXPECT_EQ(members("interface Base { id: number }\ninterface User extends Base { age: number }",
                      SourceLanguage::script),
              (Members{"id: number", "age: number"}));
    EXPECT_EQ(members("interface User extends Unknown { age: number }", SourceLanguage::script),
              Members());
}

TEST(SourceTypes, AreInterfaces)
{
    EXPECT_EQ(members("export interface User {\n  readonly id: string;\n  name?: string | null\n  "
                      "'e-mail':\n    | string\n"
                      "    | null\n  tags: Array<{ a: string, b: number }>, at: Date }",
                      SourceLanguage::script),
              (Members{"id: string", "name?: string|null", "e-mail: |string|null",
                       "tags: Array<{a:string,b:number}>", "at: Date"}));
    EXPECT_EQ(members("type User = { id: string };", SourceLanguage::script),
              (Members{"id: string"}));
    EXPECT_EQ(members("interface User { [key: string]: string }", SourceLanguage::script),
              Members());
    EXPECT_EQ(members("interface User { id: string; f(): void }", SourceLanguage::script),
              Members());
}

TEST(SourceTypes, HaveAliases)
{
    Sources sources;
    sources.emplace_back("a", "using Id = std::int64_t; enum class State : int { open };",
                         SourceLanguage::cpp);
    sources.emplace_back("b", "type State2 = 'open' | 'closed';", SourceLanguage::script);
    const SourceTypes types(sources);
    EXPECT_EQ(types.alias("Id"), "std::int64_t");
    EXPECT_EQ(types.alias("State2"), "'open'|'closed'");
    EXPECT_EQ(types.alias("No"), std::nullopt);
    EXPECT_TRUE(types.is_enumeration("State"));
}

} // namespace
} // namespace nimbus::frontends
