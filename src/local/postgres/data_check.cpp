#include "local/postgres/data_check.h"

#include "base/file.h"
#include "local/postgres/carry_over.h"
#include "local/postgres/postgres_server.h"

#include <boost/crc.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

namespace nimbus::local::postgres {
namespace {

using Crc32c = boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true>;

constexpr std::size_t page_bytes = 8192;

/// Where the parts of pg_control are, in the version that PostgreSQL 13 to 16 write. Source:
/// PostgreSQL's src/include/catalog/pg_control.h.
namespace control {
constexpr int last_major_version = 16;
constexpr std::uint32_t known_version = 1300;
constexpr std::size_t version = 8;
constexpr std::size_t checkpoint = 32;
constexpr std::size_t redo = 40;
constexpr std::size_t timeline = 48;
constexpr std::size_t segment_bytes = 228;
constexpr std::size_t checksum = 288;
constexpr std::size_t size = 8192;
} // namespace control

/// Of a page and of a record of the write-ahead log. Source: PostgreSQL's
/// src/include/access/xlog_internal.h and xlogrecord.h.
namespace wal {
constexpr std::size_t page_address = 8;
constexpr std::size_t record_checksum = 20;
constexpr std::size_t record_header_bytes = 24;
} // namespace wal

/// In the machine's byte order, as PostgreSQL writes it.
template <class Integer>
Integer number_at(std::string_view bytes, std::size_t offset)
{
    Integer value{};
    std::memcpy(&value, bytes.data() + offset, sizeof(value));
    return value;
}

std::string quoted(const std::filesystem::path& path)
{
    return "'" + path.string() + "'";
}

/// As much as there is of `length` bytes from `offset` on.
std::string read_part(const std::filesystem::path& path, std::uint64_t offset, std::size_t length)
{
    std::ifstream file(path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    std::string part(length, '\0');
    file.read(part.data(), static_cast<std::streamsize>(length));
    part.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return part;
}

bool is_file(const std::filesystem::path& path)
{
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored);
}

bool is_folder(const std::filesystem::path& path)
{
    std::error_code ignored;
    return std::filesystem::is_directory(path, ignored);
}

bool is_control_intact(std::string_view content)
{
    Crc32c crc;
    crc.process_bytes(content.data(), control::checksum);
    return crc.checksum() == number_at<std::uint32_t>(content, control::checksum);
}

/// What a server that starts reads first of the write-ahead log.
class LogOfChanges {
public:
    LogOfChanges(std::filesystem::path directory, std::string_view control)
        : directory_(std::move(directory)),
          checkpoint_(number_at<std::uint64_t>(control, control::checkpoint)),
          redo_(number_at<std::uint64_t>(control, control::redo)),
          timeline_(number_at<std::uint32_t>(control, control::timeline)),
          segment_bytes_(number_at<std::uint32_t>(control, control::segment_bytes))
    {
    }

    std::string fault() const
    {
        for (auto segment = redo_ / segment_bytes_; segment <= checkpoint_ / segment_bytes_;
             ++segment)
            if (auto fault = fault_of_segment(segment); !fault.empty())
                return fault;
        return fault_of_checkpoint();
    }

private:
    std::filesystem::path path_of(std::uint64_t segment) const
    {
        const auto per_name = 0x100000000U / segment_bytes_;
        return directory_ /
               fmt::format("{:08X}{:08X}{:08X}", timeline_, segment / per_name, segment % per_name);
    }

    std::string fault_of_segment(std::uint64_t segment) const
    {
        const auto path = path_of(segment);
        if (!is_file(path))
            return quoted(path) + ", a part of the write-ahead log, is missing";
        if (std::filesystem::file_size(path) != segment_bytes_)
            return quoted(path) + ", a part of the write-ahead log, is truncated";
        const auto start = read_part(path, 0, wal::record_header_bytes);
        if (start.size() < wal::record_header_bytes ||
            number_at<std::uint64_t>(start, wal::page_address) != segment * segment_bytes_)
            return quoted(path) + ", a part of the write-ahead log, is damaged";
        return {};
    }

    std::string fault_of_checkpoint() const
    {
        const auto path = path_of(checkpoint_ / segment_bytes_);
        const auto in_page = checkpoint_ % page_bytes;
        const auto page = read_part(path, checkpoint_ % segment_bytes_, page_bytes - in_page);
        const auto damaged =
            quoted(path) + ", a part of the write-ahead log, lacks the last checkpoint";
        if (page.size() < wal::record_header_bytes)
            return page.size() == page_bytes - in_page ? "" : damaged; // it goes on in the next
        const auto length = number_at<std::uint32_t>(page, 0);
        if (length < wal::record_header_bytes || length > page_bytes)
            return damaged;
        if (length > page.size())
            return {};
        Crc32c crc;
        crc.process_bytes(page.data() + wal::record_header_bytes,
                          length - wal::record_header_bytes);
        crc.process_bytes(page.data(), wal::record_checksum);
        return crc.checksum() == number_at<std::uint32_t>(page, wal::record_checksum) ? ""
                                                                                      : damaged;
    }

