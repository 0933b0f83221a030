#include "local/postgres/data_backup.h"

#include "base/error.h"
#include "base/file.h"
#include "local/postgres/data_directory.h"
#include "local/postgres/postgres_server.h"
#include "local/postgres/tree_copy.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <unistd.h>

namespace nimbus::local::postgres {
namespace {

namespace fs = std::filesystem;

/// What belongs to the running server, and not to the data: these directories are copied empty.
constexpr std::array<std::string_view, 8> emptied{"pg_wal",      "pg_replslot", "pg_dynshmem",
                                                  "pg_notify",   "pg_serial",   "pg_snapshots",
                                                  "pg_stat_tmp", "pg_subtrans"};
constexpr std::array<std::string_view, 3> left_out{"postmaster.pid", "postmaster.opts",
                                                   "backup_label"};

bool is_of_the_server(const fs::path& relative)
{
    const auto first = relative.begin()->string();
    if (std::ranges::find(left_out, first) != left_out.end() ||
        relative.filename().string().starts_with("pgsql_tmp"))
        return true;
    return std::ranges::find(emptied, first) != emptied.end() && relative.has_parent_path();
}

/// 000000010000000000000002, and the histories of timelines.
bool is_of_the_log(const fs::path& name)
{
    constexpr std::size_t digits = 24;
    const auto text = name.string();
    return text.size() == digits || text.ends_with(".history");
}

} // namespace

void copy_running_data(const fs::path& data, const fs::path& target,
                       const std::function<std::string()>& finish)
{
    make_directories(target.parent_path(), 0700);
    copy_tree(data, target, {}, {.leaves_out = is_of_the_server, .may_vanish = true});
    write_file(target / "backup_label", finish(), 0600);
    fs::remove_all(target / "pg_wal");
    copy_tree(data / "pg_wal", target / "pg_wal", {},
              {.leaves_out = [](const fs::path& name) { return !is_of_the_log(name); },
               .may_vanish = true});
    make_directories(target / "pg_wal" / "archive_status", 0700);
}

void copy_resting_data(const fs::path& directory, const fs::path& target)
{
    make_directories(target, 0700);
    copy_tree(directory / "data", target / "data", {}, {.leaves_out = [](const fs::path& relative) {
                  return std::ranges::find(left_out, relative.string()) != left_out.end() &&
                         relative != "backup_label";
              }});
}

void give_to_server(const fs::path& directory)
{
    const auto owner = server_identity();
    if (!owner)
        return;
    const auto give = [&](const fs::path& path) {
        if (::lchown(path.c_str(), owner->uid, owner->gid) != 0)
            throw_system_error(errno, "Cannot give '" + path.string() +
                                          "' to the user that PostgreSQL runs as");
    };
    for (const auto& entry : fs::recursive_directory_iterator(directory))
        give(entry.path());
    give(directory);
}

} // namespace nimbus::local::postgres
