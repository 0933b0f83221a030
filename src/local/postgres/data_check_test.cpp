#include "base/file.h"
#include "local/postgres/data_check.h"

#include <gmock/gmock.h>

namespace nimbus::local::postgres {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::size_t page_bytes = 8192;

class DataCheck : public testing::Test {
protected:
    void write(const std::string& name, const std::string& content)
    {
        const auto path = directory_.path() / "data" / name;
        make_directories(path.parent_path());
        write_file(path, content);
    }

    /// An empty page, as PageInit leaves it.
    static std::string page()
    {
        std::string content(page_bytes, '\0');
        content[12] = 24;   // lower
        content[15] = 0x20; // upper: 8192
        content[17] = 0x20; // special
        content[18] = 4;    // layout
        content[19] = 0x20;
        return content;
    }

    TemporaryDirectory directory_;
};

TEST_F(DataCheck, NamesTheFileThatIsMissing)
{
    EXPECT_THAT(fault_of_data(directory_.path() / "none"), HasSubstr("is missing"));
    EXPECT_THAT(fault_of_data(directory_.path()), HasSubstr("is missing"));
    write("PG_VERSION", "16\n");
    EXPECT_THAT(fault_of_data(directory_.path()), HasSubstr("pg_control' is missing"));
    write("global/pg_control", "short");
    EXPECT_THAT(fault_of_data(directory_.path()), HasSubstr("pg_control' is truncated"));
    write("global/pg_control", std::string(page_bytes, 'x'));
    EXPECT_THAT(fault_of_data(directory_.path()), HasSubstr("pg_control' is damaged"));
}

TEST_F(DataCheck, LeavesFormsThatItDoesNotKnowToPostgreSQL)
{
    write("PG_VERSION", "18\n");
    write("global/pg_control", std::string(page_bytes, 'x'));
    EXPECT_EQ(fault_of_data(directory_.path()), "");
}

TEST_F(DataCheck, TellsPagesFromWhatPostgreSQLDidNotWrite)
{
    write("base/5/16384", page() + std::string(page_bytes, '\0') + page());
    write("base/5/pg_filenode.map", "anything");
    write("global/1260", page());
    EXPECT_THAT(faults_of_pages(directory_.path()), IsEmpty());
    write("base/5/16385", page() + std::string(page_bytes, 'x'));
    EXPECT_THAT(faults_of_pages(directory_.path()), ElementsAre(HasSubstr("Page 1 of ")));
    write("base/5/16385", page() + "half");
    EXPECT_THAT(faults_of_pages(directory_.path()),
                ElementsAre(HasSubstr("16385' ends within page 1")));
}

} // namespace
} // namespace nimbus::local::postgres
