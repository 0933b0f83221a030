#include "base/ca_bundle.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace nimbus {
namespace {

class CaBundle : public ::testing::Test {
protected:
    void SetUp() override { ::unsetenv("SSL_CERT_FILE"); }
    void TearDown() override { ::unsetenv("SSL_CERT_FILE"); }
};

TEST_F(CaBundle, IsTheFileThatTheEnvironmentNames)
{
    ::setenv("SSL_CERT_FILE", "/somewhere/else.pem", 1);
    EXPECT_EQ(system_ca_bundle(), "/somewhere/else.pem");
}

TEST_F(CaBundle, IsAFileOfTheSystemOtherwise)
{
    ::setenv("SSL_CERT_FILE", "", 1);
    const auto file = system_ca_bundle();
    if (!file)
        GTEST_SKIP() << "this system has no certificate authorities";
    EXPECT_TRUE(std::filesystem::is_regular_file(*file));
}

} // namespace
} // namespace nimbus
