#include "deploy/kinds/sql/sharing.h"

#include <gtest/gtest.h>

namespace nimbus::deploy::sql {
namespace {

const aws::Tags tags{{"nimbus:project", "blue"},
                     {"nimbus:schema:blue", "blue/dev"},
                     {"nimbus:schema:red", "red/dev protected"}};

TEST(Sharing, ClaimsAreTags)
{
    const SchemaClaim red{.schema = "red", .owner = "red/dev", .is_protected = true};
    EXPECT_EQ(claim_of(tags, "red"), red);
    EXPECT_EQ(claim_tag("red"), "nimbus:schema:red");
    EXPECT_EQ(claim_value(red), "red/dev protected");
    EXPECT_EQ(claims_of(tags).size(), 2u);
    EXPECT_FALSE(claim_of(tags, "green"));
}

TEST(Sharing, AnIntentionIsOfOneApplicationAndComesBeforeItsClaim)
{
    EXPECT_NE(intention_tag("blue", "blue/dev"), intention_tag("blue", "red/dev"));
    const aws::Tags intended{{intention_tag("data", "red/dev"), "red/dev"}};
    EXPECT_FALSE(claim_of(intended, "data"));
    EXPECT_EQ(other_claimant(intended, "data", "blue/dev"), "red/dev");
    EXPECT_EQ(other_claimant(intended, "data", "red/dev"), "");
    EXPECT_EQ(other_claimant(intended, "dat", "blue/dev"), "");
    EXPECT_EQ(other_claimant(tags, "red", "blue/dev"), "red/dev");
    EXPECT_EQ(other_owners(intended, "blue/dev"), "red/dev") << "the cluster is theirs, too";
}

TEST(Sharing, OthersAreThoseOfAnotherProjectOrStage)
{
    EXPECT_EQ(other_owners(tags, "blue/dev"), "red/dev");
    EXPECT_EQ(other_owners(tags, "blue/prod"), "blue/dev, red/dev");
    EXPECT_TRUE(others_protect(tags, "blue/dev"));
    EXPECT_FALSE(others_protect(tags, "red/dev"));
}

TEST(Sharing, AClusterIsAnApplicationsWhenItCarriesItsProject)
{
    EXPECT_TRUE(is_made_by_an_application(tags));
    EXPECT_FALSE(is_made_by_an_application({{"nimbus:cluster", "team"}, {"owner", "payroll"}}));
}

} // namespace
} // namespace nimbus::deploy::sql
