#include "local/services/secretsmanager/secret.h"

#include <gtest/gtest.h>

namespace nimbus::local {
namespace {

using Stages = std::vector<std::string>;

class SecretVersions : public testing::Test {
protected:
    void add(const std::string& id, const Stages& stages = {stage_current})
    {
        secret_.add_version({.id = id, .created = now_}, stages);
    }
    Stages stages(const std::string& id) { return secret_.find_version(id)->stages; }

    SystemTime now_ = from_unix_milliseconds(1'700'000'000'000);
    Secret secret_;
};

TEST_F(SecretVersions, TheNewestIsCurrentAndTheOneBeforePrevious)
{
    add("1");
    add("2");
    add("3");
    EXPECT_EQ(stages("1"), Stages{});
    EXPECT_EQ(stages("2"), Stages{"AWSPREVIOUS"});
    EXPECT_EQ(stages("3"), Stages{"AWSCURRENT"});
}

TEST_F(SecretVersions, TheFirstIsCurrentWhateverItIsCalled)
{
    add("1", {"blue"});
    EXPECT_EQ(stages("1"), (Stages{"AWSCURRENT", "blue"}));
}

TEST_F(SecretVersions, AStageIsOnOneVersionOnly)
{
    add("1");
    add("2", {"two", "three", "one"});
    add("3", {"one", "four", "two"});
    EXPECT_EQ(stages("1"), Stages{"AWSCURRENT"});
    EXPECT_EQ(stages("2"), Stages{"three"});
    EXPECT_EQ(stages("3"), (Stages{"four", "one", "two"}));
}

TEST_F(SecretVersions, TakingOverCurrentMakesTheOldOnePreviousAndKeepsItsOwnStages)
{
    add("1");
    add("2", {"AWSPENDING", "mine"});
    secret_.move_stage("AWSCURRENT", "2");
    EXPECT_EQ(stages("1"), Stages{"AWSPREVIOUS"});
    EXPECT_EQ(stages("2"), (Stages{"AWSCURRENT", "AWSPENDING", "mine"}));
    secret_.move_stage("AWSCURRENT", "1");
    EXPECT_EQ(stages("1"), Stages{"AWSCURRENT"});
    EXPECT_EQ(stages("2"), (Stages{"AWSPENDING", "AWSPREVIOUS", "mine"}));
}

TEST_F(SecretVersions, ANewCurrentValueEndsTheRotationOfTheOneBefore)
{
    add("1");
    add("2", {"AWSPENDING"});
    secret_.move_stage("AWSCURRENT", "2");
    add("3");
    EXPECT_EQ(stages("2"), Stages{"AWSPREVIOUS"});
    EXPECT_EQ(stages("3"), Stages{"AWSCURRENT"});
}

TEST_F(SecretVersions, MovingAStageToWhereItIsChangesNothing)
{
    add("1");
    secret_.move_stage("AWSCURRENT", "1");
    EXPECT_EQ(stages("1"), Stages{"AWSCURRENT"});
}

TEST_F(SecretVersions, AHundredAreKeptAndAllOfTheLastDay)
{
    for (int i = 0; i < 102; ++i)
        add(std::to_string(i));
    EXPECT_TRUE(secret_.remove_old_versions(now_ + std::chrono::hours(23)).empty());
    EXPECT_EQ(secret_.remove_old_versions(now_ + std::chrono::hours(24)), (Stages{"0", "1"}));
    EXPECT_EQ(secret_.versions.size(), 100U);
}

TEST_F(SecretVersions, WithAStageNoneIsRemoved)
{
    add("kept", {"mine"});
    for (int i = 0; i < 100; ++i)
        add(std::to_string(i));
    EXPECT_EQ(secret_.remove_old_versions(now_ + std::chrono::hours(24)), Stages{"0"});
}

} // namespace
} // namespace nimbus::local
