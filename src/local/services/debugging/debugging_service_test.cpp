#include "local/services/debugging/debugging_service.h"
#include "local/services/test_calls.h"

#include <gmock/gmock.h>

#include <unistd.h>

namespace nimbus::local {
namespace {

using namespace testing_calls;

class DebuggingService : public testing::Test {
protected:
    http::Response put(const std::string& members)
    {
        return send_json(service_, "PUT", "/debugging",
                         "{\"process\":" + std::to_string(::getpid()) + members + "}");
    }

    std::shared_ptr<DebugSessions> sessions_ = std::make_shared<DebugSessions>();
    Service service_ = make_debugging_service(sessions_);
};

TEST_F(DebuggingService, WhatIsPutIsDebuggedAndItsProcessesAreTold)
{
    EXPECT_EQ(put(R"(,"functions":["f"],"inspectorPort":9229)").status, 200);
    EXPECT_EQ(sessions_->mode_of("f"), DebugMode{.inspector_port = 9229});
    sessions_->started("f", 11);
    EXPECT_EQ(compact_json(body_of(send_json(service_, "GET", "/debugging"))),
              R"({"processes":{"f":11}})");
    EXPECT_EQ(put(R"(,"functions":[])").status, 200);
    EXPECT_EQ(sessions_->mode_of("f"), std::nullopt);
}

TEST_F(DebuggingService, ABadDocumentChangesNothing)
{
    EXPECT_EQ(put(R"(,"functions":["f"])").status, 200);
    for (const auto* members : {"", R"(,"functions":"f")", R"(,"functions":[1])",
                                R"(,"functions":["g"],"inspectorPort":65536)",
                                R"(,"functions":["g"],"inspectorPort":"9229")"})
        EXPECT_EQ(error_of(put(members)), "400 ValidationException") << members;
    EXPECT_EQ(error_of(send_json(service_, "PUT", "/debugging", R"({"functions":["g"]})")),
              "400 ValidationException");
    EXPECT_EQ(sessions_->mode_of("f"), DebugMode{});
    EXPECT_EQ(sessions_->mode_of("g"), std::nullopt);
}

} // namespace
} // namespace nimbus::local