    std::filesystem::path directory_;
    std::uint64_t checkpoint_, redo_;
    std::uint32_t timeline_;
    std::uint64_t segment_bytes_;
};

/// A server may have written it while it was read.
std::string read_control(const std::filesystem::path& path)
{
    constexpr int attempts = 3;
    auto content = read_part(path, 0, control::size);
    for (int more = attempts;
         more > 1 && content.size() == control::size && !is_control_intact(content); --more)
        content = read_part(path, 0, control::size);
    return content;
}

std::string fault_of_control_and_log(const std::filesystem::path& data, int version)
{
    const auto path = data / "global" / "pg_control";
    if (!is_file(path))
        return quoted(path) + " is missing";
    const auto content = read_control(path);
    if (content.size() != control::size)
        return quoted(path) + " is truncated";
    if (version > control::last_major_version)
        return {}; // its form is not known here: PostgreSQL will tell
    if (number_at<std::uint32_t>(content, control::version) != control::known_version ||
        !is_control_intact(content))
        return quoted(path) + " is damaged: its checksum is wrong";
    return LogOfChanges(data / "pg_wal", content).fault();
}

/// Of a table or an index: 16384, 16384.1, 16384_fsm, 16384_vm.
bool is_of_pages(const std::filesystem::path& path)
{
    return std::isdigit(static_cast<unsigned char>(path.filename().string().front())) != 0;
}

/// Source: PostgreSQL's src/include/storage/bufpage.h and PageIsVerifiedExtended.
bool is_page(std::string_view page)
{
    constexpr std::size_t lower_at = 12;
    constexpr std::size_t upper_at = 14;
    constexpr std::size_t special_at = 16;
    constexpr std::size_t layout_at = 18;
    constexpr std::uint16_t layout = page_bytes | 4U;
    if (std::ranges::all_of(page, [](char byte) { return byte == '\0'; }))
        return true;
    const auto lower = number_at<std::uint16_t>(page, lower_at);
    const auto upper = number_at<std::uint16_t>(page, upper_at);
    const auto special = number_at<std::uint16_t>(page, special_at);
    return number_at<std::uint16_t>(page, layout_at) == layout && lower <= upper &&
           upper <= special && special <= page_bytes;
}

std::string fault_of_pages(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    std::string page(page_bytes, '\0');
    for (std::uint64_t number = 0;; ++number) {
        file.read(page.data(), static_cast<std::streamsize>(page.size()));
        if (file.gcount() == 0)
            return file.bad() ? quoted(path) + " cannot be read" : "";
        if (static_cast<std::size_t>(file.gcount()) < page_bytes)
            return quoted(path) + " ends within page " + std::to_string(number);
        if (!is_page(page))
            return "Page " + std::to_string(number) + " of " + quoted(path) + " is damaged";
    }
}

} // namespace

std::string fault_of_data(const std::filesystem::path& directory)
{
    const auto data = directory / "data";
    if (has_old_data(directory) && !std::filesystem::exists(data))
        return {}; // the next start puts it back
    if (!is_folder(directory) || !is_folder(data))
        return "The data of the database cluster in " + quoted(directory) + " is missing";
    if (!is_file(data / "PG_VERSION"))
        return quoted(data / "PG_VERSION") + " is missing";
    const auto version = data_version(directory);
    if (!version)
        return quoted(data / "PG_VERSION") + " is damaged";
    return fault_of_control_and_log(data, *version);
}

std::vector<std::string> faults_of_pages(const std::filesystem::path& directory)
{
    std::vector<std::string> faults;
    std::error_code unreadable;
    for (const char* part : {"base", "global"}) {
        const auto place = directory / "data" / part;
        for (std::filesystem::recursive_directory_iterator entry(place, unreadable), end;
             !unreadable && entry != end; entry.increment(unreadable))
            if (entry->is_regular_file() && is_of_pages(entry->path()))
                if (auto fault = fault_of_pages(entry->path()); !fault.empty())
                    faults.push_back(std::move(fault));
        if (unreadable)
            faults.push_back(quoted(place) + " cannot be read: " + unreadable.message());
    }
    return faults;
}

} // namespace nimbus::local::postgres
