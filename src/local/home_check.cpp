#include "local/home_check.h"

#include "base/error.h"
#include "base/file.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "local/control_plane/stored_state.h"
#include "local/postgres/data_check.h"
#include "sqlite/database.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace nimbus::local {
namespace {

namespace fs = std::filesystem;

constexpr const char* restore_or_reset =
    "Put it back, or restore a backup with 'nimbus local restore'. Nothing was deleted; 'nimbus "
    "local reset' deletes what is left and starts over.";

bool is_there(const fs::path& path)
{
    std::error_code ignored;
    return fs::exists(fs::symlink_status(path, ignored));
}

bool has_entries(const fs::path& directory)
{
    std::error_code none;
    return fs::directory_iterator(directory, none) != fs::directory_iterator();
}

/// Looks at one part of a home after another. What needs a part that is damaged is left out.
class HomeCheck {
public:
    explicit HomeCheck(const Home& home) : home_(home) {}

    std::vector<Damage> run()
    {
        check_kinds();
        if (found_.empty()) {
            check_leftovers();
            check_settings();
            check_authority();
            check_database();
        }
        return std::move(found_);
    }

private:
    void check_kinds()
    {
        for (const auto& file :
             {home_.settings_file(), home_.database(), home_.ca_file(), home_.ca_key_file()})
            check_kind(file, fs::file_type::regular);
        for (const auto& directory : {home_.data(), home_.clusters(), home_.instances()})
            check_kind(directory, fs::file_type::directory);
    }

    void check_kind(const fs::path& path, fs::file_type wanted)
    {
        const bool is_directory = wanted == fs::file_type::directory;
        std::error_code failure;
        const auto type = fs::status(path, failure).type();
        if (type == fs::file_type::not_found)
            return;
        if (!failure && type != wanted)
            found_.push_back({.what = "'" + path.string() + "' is not a " +
                                      (is_directory ? "directory" : "regular file"),
                              .way_out = restore_or_reset});
        else if (::access(path.c_str(), is_directory ? R_OK | W_OK | X_OK : R_OK | W_OK) != 0)
            found_.push_back({.what = "'" + path.string() +
                                      "' cannot be read and written: " + std::strerror(errno),
                              .way_out = "Give it back to this user with chown and chmod u+rwX."});
    }

    void check_leftovers()
    {
        for (const auto& left : home_.leftovers())
            found_.push_back({.what = "'" + left.string() +
                                      "' was left by a backup or restore that was killed: it "
                                      "holds secrets",
                              .way_out = "The next start, backup or restore deletes it, as 'nimbus "
                                         "local check --repair' does.",
                              .repair =
                                  [left] {
                                      fs::remove_all(left);
                                      return "Deleted '" + left.string() + "'";
                                  },
                              .can_start = true});
    }

    void check_settings()
    {
        const auto repair = [home = home_] { return make_new_settings(home); };
        try {
            settings_ = home_.read_settings();
            if (!settings_ &&
                (is_there(home_.database()) || is_there(home_.ca_file()) || holds_data()))
                found_.push_back({.what = "'" + home_.settings_file().string() +
                                          "' is missing, which has the account and its key",
                                  .way_out = "Put it back from a backup, or run 'nimbus local "
                                             "check --repair', which makes a new key for the "
                                             "account.",
                                  .repair = repair});
        } catch (const Error& error) {
            const bool is_damaged = std::string_view(error.hint()).contains("--repair");
            found_.push_back({.what = error.what(),
                              .way_out = error.hint(),
                              .repair = is_damaged ? repair : std::function<std::string()>()});
        }
    }

    /// The account is that of the names in the database.
    static std::string make_new_settings(const Home& home)
    {
        const auto old = move_aside(home, home.settings_file());
        auto settings = Home::new_settings();
        if (is_there(home.database())) {
            sqlite::Database database(home.database(), sqlite::Database::Open::existing);
            settings.account_id = account_of_names(database).value_or(settings.account_id);
        }
        home.write_settings(settings);
        return "Made a new settings.json for the account " + settings.account_id +
               ", with a new key for its administrator" +
               (old.empty() ? "" : "; the old one is '" + old.string() + "'");
    }

    /// The first start of a home was not its last: what it has made has to be there.
    bool was_started() const { return (settings_ && settings_->port != 0) || holds_data(); }

    bool holds_data() const
    {
        return has_entries(home_.clusters()) || has_entries(home_.data() / objects_directory) ||
               has_entries(home_.data() / code_directory);
    }

    void check_authority()
    {
        const auto certificate = read_file_if_exists(home_.ca_file());
        const auto key = read_file_if_exists(home_.ca_key_file());
        std::string fault;
        if (!certificate && !key && !was_started())
            return;
        if (!certificate || !key)
            fault = "has lost its " + std::string(certificate ? "key" : "certificate");
        else
            fault = crypto::fault_of_authority(
                {.certificate_pem = *certificate, .private_key_pem = *key});
        if (fault.empty())
            return;
        found_.push_back({.what = "The certificate authority in '" + home_.ca_file().string() +
                                  "' and '" + home_.ca_key_file().filename().string() + "' " +
                                  fault,
                          .way_out = "Put the files back from a backup, or run 'nimbus local check "
                                     "--repair', which makes a new authority: clients have to be "
                                     "told of it.",
                          .repair = [home = home_] { return make_new_authority(home); }});
    }

