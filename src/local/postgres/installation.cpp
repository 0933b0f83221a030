#include "local/postgres/installation.h"

#include "base/error.h"
#include "base/number.h"
#include "base/text.h"
#include "local/postgres/data_directory.h"
#include "process/child_process.h"

#include <algorithm>
#include <vector>

namespace nimbus::local::postgres {
namespace {

/// min_dynamic_shared_memory, which postmaster.cpp sets, came with this version.
constexpr int oldest_usable_version = 14;

/// What follows "(PostgreSQL) " in `postgres --version`, or 0: "postgres (PostgreSQL) 15.14".
int parse_major_version(std::string_view text)
{
    constexpr std::string_view product = "(PostgreSQL) ";
    const auto at = text.find(product);
    if (at == std::string_view::npos)
        return 0;
    text.remove_prefix(at + product.size());
    return take_number<int>(text).value_or(0);
}

/// What is known of a directory that may hold PostgreSQL's programs.
struct Candidate {
    std::optional<Installation> usable;
    std::string reason; ///< why not, as the rest of "… cannot be used: "; "" if nothing is there
};

Candidate candidate_in(const std::filesystem::path& directory)
{
    const auto server = directory / "postgres";
    if (!process::find_program(server) || !process::find_program(directory / "initdb"))
        return {};
    try {
        // As the server itself: programs below a home of root's are out of its reach.
        const auto output = process::run({.arguments = {server, "--version"},
                                          .working_directory = "/",
                                          .identity = server_identity()},
                                         Deadline::after(std::chrono::seconds(10)));
        const int version = parse_major_version(output.standard_output);
        if (!output.status.success() || version == 0)
            return {.reason = "'postgres --version' does not work: " +
                              std::string(trim(output.standard_error))};
        if (version < oldest_usable_version)
            return {.reason = "it is version " + std::to_string(version) + ", older than " +
                              std::to_string(oldest_usable_version)};
        return {.usable = Installation{directory, version}};
    } catch (const Error& error) {
        return {.reason = error.what()};
    }
}

/// Where Debian, Red Hat, Gentoo, Alpine and PostgreSQL's own `make install` put the programs; then
/// what was installed with Nimbus, beside this program, and what scripts/install-dependencies
/// fetched.
std::vector<std::filesystem::path> usual_places()
{
    std::vector<std::filesystem::path> places;
    if (const auto in_path = process::find_program("postgres")) {
        std::error_code failure;
        const auto real = std::filesystem::canonical(*in_path, failure);
        places.push_back((failure ? *in_path : real).parent_path());
    }
    const auto add_versions = [&](const std::filesystem::path& parent, std::string_view prefix,
                                  const char* below) {
        std::error_code none;
        for (const auto& entry : std::filesystem::directory_iterator(parent, none))
            if (entry.path().filename().string().starts_with(prefix))
                places.push_back(entry.path() / below);
    };
    add_versions("/usr/lib/postgresql", "", "bin");
    add_versions("/usr", "pgsql-", "bin");
    add_versions("/usr/lib64", "postgresql-", "bin");
    add_versions("/usr/libexec", "postgresql", "");
    places.emplace_back("/usr/local/pgsql/bin");
    places.emplace_back("/usr/bin");
    std::error_code unknown;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", unknown);
    add_versions(program.parent_path().parent_path() / "lib/nimbus/postgresql", "", "bin");
    add_versions("/usr/local/lib/nimbus/postgresql", "", "bin");
    return places;
}

/// An older version comes before a newer one, whose grammar is not known here.
int distance_from_wanted(int version)
{
    constexpr int more_than_any = 1000;
    return version <= wanted_major_version ? wanted_major_version - version
                                           : more_than_any + version - wanted_major_version;
}

struct Installations {
    std::vector<Installation> usable;  ///< the wanted one first
    std::vector<std::string> unusable; ///< sentences without a full stop
};

Installations all_installations()
{
    Installations found;
    std::vector<std::filesystem::path> seen;
    for (const auto& place : usual_places()) {
        const auto directory = place.lexically_normal();
        if (std::ranges::find(seen, directory) != seen.end())
            continue;
        seen.push_back(directory);
        auto candidate = candidate_in(directory);
        if (candidate.usable)
            found.usable.push_back(*std::move(candidate.usable));
        else if (!candidate.reason.empty())
            found.unusable.push_back("The PostgreSQL in '" + directory.string() +
                                     "' cannot be used: " + candidate.reason);
    }
    std::ranges::stable_sort(found.usable, {}, [](const Installation& installation) {
        return distance_from_wanted(installation.major_version);
    });
    return found;
}

} // namespace

Installation find_installation(const std::filesystem::path& bin_directory)
{
    if (!bin_directory.empty()) {
        auto candidate = candidate_in(bin_directory);
        if (candidate.usable)
            return *std::move(candidate.usable);
        const auto what =
            candidate.reason.empty() ? "'postgres' and 'initdb' must be there" : candidate.reason;
        throw Error("There is no usable PostgreSQL in '" + bin_directory.string() + "': " + what,
                    "Set NIMBUS_POSTGRES_BIN to the directory that holds version " +
                        std::to_string(oldest_usable_version) +
                        " or later, or unset it to have PostgreSQL looked for in PATH and "
                        "/usr/lib/postgresql.");
    }
    auto found = all_installations();
    if (found.usable.empty()) {
        const std::string way_out =
            "nstall postgresql-16, or Debian 12's postgresql-15, or 'dnf install "
            "postgresql16-server'; or set NIMBUS_POSTGRES_BIN to the directory that holds "
            "'postgres' and 'initdb'. No server needs to be running.";
        if (!found.unusable.empty())
            throw Error(
                join(found.unusable, ". "),
                "SQL databases of the local cloud run on it, and where Nimbus is root, as the "
                "user 'postgres' or 'nobody', who must reach it. Mend that, or i" +
                    way_out);
        throw Error("PostgreSQL is not installed, and SQL databases of the local cloud run on it",
                    "I" + way_out);
    }
    return found.usable.front();
}

std::optional<Installation> find_installation_of(int major_version)
{
    for (auto& installation : all_installations().usable)
        if (installation.major_version == major_version)
            return installation;
    return {};
}

} // namespace nimbus::local::postgres
