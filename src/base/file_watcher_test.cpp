#include "base/file.h"
#include "base/file_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <fstream>
#include <poll.h>

namespace nimbus {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class FileWatcherTest : public testing::Test {
protected:
    /// What changes until something has, and nothing more comes.
    std::set<fs::path> changes(std::chrono::milliseconds limit = std::chrono::seconds{10})
    {
        pollfd waiting{.fd = watcher_.descriptor(), .events = POLLIN, .revents = 0};
        std::set<fs::path> all;
        while (all.empty() && ::poll(&waiting, 1, static_cast<int>(limit.count())) > 0)
            all.merge(watcher_.changes());
        all.merge(watcher_.changes());
        return all;
    }
    fs::path path(const std::string& name) const { return directory_.path() / name; }

    TemporaryDirectory directory_;
    FileWatcher watcher_;
};

TEST_F(FileWatcherTest, TellsOfFilesThatAreWrittenReplacedAndRemoved)
{
    write_file(path("a"), "1");
    write_file(path("b"), "1");
    watcher_.watch({path("a"), path("b")}, {});
    EXPECT_THAT(watcher_.changes(), IsEmpty());
    write_file(path("other"), "nobody's");
    EXPECT_THAT(watcher_.changes(), IsEmpty());

    write_file(path("a"), "2");
    EXPECT_THAT(changes(), ElementsAre(path("a")));
    write_file(path("new"), "3");
    fs::rename(path("new"), path("b"));
    EXPECT_THAT(changes(), ElementsAre(path("b")));
    fs::remove(path("a"));
    EXPECT_THAT(changes(), ElementsAre(path("a")));
    write_file(path("a"), "again");
    EXPECT_THAT(changes(), ElementsAre(path("a")));
}

TEST_F(FileWatcherTest, KnowsThatAFileIsStillBeingWritten)
{
    write_file(path("a"), "1");
    watcher_.watch({path("a")}, {});
    {
        const UniqueFd file(::open(path("a").c_str(), O_WRONLY | O_CLOEXEC));
        ASSERT_EQ(::write(file.get(), "2", 1), 1);
        EXPECT_THAT(changes(), ElementsAre(path("a")));
        EXPECT_TRUE(watcher_.is_being_written());
    }
    EXPECT_THAT(changes(), ElementsAre(path("a")));
    EXPECT_FALSE(watcher_.is_being_written());
}

TEST_F(FileWatcherTest, TellsOfNewNamesInADirectoryButNotOfAnEditorsOwn)
{
    write_file(path("a"), "1");
    watcher_.watch({}, {directory_.path()});
    for (const auto* name : {"a", ".a.swp", "a~"})
        std::ofstream(path(name)) << "2";
    EXPECT_THAT(watcher_.changes(), IsEmpty());
    std::ofstream(path("b")) << "2";
    EXPECT_THAT(changes(), ElementsAre(directory_.path()));
    fs::remove(path("b"));
    EXPECT_THAT(changes(), ElementsAre(directory_.path()));
}

TEST_F(FileWatcherTest, TellsOfWhatIsBehindASymbolicLink)
{
    fs::create_directory(path("real"));
    write_file(path("real/a"), "1");
    fs::create_directory(path("project"));
    fs::create_symlink("../real/a", path("project/a"));
    watcher_.watch({path("project/a")}, {});
    write_file(path("real/a"), "2");
    EXPECT_THAT(changes(), ElementsAre(path("project/a")));
    fs::remove(path("project/a"));
    EXPECT_THAT(changes(), ElementsAre(path("project/a")));
}

TEST_F(FileWatcherTest, TellsOfAFileWhoseDirectoryWasMissing)
{
    watcher_.watch({path("deep/er/a")}, {});
    fs::create_directories(path("deep/er"));
    EXPECT_THAT(changes(), ElementsAre(path("deep/er/a")));
    watcher_.watch({path("deep/er/a")}, {});
    write_file(path("deep/er/a"), "1");
    EXPECT_THAT(changes(), ElementsAre(path("deep/er/a")));
    fs::rename(path("deep"), path("elsewhere"));
    watcher_.watch({path("deep/er/a")}, {});
    fs::rename(path("elsewhere"), path("deep"));
    EXPECT_THAT(changes(), ElementsAre(path("deep/er/a")));
}

TEST_F(FileWatcherTest, TellsOfAllFilesWhenMoreHappenedThanTheSystemKeeps)
{
    write_file(path("a"), "1");
    write_file(path("b"), "1");
    watcher_.watch({path("a"), path("b")}, {});
    std::ifstream limit("/proc/sys/fs/inotify/max_queued_events");
    int events = 0;
    limit >> events;
    // Equal events one after another are one, so there are two names; each writing is several
    // events.
    for (int i = 0; i < events; i += 2)
        for (const auto* name : {"other", "another"})
            std::ofstream(path(name)) << i;
    EXPECT_THAT(changes(), ElementsAre(path("a"), path("b")));
}

TEST_F(FileWatcherTest, DoesNotTellOfWhatIsNotWatchedAnyMore)
{
    fs::create_directory(path("old"));
    watcher_.watch({path("old/a")}, {});
    watcher_.watch({path("b")}, {});
    write_file(path("old/a"), "");
    EXPECT_THAT(watcher_.changes(), IsEmpty());
    EXPECT_EQ(watcher_.trouble(), "");
}

} // namespace
} // namespace nimbus
