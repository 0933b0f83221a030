#include "base/file.h"
#include "local/services/lambda/code_garbage.h"

#include <gmock/gmock.h>

namespace nimbus::local {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class CodeGarbageTest : public testing::Test {
protected:
    void give(const std::string& name, const std::string& code_sha256)
    {
        auto function = std::make_shared<Function>();
        function->name = name;
        function->arn = "arn:aws:lambda:us-east-1:123456789012:function:" + name;
        function->code_sha256 = code_sha256;
        functions_.put({.function = std::move(function), .region = "us-east-1"});
    }

    void collect_after(std::chrono::minutes pause)
    {
        now_ += pause;
        EXPECT_FALSE(garbage_.collect());
    }

    TemporaryDirectory directory_;
    sqlite::Database database_{":memory:"};
    SystemTime now_ = from_unix_milliseconds(1'700'000'000'000);
    FunctionRegistry functions_{database_, "us-east-1"};
    BlobStore code_{directory_.path()};
    CodeGarbage garbage_{functions_, code_, [this] { return now_; }};
};

TEST_F(CodeGarbageTest, CodeThatNoFunctionHasIsKeptForAWhile)
{
    const auto used = code_.put("used")->hash();
    const auto old = code_.put("old")->hash();
    give("f", used);
    garbage_.collect();
    collect_after(CodeGarbage::kept_for - std::chrono::minutes(1));
    EXPECT_THAT(code_.hashes(), UnorderedElementsAre(used, old));
    collect_after(std::chrono::minutes(2));
    EXPECT_THAT(code_.hashes(), ElementsAre(used));
}

TEST_F(CodeGarbageTest, CodeThatAFunctionGetsAgainStays)
{
    const auto code = code_.put("code")->hash();
    garbage_.collect();
    collect_after(CodeGarbage::kept_for - std::chrono::minutes(1));
    give("f", code);
    collect_after(std::chrono::minutes(2));
    give("f", "other");
    collect_after(std::chrono::minutes(2));
    EXPECT_THAT(code_.hashes(), ElementsAre(code)) << "its time begins anew";
    collect_after(CodeGarbage::kept_for);
    EXPECT_THAT(code_.hashes(), IsEmpty());
}

} // namespace
} // namespace nimbus::local
