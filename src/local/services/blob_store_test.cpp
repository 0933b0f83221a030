#include "base/file.h"
#include "local/services/blob_store.h"

#include <gmock/gmock.h>

namespace nimbus::local {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class BlobStoreTest : public testing::Test {
protected:
    std::string put(const std::string& content)
    {
        return BlobStore(directory_.path()).put(content)->hash();
    }
    void sweep(const std::set<std::string>& referenced)
    {
        BlobStore(directory_.path()).sweep(referenced, now_);
    }

    TemporaryDirectory directory_;
    SystemTime now_ = system_now();
};

TEST_F(BlobStoreTest, SetsAsideWhatNothingRefersTo)
{
    const auto kept = put("kept");
    const auto other = put("other");
    sweep({kept});
    BlobStore store(directory_.path());
    EXPECT_THAT(store.hashes(), ElementsAre(kept));
    EXPECT_EQ(read_file(directory_.path() / BlobStore::aside_directory / other), "other");
}

TEST_F(BlobStoreTest, TakesBackWhatIsReferredToAgain)
{
    const auto hash = put("lost and found");
    sweep({});
    sweep({hash});
    EXPECT_EQ(BlobStore(directory_.path()).read(hash), "lost and found");
}

TEST_F(BlobStoreTest, DeletesWhatWasSetAsideLongAgo)
{
    const auto hash = put("garbage");
    sweep({});
    now_ += BlobStore::kept_aside - std::chrono::hours(1);
    sweep({});
    EXPECT_TRUE(std::filesystem::exists(directory_.path() / BlobStore::aside_directory / hash));
    now_ += std::chrono::hours(2);
    sweep({});
    EXPECT_FALSE(std::filesystem::exists(directory_.path() / BlobStore::aside_directory / hash));
}

} // namespace
} // namespace nimbus::local
