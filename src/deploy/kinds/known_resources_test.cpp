#include "aws/ops/lambda/functions.h"
#include "deploy/known_resources.h"
#include "deploy/test_cloud.h"

#include <gtest/gtest.h>

namespace nimbus::deploy {
namespace {

using testing_cloud::CloudProcess;
using testing_cloud::Person;

/// Deploys again and again in one process.
class KnownResourcesOf : public testing::Test {
protected:
    KnownResourcesOf() { deploy_twice(); } // what was made is read once

    void deploy_twice()
    {
        for (int i = 0; i < 2; ++i)
            deploy();
    }

    Changes deploy()
    {
        return deploy::deploy(all_kinds(), person.target(), program, person.artifacts(),
                              person.options, known)
            .value()
            .changes;
    }

    int memory_of_first_function() const
    {
        return person.client()
            .call(aws::lambda::GetFunction{.function_name = function})
            .configuration.memory_megabytes;
    }

    static constexpr const char* function = "testbed-dev-GET--a";

    CloudProcess cloud;
    Person person{cloud};
    manifest::Manifest program = Person::application({"GET /a", "GET /b", "GET /c"});
    KnownResources known;
};

TEST_F(KnownResourcesOf, AnUnchangedProgramAreNotReadAgain)
{
    const auto before = person.calls();
    const auto changes = deploy();
    EXPECT_EQ(changes.created + changes.updated + changes.deleted, 0);
    EXPECT_LE(person.calls() - before, 2) << "the state, and a lock that somebody may have left";
}

TEST_F(KnownResourcesOf, AProgramWithOtherCodeAreChangedAsByADeployThatReadsAll)
{
    person.change_code();
    const auto changes = deploy();
    EXPECT_EQ(changes.updated, 3);
    EXPECT_EQ(changes.created, 1) << "the artifact";
    EXPECT_EQ(changes.deleted, 1);
    Person careful(cloud);
    careful.change_code();
    careful.deploy(program);
    EXPECT_EQ(careful.changes(), 0);
}

TEST_F(KnownResourcesOf, AProgramThatDeclaresMoreAreCompletedAndReduced)
{
    const auto first = program;
    program = Person::application({"GET /a", "GET /b", "GET /c", "GET /d"}, 512);
    EXPECT_GT(deploy().created, 0);
    EXPECT_EQ(memory_of_first_function(), 512);
    program = first;
    EXPECT_GT(deploy().deleted, 0);
    EXPECT_EQ(memory_of_first_function(), 256);
}

TEST_F(KnownResourcesOf, ADeploymentThatSomebodyElseChangedAreReadAgain)
{
    Person(cloud).deploy(Person::application({"GET /a", "GET /b", "GET /c"}, 512));
    EXPECT_EQ(deploy().updated, 3);
    EXPECT_EQ(memory_of_first_function(), 256);
}

TEST_F(KnownResourcesOf, ADeployThatFailedAreReadAgain)
{
    person.client().call(aws::lambda::DeleteFunction{.function_name = function});
    program = Person::application({"GET /a", "GET /b", "GET /c"}, 512);
    person.options.interrupted = [] { return true; };
    EXPECT_THROW(deploy(), Stopped);
    person.options.interrupted = {};
    deploy();
    EXPECT_EQ(memory_of_first_function(), 512);
}

TEST_F(KnownResourcesOf, ADeployAreForgottenWhenThatIsAskedFor)
{
    person.client().call(aws::lambda::DeleteFunction{.function_name = function});
    EXPECT_EQ(deploy().created, 0) << "it is not seen";
    known.forget();
    EXPECT_GT(deploy().created, 0);
}

} // namespace
} // namespace nimbus::deploy
