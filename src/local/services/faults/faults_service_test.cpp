#include "base/test_log.h"
#include "local/services/faults/faults_service.h"
#include "local/services/test_calls.h"

#include <gmock/gmock.h>

namespace nimbus::local {
namespace {

using namespace testing_calls;
using testing::HasSubstr;

class FaultsService : public testing::Test {
protected:
    std::string get() { return compact_json(body_of(send_json(service_, "GET", "/faults"))); }
    http::Response put(const std::string& body)
    {
        return send_json(service_, "PUT", "/faults", body);
    }

    TestLog log_;
    std::shared_ptr<FaultInjector> injector_ = std::make_shared<FaultInjector>();
    Service service_ = make_faults_service(injector_, log_.log());
};

TEST_F(FaultsService, NothingIsOnAtFirst)
{
    EXPECT_EQ(get(), R"({"faults":[],"delayMilliseconds":500,"seed":0})");
}

TEST_F(FaultsService, WhatIsPutIsOnAndCounted)
{
    const auto answer =
        put(R"({"faults":[{"fault":"throttles","percent":100}],"delayMilliseconds":20,"seed":3})");
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(log_.last(), HasSubstr("faults=\"throttles 100%, seed 3\""));
    injector_->strikes(Fault::throttle, {});
    injector_->strikes(Fault::conflict, {});
    EXPECT_EQ(get(), R"({"faults":[{"fault":"throttles","percent":100,"events":1,"injected":1}],)"
                     R"("delayMilliseconds":20,"seed":3})");
}

TEST_F(FaultsService, ABadDocumentChangesNothing)
{
    put(R"({"faults":[{"fault":"throttles","percent":100}],"delayMilliseconds":20,"seed":3})");
    const auto before = get();
    const auto refused =
        put(R"({"faults":[{"fault":"throttles","percent":-1}],"delayMilliseconds":20,"seed":3})");
    EXPECT_EQ(error_of(refused), "400 ValidationException");
    EXPECT_EQ(get(), before);
}

} // namespace
} // namespace nimbus::local
