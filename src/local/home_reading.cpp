#include "local/home_reading.h"

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "local/control_plane/stored_state.h"
#include "local/postgres/data_check.h"
#include "local/services/blob_store.h"
#include "local/services/needed_file.h"
#include "sqlite/database.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <memory>
#include <optional>

namespace nimbus::local {
namespace {

namespace fs = std::filesystem;

/// Empty when the file is what it has to be.
std::string fault_of_file(const fs::path& path, std::uint64_t size, const std::string& sha256)
{
    std::error_code failure;
    if (!fs::is_regular_file(path, failure))
        return "is missing";
    if (fs::file_size(path, failure) != size || failure)
        return "has the wrong size";
    try {
        return crypto::sha256_hex_of_file(path) == sha256 ? "" : "has another content";
    } catch (const Error& error) {
        return std::string("cannot be read: ") + error.what();
    }
}

/// The database that a damage's repair works on lives as long as the repair.
struct Stored {
    explicit Stored(const Home& home)
        : database(home.database(), sqlite::Database::Open::existing),
          files(needed_files(database, home.data()))
    {
    }

    sqlite::Database database;
    std::vector<NeededFile> files;
};

/// Where the same content may be: the stores name files by it.
std::optional<fs::path> other_copy(const Home& home, const NeededFile& file)
{
    for (const auto* store : {objects_directory, code_directory})
        for (const auto& path : {BlobStore::path_in(home.data() / store, file.sha256),
                                 home.data() / store / BlobStore::aside_directory / file.sha256})
            if (path != file.path && fault_of_file(path, file.size, file.sha256).empty())
                return path;
    return {};
}

std::string take_copy(const Home& home, const NeededFile& file, const fs::path& copy)
{
    move_aside(home, file.path);
    make_directories(file.path.parent_path(), 0700);
    write_file(file.path, read_file(copy), 0600);
    return "Put the content of " + file.owner + " back from '" + copy.string() + "'";
}

std::string forget(const Home& home, const NeededFile& file)
{
    const auto content = move_aside(home, file.path);
    make_directories(home.set_aside(), 0700);
    const auto list = home.set_aside() / "forgotten.jsonl";
    write_file(list, read_file_if_exists(list).value_or("") + compact_json(file.forget()) + "\n",
               0600);
    return "Took " + file.owner + " out of the database; what it had of it is in '" +
           list.string() + "'" +
           (content.empty() ? ""
                            : ", and what is left of the content in '" + content.string() + "'");
}

Damage damage_of_file(const Home& home, const std::shared_ptr<Stored>& stored,
                      const NeededFile& file, const std::string& fault)
{
    Damage damage{.what =
                      "'" + file.path.string() + "', the content of " + file.owner + ", " + fault,
                  .way_out = "Restore a backup, or run 'nimbus local check --repair', which takes "
                             "it out of the database and keeps what is left aside."};
    if (const auto copy = other_copy(home, file)) {
        damage.way_out = "Run 'nimbus local check --repair': the same content is also in '" +
                         copy->string() + "'.";
        damage.repair = [home, stored, file, copy] { return take_copy(home, file, *copy); };
    } else if (file.forget) {
        damage.repair = [home, stored, file] { return forget(home, file); };
    } else {
        damage.way_out = "Restore a backup, or delete it and deploy its application again.";
    }
    return damage;
}

/// What has changed while it was read was changed by the cloud.
bool is_still_needed(const Home& home, const NeededFile& file)
{
    const auto now = Stored(home).files;
    return std::ranges::any_of(now, [&](const NeededFile& each) {
        return each.path == file.path && each.owner == file.owner;
    });
}

void read_files(const Home& home, std::vector<Damage>& found)
{
    const auto stored = std::make_shared<Stored>(home);
    std::map<fs::path, std::string> faults; ///< what several have is read once
    for (const auto& file : stored->files) {
        const auto [known, is_new] = faults.try_emplace(file.path);
        if (is_new)
            known->second = fault_of_file(file.path, file.size, file.sha256);
        if (!known->second.empty() && is_still_needed(home, file))
            found.push_back(damage_of_file(home, stored, file, known->second));
    }
}

void read_database(const Home& home, std::vector<Damage>& found)
{
    sqlite::Database database(home.database(), sqlite::Database::Open::existing);
    for (const auto& fault : database.find_damage())
        found.push_back({.what = "'" + home.database().string() + "' is damaged: " + fault,
                         .way_out = "Restore a backup with 'nimbus local restore'."});
}

void read_clusters(const Home& home, std::vector<Damage>& found)
{
    sqlite::Database database(home.database(), sqlite::Database::Open::existing);
    for (const auto& [id, region] : clusters_with_data(database))
        for (const auto& fault : postgres::faults_of_pages(home.clusters() / id))
            found.push_back({.what = fault,
                             .way_out = "Restore a backup with 'nimbus local restore'; PostgreSQL "
                                        "serves what else is in the cluster."});
}

} // namespace

std::vector<Damage> read_home(const Home& home,
                              const std::function<void(const std::string& sentence)>& phase)
{
    auto found = find_damage(home);
    if (!fs::is_regular_file(home.database()))
        return found;
    try {
        phase("Reading the database");
        read_database(home, found);
        phase("Reading objects and functions");
        read_files(home, found);
        if (!home.running_process()) {
            phase("Reading the database clusters");
            read_clusters(home, found);
        }
    } catch (const Error& error) {
        found.push_back(
            {.what = "'" + home.database().string() + "' cannot be read: " + error.what(),
             .way_out = "Restore a backup with 'nimbus local restore'."});
    }
    return found;
}

} // namespace nimbus::local
