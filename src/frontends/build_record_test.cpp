#include "base/error.h"
#include "base/file.h"
#include "frontends/build_record.h"

#include <gmock/gmock.h>

namespace nimbus::frontends {
namespace {

using namespace std::chrono_literals;

class BuildRecords : public testing::Test {
protected:
    void write(const std::string& content, std::chrono::seconds age)
    {
        write_file(file, content);
        std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - age);
    }

    TemporaryDirectory directory;
    std::filesystem::path file = directory.path() / "main.cpp";
    std::filesystem::path record = directory.path() / "record.json";
};

TEST_F(BuildRecords, AreCurrentWhenCommandsAndFilesAreTheSame)
{
    write("int main() {}", 1h);
    save_record(record, {"g++", {stamp_file(file)}}, file_clock_now());
    EXPECT_TRUE(current_record(record, "g++"));
    EXPECT_FALSE(current_record(record, "clang++"));
}

TEST_F(BuildRecords, AreNotCurrentWhenAFileChanged)
{
    write("int main() {}", 1h);
    save_record(record, {"g++", {stamp_file(file)}}, file_clock_now());
    write("int main( ) {}", 30min);
    EXPECT_FALSE(current_record(record, "g++"));
}

TEST_F(BuildRecords, TellTheNextBuildWhichFilesItNeedNotRead)
{
    const auto changing = directory.path() / "changing.cpp";
    write_file(changing, "before");
    write("int main() {}", 1h);
    auto known = stamp_file(file);
    known.sha256 = "as it was told";
    save_record(record, {"g++", {known, stamp_file(changing)}}, file_clock_now());
    write_file(changing, "after!");
    EXPECT_THAT(stamp_files({file, changing}, recorded_stamps(record)),
                testing::UnorderedElementsAre(known, stamp_file(changing)));
    EXPECT_THAT(stamp_files({file}, recorded_stamps(directory.path() / "none")),
                testing::ElementsAre(stamp_file(file)));
}

TEST_F(BuildRecords, AreNotKeptWhenAFileChangedDuringTheBuild)
{
    const auto kept = directory.path() / "place" / "record.json";
    make_directories(kept.parent_path());
    const auto began = file_clock_now();
    write("int main() {}", -1h);
    save_record(kept, {"g++", {stamp_file(file)}}, began);
    EXPECT_FALSE(current_record(kept, "g++"));
}

TEST_F(BuildRecords, DoNotMindThatOutputsAreNew)
{
    const auto place = directory.path() / "place";
    make_directories(place);
    write("int main() {}", 1h);
    write_file(place / "bootstrap", "ELF");
    std::filesystem::last_write_time(place / "bootstrap",
                                     std::filesystem::file_time_type::clock::now() + 1h);
    save_record(place / "record.json", {"g++", {stamp_file(file), stamp_file(place / "bootstrap")}},
                file_clock_now());
    EXPECT_TRUE(current_record(place / "record.json", "g++"));
}

TEST_F(BuildRecords, AreNotCurrentWhenAFileIsGone)
{
    write("int main() {}", 1h);
    save_record(record, {"g++", {stamp_file(file)}}, file_clock_now());
    std::filesystem::remove(file);
    EXPECT_FALSE(current_record(record, "g++"));
}

TEST_F(BuildRecords, AreNotCurrentWhenADirectoryHoldsOtherNames)
{
    const auto sources = directory.path() / "src";
    make_directories(sources);
    write_file(sources / "a.ts", "1");
    save_record(record, {"esbuild", {stamp_file(sources)}}, file_clock_now());
    write_file(sources / "a.ts", "2");
    write_file(sources / ".hidden", "");
    EXPECT_TRUE(current_record(record, "esbuild"));
    write_file(sources / "b.ts", "");
    EXPECT_FALSE(current_record(record, "esbuild"));
}

TEST_F(BuildRecords, CompareTheContentWhereOnlyTheTimeDiffers)
{
    write("int main() {}", 1h);
    save_record(record, {"g++", {stamp_file(file)}}, file_clock_now());
    write("int main() {}", 30min);
    const auto current = current_record(record, "g++");
    ASSERT_TRUE(current);
    // From now on the time tells.
    EXPECT_EQ(current->files[0], stamp_file(file));
    EXPECT_EQ(current_record(record, "g++"), current);
}

TEST_F(BuildRecords, DoNotTrustTheTimeOfAFileThatWasJustWritten)
{
    write("int main() { return 0; }", 0s);
    auto stamp = stamp_file(file);
    EXPECT_EQ(stamp.modified, 0);
    write("int main() { return 1; }", 0s); // as long as before
    EXPECT_FALSE(is_unchanged(stamp));
}

TEST_F(BuildRecords, ThatAreMissingOrBrokenAreNone)
{
    EXPECT_FALSE(current_record(record, "g++"));
    for (const auto* text : {"", "{", "[]", "{\"format\": 1}", "{\"format\": 1, \"files\": [3]}",
                             "{\"format\": 99, \"commands\": \"g++\", \"files\": []}"}) {
        write_file(record, text);
        EXPECT_FALSE(current_record(record, "g++")) << text;
    }
}

TEST_F(BuildRecords, NameAFileThatIsNotThere)
{
    EXPECT_THROW(stamp_file(directory.path() / "nothing"), Error);
}

} // namespace
} // namespace nimbus::frontends
