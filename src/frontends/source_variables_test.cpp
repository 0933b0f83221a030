#include "frontends/source_variables.h"

#include <gtest/gtest.h>

namespace nimbus::frontends {
namespace {

/// Of the only argument of the last statement.
std::string type(std::string_view source, SourceLanguage language)
{
    Sources sources;
    sources.emplace_back("source", std::string(source), language);
    const auto statements = statements_in(sources).statements;
    if (statements.empty() || !statements.back().arguments ||
        statements.back().arguments->size() != 1)
        return "?";
    return type_of_expression(sources.front(), statements.back().arguments->front().range,
                              SourceTypes(sources));
}

std::string cpp(const std::string& before, const std::string& argument)
{
    return type("struct User { int id; std::optional<Inner> inner; }; BOOST_DESCRIBE_STRUCT(User, "
                "(), (id, inner))\n"
                "struct Inner { std::string name; }; BOOST_DESCRIBE_STRUCT(Inner, (), (name))\n"
                "void g() { double id = 1; }\nvoid f(const nimbus::request& req, std::vector<int> "
                "list) {\n" +
                    before + " db.execute(\"SELECT $1\", " + argument + "); }",
                SourceLanguage::cpp);
}

std::string script(const std::string& before, const std::string& argument)
{
    return type(
        "interface User { id: number }\nfunction f(user: User, at: Date, { other }: Options) {\n" +
            before + "db.execute('SELECT $1', [" + argument + "]); }",
        SourceLanguage::script);
}

TEST(SourceVariables, HaveTheTypeOfTheirDeclaration)
{
    EXPECT_EQ(cpp("const std::int64_t id = 5;", "id"), "std::int64_t");
    EXPECT_EQ(cpp("nimbus::uuid id{};", "id"), "nimbus::uuid");
    EXPECT_EQ(cpp("", "list"), "std::vector<int>");
    EXPECT_EQ(cpp("for (const User& user : users) {", "user.id"), "int");
    EXPECT_EQ(script("", "at"), "Date");
    EXPECT_EQ(script("const id: string = f();\n", "id"), "string");
}

TEST(SourceVariables, HaveTheTypeOfWhatTheyAreGiven)
{
    EXPECT_EQ(cpp("const auto in = req.json<User>();", "in.id"), "int");
    EXPECT_EQ(cpp("auto id = req.param<nimbus::uuid>(\"id\");", "id"), "nimbus::uuid");
    EXPECT_EQ(cpp("auto a = User{1}; auto b = a;", "b.id"), "int");
    EXPECT_EQ(cpp("auto user = db.query_one<User>(\"SELECT 1\");", "user.id"), "int");
    EXPECT_EQ(cpp("User user;", "user.inner"), "std::optional<Inner>");
    EXPECT_EQ(cpp("", "req.param<std::int64_t>(\"id\")"), "std::int64_t");
    EXPECT_EQ(script("", "user.id"), "number");
    EXPECT_EQ(script("", "new Date()"), "Date");
}

TEST(SourceVariables, HaveNoTypeWhereThatIsNotTold)
{
    EXPECT_EQ(cpp("", "id"), "") << "that of another function";
    EXPECT_EQ(cpp("int id = 1; { auto [id, name] = f();", "id"), "");
    EXPECT_EQ(cpp("int id = 1; auto f = [id = std::string()] {", "id"), "");
    EXPECT_EQ(cpp("{ int id = 1; }", "id"), "");
    EXPECT_EQ(cpp("const char* id = x;", "id"), "");
    EXPECT_EQ(cpp("int id = 1;", "id + 1"), "");
    EXPECT_EQ(cpp("int id = 1;", "other.id"), "");
    EXPECT_EQ(cpp("User user;", "user.nothing"), "");
    EXPECT_EQ(script("", "other"), "");
    EXPECT_EQ(script("", "user.id + 1"), "");
}

} // namespace
} // namespace nimbus::frontends
