#include "api/route_path.h"

#include <gtest/gtest.h>

namespace nimbus::detail {
namespace {

TEST(RoutePath, FunctionsAreNamedAfterTheirRoute)
{
    EXPECT_EQ(function_name("GET", "/users/{id}/posts"), "get-users-id-posts");
    EXPECT_EQ(function_name("GET", "/"), "get");
    EXPECT_EQ(function_name("ANY", "$default"), "any-default");
    EXPECT_EQ(function_name("ANY", "/files/{path+}"), "any-files-path");
}

TEST(RoutePath, ParametersTakeOneSegmentDecoded)
{
    EXPECT_EQ(match_path("/users/{id}/posts", "/users/a%20b/posts"),
              (PathParameters{{"id", "a b"}}));
    EXPECT_FALSE(match_path("/users/{id}", "/users"));
    EXPECT_FALSE(match_path("/users/{id}", "/users/"));
    EXPECT_FALSE(match_path("/users/{id}", "/users/1/2"));
    EXPECT_FALSE(match_path("/users", "/users/"));
    EXPECT_TRUE(match_path("/", "/"));
}

TEST(RoutePath, GreedyParametersTakeTheRest)
{
    EXPECT_EQ(match_path("/files/{path+}", "/files/a/b"), (PathParameters{{"path", "a/b"}}));
    EXPECT_FALSE(match_path("/files/{path+}", "/files/"));
    EXPECT_FALSE(match_path("/files/{path+}", "/files"));
}

TEST(RoutePath, TheMostSpecificRouteWins)
{
    const std::vector<std::pair<std::string, std::string>> from_best_to_worst{
        {"GET", "/pets/dog/1"},    {"GET", "/pets/dog/{id}"}, {"GET", "/{a}/{b}/{c}"},
        {"GET", "/pets/{proxy+}"}, {"ANY", "/pets/{all+}"},   {"ANY", "/{proxy+}"},
        {"ANY", "$default"}};
    for (std::size_t i = 0; i < from_best_to_worst.size(); ++i)
        for (std::size_t j = i + 1; j < from_best_to_worst.size(); ++j) {
            const auto& [a_method, a_path] = from_best_to_worst[i];
            const auto& [b_method, b_path] = from_best_to_worst[j];
            EXPECT_TRUE(more_specific(a_method, a_path, b_method, b_path)) << a_path << b_path;
            EXPECT_FALSE(more_specific(b_method, b_path, a_method, a_path)) << a_path << b_path;
        }
}

} // namespace
} // namespace nimbus::detail
