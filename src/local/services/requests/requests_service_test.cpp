#include "local/services/requests/requests_service.h"
#include "local/services/test_calls.h"

#include <gmock/gmock.h>

namespace nimbus::local {
namespace {

using namespace testing_calls;

TEST(RequestsService, TellsWhatWasAnswered)
{
    const auto requests = std::make_shared<AnsweredRequests>();
    const auto service = make_requests_service(requests);
    EXPECT_EQ(compact_json(body_of(send_json(service, "GET", "/requests"))), R"({"requests":[]})");
    requests->add("2f6c", 404);
    EXPECT_EQ(compact_json(body_of(send_json(service, "GET", "/requests"))),
              R"({"requests":[{"invocationId":"2f6c","status":404}]})");
}

} // namespace
} // namespace nimbus::local
