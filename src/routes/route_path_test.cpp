#include "routes/route_path.h"

#include <gtest/gtest.h>

namespace nimbus::routes {
namespace {

TEST(RoutePath, GoodPathsHaveNoMistake)
{
    for (const auto* path :
         {"/", "/users", "/users/{id}", "/users/{id}/posts", "/files/{path+}", "/{proxy+}",
          "$default", "/a.b/c_d-e~f", "/a%20b", "/users:search", "/12:30"})
        EXPECT_EQ(path_mistake(path), "") << path;
    EXPECT_EQ(path_mistake("/" + std::string(511, 'a')), "");
}

struct Mistake {
    std::string path;
    const char* part_of_message;
};

class BadPath : public testing::TestWithParam<Mistake> {};

TEST_P(BadPath, IsToldWhatIsWrong)
{
    EXPECT_NE(path_mistake(GetParam().path).find(GetParam().part_of_message), std::string::npos)
        << path_mistake(GetParam().path);
}

INSTANTIATE_TEST_SUITE_P(
    RoutePath, BadPath,
    testing::Values(Mistake{"users", "begin with /"}, Mistake{"", "begin with /"},
                    Mistake{"/users/", "empty segment"}, Mistake{"/a//b", "empty segment"},
                    Mistake{"/x{id}", "whole segment"}, Mistake{"/{}", "name its parameters"},
                    Mistake{"/{a b}", "name its parameters"}, Mistake{"/{p+}/x", "last"},
                    Mistake{"/{a}/{a}", "twice"}, Mistake{"/a-:id", "must not have :id inside"},
                    Mistake{"/x/b.:ext", "must not have :ext inside"},
                    Mistake{"/:a:b", "a whole segment, such as /:id"},
                    Mistake{"/a b", "a URL's path can hold"},
                    Mistake{"/" + std::string(512, 'a'), "at most 512"}));

TEST(RoutePath, AColonBeforeANameIsAParameter)
{
    EXPECT_EQ(normalized("/users/:id"), "/users/{id}");
    EXPECT_EQ(normalized("/users/:user_id/posts/:post-id"), "/users/{user_id}/posts/{post-id}");
    EXPECT_EQ(normalized("/files/:path+"), "/files/{path+}");
}

TEST(RoutePath, OtherColonsAreText)
{
    for (const auto* path : {"/users/{id}", "/", "", "$default", "/a:b", "/:", "/:+", "/:a:b",
                             "/:{id}", "/users/{id}:copy", "/a//b/"})
        EXPECT_EQ(normalized(path), path);
}

TEST(RoutePath, EqualShapesAreTheSameRoute)
{
    EXPECT_EQ(path_shape("/users/{id}/posts"), path_shape("/users/{user}/posts"));
    EXPECT_NE(path_shape("/users/{id}"), path_shape("/users/{id+}"));
    EXPECT_NE(path_shape("/users/{id}"), path_shape("/users/id"));
    EXPECT_EQ(path_shape("$default"), "$default");
}

} // namespace
} // namespace nimbus::routes
