#include "base/error.h"
#include "base/file.h"
#include "crypto/digest.h"
#include "frontends/package.h"

#include <gmock/gmock.h>
#include <zip.h>

#include <memory>
#include <sys/stat.h>

namespace nimbus::frontends {
namespace {

class Packages : public testing::Test {
protected:
    Packages() { write_file(file, "a program", 0755); }

    Package pack(const std::filesystem::path& place, std::vector<std::string>* steps = nullptr)
    {
        make_directories(place);
        LoadOptions options;
        if (steps != nullptr)
            options.progress = [steps](std::string_view step) { steps->emplace_back(step); };
        return package_files({{"bootstrap", file, 0755}}, place, options);
    }

    TemporaryDirectory directory;
    std::filesystem::path file = directory.path() / "bootstrap";
};

TEST_F(Packages, HoldTheProgramExecutable)
{
    const auto package = pack(directory.path() / "a");
    const std::unique_ptr<zip_t, void (*)(zip_t*)> zip(
        zip_open(package.zip.c_str(), ZIP_RDONLY, nullptr), zip_discard);
    ASSERT_TRUE(zip);
    ASSERT_EQ(zip_get_num_entries(zip.get(), 0), 1);
    EXPECT_STREQ(zip_get_name(zip.get(), 0, 0), "bootstrap");
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;
    zip_file_get_external_attributes(zip.get(), 0, 0, &system, &attributes);
    EXPECT_EQ(system, ZIP_OPSYS_UNIX);
    EXPECT_EQ(attributes >> 16, S_IFREG | 0755u);
    auto* content = zip_fopen_index(zip.get(), 0, 0);
    std::string text(32, '\0');
    text.resize(static_cast<std::size_t>(zip_fread(content, text.data(), text.size())));
    zip_fclose(content);
    EXPECT_EQ(text, "a program");
}

TEST_F(Packages, HaveTheDigestOfTheirBytes)
{
    const auto package = pack(directory.path() / "a");
    EXPECT_EQ(package.sha256, crypto::sha256_hex_of_file(package.zip));
}

TEST_F(Packages, AreEqualForEqualFiles)
{
    const auto first = pack(directory.path() / "a");
    std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() -
                                               std::chrono::hours(50));
    const auto second = pack(directory.path() / "b");
    EXPECT_EQ(read_file(first.zip), read_file(second.zip));
}

TEST_F(Packages, AreMadeOnce)
{
    std::vector<std::string> steps;
    const auto first = pack(directory.path() / "a", &steps);
    const auto second = pack(directory.path() / "a", &steps);
    EXPECT_EQ(first.zip, second.zip);
    EXPECT_EQ(first.sha256, second.sha256);
    EXPECT_EQ(steps.size(), 1u);
}

TEST_F(Packages, OfAnotherProgramLeaveThoseInUse)
{
    const auto first = pack(directory.path() / "a");
    write_file(file, "another program", 0755);
    const auto second = pack(directory.path() / "a");
    EXPECT_NE(first.sha256, second.sha256);
    EXPECT_EQ(crypto::sha256_hex_of_file(first.zip), first.sha256);
}

TEST_F(Packages, AreMadeAgainWhenTheyWereDamaged)
{
    const auto package = pack(directory.path() / "a");
    write_file(package.zip, "damaged");
    const auto again = pack(directory.path() / "a");
    EXPECT_EQ(again.sha256, package.sha256);
    EXPECT_EQ(crypto::sha256_hex_of_file(again.zip), again.sha256);
}

TEST_F(Packages, NameAFileThatIsNotThere)
{
    std::filesystem::remove(file);
    EXPECT_THROW(pack(directory.path() / "a"), Error);
}

} // namespace
} // namespace nimbus::frontends
