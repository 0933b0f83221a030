#include "frontends/package.h"

#include "base/error.h"
#include "frontends/build_record.h"
#include "frontends/toolchain.h"

#include <boost/json/serialize.hpp>
#include <zip.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <sys/stat.h>
#include <utility>

namespace nimbus::frontends {
namespace {

using namespace std::chrono_literals;

/// Deflate's fastest: an executable shrinks to a third either way, and a deploy waits for it.
constexpr zip_uint32_t compression_level = 1;
/// 1980-01-01 00:00, the first moment of a zip archive, in MS-DOS form.
constexpr zip_uint16_t dos_date = 1 << 5 | 1;

[[noreturn]] void throw_zip_error(const std::filesystem::path& archive, const char* reason)
{
    throw Error("The archive '" + archive.string() + "' cannot be written: " + reason);
}

class Archive {
public:
    Archive(std::filesystem::path path, zip_int32_t method)
        : path_(std::move(path)), method_(method), zip_(nullptr, zip_discard)
    {
        int code = 0;
        zip_.reset(zip_open(path_.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
        if (!zip_) {
            zip_error_t error;
            zip_error_init_with_code(&error, code);
            const std::string reason = zip_error_strerror(&error);
            zip_error_fini(&error);
            throw_zip_error(path_, reason.c_str());
        }
    }

    void add(const PackageFile& file)
    {
        auto* source = zip_source_file(zip_.get(), file.source.c_str(), 0, -1);
        if (source == nullptr)
            fail();
        const auto index = zip_file_add(zip_.get(), file.name.c_str(), source, ZIP_FL_ENC_UTF_8);
        if (index < 0) {
            zip_source_free(source);
            fail();
        }
        const auto entry = static_cast<zip_uint64_t>(index);
        const auto attributes = static_cast<zip_uint32_t>(S_IFREG | file.mode) << 16;
        if (zip_set_file_compression(zip_.get(), entry, method_, compression_level) != 0 ||
            zip_file_set_dostime(zip_.get(), entry, 0, dos_date, 0) != 0 ||
            zip_file_set_external_attributes(zip_.get(), entry, 0, ZIP_OPSYS_UNIX, attributes) != 0)
            fail();
    }

    void close()
    {
        if (zip_close(zip_.get()) != 0)
            fail();
        static_cast<void>(zip_.release()); // zip_close freed it
    }

private:
    [[noreturn]] void fail() const { throw_zip_error(path_, zip_strerror(zip_.get())); }

    std::filesystem::path path_;
    zip_int32_t method_;
    std::unique_ptr<zip_t, void (*)(zip_t*)> zip_;
};

/// All that the archive's bytes follow from, but the files' contents.
std::string recipe(const std::vector<PackageFile>& files, zip_int32_t method)
{
    std::string text =
        method == ZIP_CM_STORE ? "zip stored" : "zip level " + std::to_string(compression_level);
    for (const auto& file : files)
        text += '\n' + file.name + ' ' + std::to_string(file.mode) + ' ' + file.source.string();
    return text;
}

void write_archive(const std::filesystem::path& path, const std::vector<PackageFile>& files,
                   zip_int32_t method)
{
    Archive archive(path, method);
    for (const auto& file : files)
        archive.add(file);
    archive.close();
}

/// Archives of earlier builds, but for those that another deploy may be uploading.
void remove_old_archives(const std::filesystem::path& place, std::chrono::minutes age)
{
    const auto limit = std::filesystem::file_time_type::clock::now() - age;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(place, ignored))
        if (entry.path().extension() == ".zip" && entry.last_write_time(ignored) < limit)
            std::filesystem::remove(entry.path(), ignored);
}

} // namespace

Package package_files(std::vector<PackageFile> files, const std::filesystem::path& place,
                      const LoadOptions& options)
{
    std::ranges::sort(files, {}, &PackageFile::name);
    const auto record_file = place / "package.json";
    // Packing a program of megabytes takes longer than compiling it, and it goes no further than to
    // the local cloud.
    const bool is_development = options.purpose == LoadOptions::Purpose::development;
    const auto method = is_development ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
    const auto commands = recipe(files, method);
    // The archive itself is the record's first file.
    if (const auto record = current_record(record_file, commands))
        return {record->files.front().path, record->files.front().sha256};

    announce(options, "Packaging");
    const auto began = file_clock_now();
    remove_old_archives(place, is_development ? 1min : 24h);
    const auto unfinished = place / "package.new";
    write_archive(unfinished, files, method);
    auto stamp = stamp_file(unfinished);
    stamp.path = place / (stamp.sha256.substr(0, 16) + ".zip");
    std::filesystem::rename(unfinished, stamp.path);

    BuildRecord made{commands, {stamp}};
    for (const auto& file : files)
        made.files.push_back(stamp_file(file.source));
    save_record(record_file, made, began);
    return {stamp.path, stamp.sha256};
}

} // namespace nimbus::frontends