    static std::string make_new_authority(const Home& home)
    {
        for (const auto& file : {home.ca_file(), home.ca_key_file()})
            move_aside(home, file);
        home.certificate_authority();
        return "Made a new certificate authority, '" + home.ca_file().string() +
               "'; what was left of the old one is in '" + home.set_aside().string() + "'";
    }

    void check_database()
    {
        const auto path = home_.database();
        std::error_code ignored;
        const bool is_file_there = is_there(path);
        // SQLite would take an empty file for a new database, and delete the journal beside it.
        if (!is_file_there || fs::file_size(path, ignored) == 0) {
            if (was_started())
                found_.push_back(missing_database(is_file_there ? "empty" : "missing"));
            return;
        }
        try {
            sqlite::Database database(path, sqlite::Database::Open::existing);
            check_format(database.format());
            if (database.is_empty() && was_started())
                found_.push_back(missing_database("empty"));
            else if (is_readable()) {
                check_clusters(database);
                check_secrets(database);
            }
        } catch (const Error& error) {
            found_.push_back({.what = "'" + path.string() + "' cannot be read: " + error.what(),
                              .way_out = restore_or_reset});
        }
    }

    /// What was found does not keep the rest from being read.
    bool is_readable() const { return std::ranges::all_of(found_, &Damage::can_start); }

    Damage missing_database(const std::string& state) const
    {
        return {.what = "'" + home_.database().string() + "' is " + state +
                        ", which says what the home holds",
                .way_out = restore_or_reset};
    }

    void check_format(const sqlite::Format& format)
    {
        if (format.application != 0 && format.application != database_format.application)
            found_.push_back(
                {.what = "'" + home_.database().string() + "' is another program's database",
                 .way_out = restore_or_reset});
        else if (format.version > database_format.version)
            found_.push_back(
                {.what = "'" + home_.database().string() +
                         "' was written by a newer Nimbus (format " +
                         std::to_string(format.version) + "; this one knows " +
                         std::to_string(database_format.version) + ")",
                 .way_out = "Install that Nimbus again, or set NIMBUS_HOME to another directory."});
    }

    void check_clusters(sqlite::Database& database)
    {
        for (const auto& [id, region] : clusters_with_data(database)) {
            const auto fault = postgres::fault_of_data(home_.clusters() / id);
            if (fault.empty())
                continue;
            found_.push_back(
                {.what = fault,
                 .way_out = "Put it back or restore a backup with 'nimbus local restore'; or run "
                            "'nimbus local check --repair', after which the cloud starts without "
                            "this cluster and keeps what is left of it.",
                 .repair = [home = home_, id] {
                     sqlite::Database own(home.database(), sqlite::Database::Open::existing);
                     give_cluster_up(own, id);
                     return "The cluster " + id +
                            " is marked FAILED: it is kept as it is and not served";
                 }});
        }
    }

    void check_secrets(sqlite::Database& database)
    {
        if (auto fault = fault_of_secrets_key(database, home_.data()); !fault.empty())
            found_.push_back({.what = std::move(fault),
                              .way_out = "Put the key back or restore a backup with 'nimbus local "
                                         "restore'; or delete the secrets and create them again.",
                              .can_start = true});
    }

    Home home_;
    std::optional<HomeSettings> settings_;
    std::vector<Damage> found_;
};

[[noreturn]] void throw_damage(const std::vector<Damage>& found)
{
    const auto more = found.size() - 1;
    throw Error(
        found.front().what +
            (more == 0 ? "" : " (and " + std::to_string(more) + " more: see 'nimbus local check')"),
        found.front().way_out);
}

} // namespace

std::vector<Damage> find_damage(const Home& home)
{
    return HomeCheck(home).run();
}

void refuse_damaged_home(const Home& home)
{
    if (const auto found = find_damage(home); !found.empty())
        throw_damage(found);
}

std::vector<Damage> refuse_to_start_damaged_home(const Home& home)
{
    auto found = find_damage(home);
    std::ranges::stable_partition(found, [](const Damage& each) { return !each.can_start; });
    if (!found.empty() && !found.front().can_start)
        throw_damage(found);
    return found;
}

fs::path move_aside(const Home& home, const fs::path& path)
{
    if (!is_there(path))
        return {};
    make_directories(home.set_aside(), 0700);
    const auto stamp = format_amz_date(system_now());
    auto place = home.set_aside() / (path.filename().string() + "." + stamp);
    for (int number = 2; is_there(place); ++number)
        place = home.set_aside() /
                (path.filename().string() + "." + stamp + "." + std::to_string(number));
    fs::rename(path, place);
    return place;
}

} // namespace nimbus::local
