#include "local/backup_archive.h"

#include "base/error.h"
#include "base/random.h"
#include "base/text.h"
#include "base/time.h"
#include "process/interruptible_run.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace nimbus::local {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours archive_limit(12);
constexpr const char* partial_infix = ".partial-";
constexpr const char* interrupted = "Interrupted";
constexpr const char* nothing_changed = "Nothing was changed.";

/// tar's and gzip's sentence for it, as strerror(3) has it in the C locale.
constexpr const char* disk_is_full = "No space left on device";

[[noreturn]] void throw_not_a_backup(const fs::path& file, const std::string& why)
{
    throw Error("'" + file.string() + "' is not a backup, or is damaged: " + why, nothing_changed);
}

std::vector<std::string> environment_of_tar()
{
    auto environment = process::current_environment();
    std::erase_if(environment, [](const std::string& each) {
        return each.starts_with("LC_ALL=") || each.starts_with("LANGUAGE=");
    });
    environment.emplace_back("LC_ALL=C");
    return environment;
}

/// What tar said, or nothing when all went well. `place` is where it writes to.
std::string run_tar(std::vector<std::string> arguments, std::pair<int, int> descriptor,
                    const fs::path& place, const Interruption& interruption)
{
    arguments.insert(arguments.begin(), "tar");
    interruption.check();
    process::Output output;
    try {
        output = process::run({.arguments = std::move(arguments),
                               .environment = environment_of_tar(),
                               .standard_output = process::Stream::null,
                               .standard_error = process::Stream::pipe,
                               .descriptors = {descriptor},
                               .die_with_parent = true},
                              Deadline::after(archive_limit), {}, interruption.descriptor);
    } catch (const process::Interrupted&) {
        throw process::Interrupted(interrupted, nothing_changed);
    }
    if (output.status.success())
        return {};
    interruption.check(); // Ctrl-C reaches tar, too
    if (output.standard_error.contains(disk_is_full))
        throw Error("The disk of '" + place.string() + "' is full",
                    "Free some space, or choose a directory on another disk. " +
                        std::string(nothing_changed));
    // Its last lines only say that there were others.
    const auto lines = split(trim(output.standard_error), '\n');
    const auto said = std::string(trim(lines.front()));
    return said.empty() ? "tar ended with " + output.status.text() : said;
}

UniqueFd create_private(const fs::path& file)
{
    UniqueFd opened(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!opened || ::flock(opened.get(), LOCK_EX | LOCK_NB) != 0)
        throw_system_error(errno, "Cannot write '" + file.string() + "'");
    return opened;
}

/// Of archives of this name whose process was killed.
void remove_abandoned(const fs::path& file)
{
    std::error_code ignored;
    const auto start = file.filename().string() + partial_infix;
    for (const auto& entry : fs::directory_iterator(file.parent_path(), ignored)) {
        if (!entry.path().filename().string().starts_with(start))
            continue;
        const UniqueFd opened(::open(entry.path().c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
        if (opened && ::flock(opened.get(), LOCK_EX | LOCK_NB) == 0)
            fs::remove(entry.path(), ignored);
    }
}

} // namespace

void Interruption::check() const
{
    if (asked && asked())
        throw process::Interrupted(interrupted, nothing_changed);
}

NewArchive::NewArchive(fs::path file) : file_(std::move(file))
{
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(file_, ignored)))
        throw UsageError("'" + file_.string() + "' is there already",
                         "Name a file that is not there yet.");
    const auto directory = file_.parent_path();
    if (!fs::is_directory(directory, ignored))
        throw UsageError("There is no directory '" + directory.string() +
                             "' for the file of the backup",
                         "Make it, or name a file in another one.");
    remove_abandoned(file_);
    opened_ = UniqueFd(::open(directory.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
    if (opened_)
        return;
    if (errno == EACCES || errno == EROFS || errno == EPERM)
        throw_system_error(errno, "Cannot write into '" + directory.string() + "'",
                           "Name a file in another directory.");
    partial_ = file_.string() + partial_infix + random_text(8, "abcdefghijklmnopqrstuvwxyz");
    opened_ = create_private(partial_);
}

NewArchive::~NewArchive()
{
    std::error_code ignored;
    if (!partial_.empty())
        fs::remove(partial_, ignored);
}

void NewArchive::write(const fs::path& directory, const std::string& first,
                       const Interruption& interruption)
{
    std::vector<std::string> arguments{
        "--create",        "--file=-",    "--use-compress-program", "gzip -1",
        "--numeric-owner", "--directory", directory.string(),       first};
    for (const auto& entry : fs::directory_iterator(directory))
        if (entry.path().filename() != first)
            arguments.push_back(entry.path().filename().string());
    const auto said = run_tar(std::move(arguments), {opened_.get(), STDOUT_FILENO},
                              file_.parent_path(), interruption);
    if (!said.empty())
        throw Error("Cannot write '" + file_.string() + "': " + said);
    if (::fsync(opened_.get()) != 0)
        throw_system_error(errno, "Cannot write '" + file_.string() + "'");
    give_name();
}

void NewArchive::give_name()
{
    const auto source =
        partial_.empty() ? "/proc/self/fd/" + std::to_string(opened_.get()) : partial_.string();
    const int done =
        partial_.empty()
            ? ::linkat(AT_FDCWD, source.c_str(), AT_FDCWD, file_.c_str(), AT_SYMLINK_FOLLOW)
            : ::renameat2(AT_FDCWD, source.c_str(), AT_FDCWD, file_.c_str(), RENAME_NOREPLACE);
    if (done != 0)
        throw_system_error(errno, "Cannot write '" + file_.string() + "'");
    partial_.clear();
}

void unpack_archive(const fs::path& file, const fs::path& directory,
                    const Interruption& interruption)
{
    const UniqueFd opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status{};
    if (!opened || ::fstat(opened.get(), &status) != 0)
        throw_system_error(errno, "Cannot read '" + file.string() + "'");
    if (S_ISDIR(status.st_mode))
        throw Error("'" + file.string() + "' is a directory, not a backup", nothing_changed);
    constexpr std::array<unsigned char, 2> gzip_mark{0x1f, 0x8b}; // RFC 1952, 2.3.1
    std::array<unsigned char, 2> start{};
    if (S_ISREG(status.st_mode) && (::pread(opened.get(), start.data(), start.size(), 0) !=
                                        static_cast<ssize_t>(start.size()) ||
                                    start != gzip_mark))
        throw Error("'" + file.string() + "' is not a backup: no 'nimbus local backup' wrote it",
                    nothing_changed);
    const auto said = run_tar({"--extract", "--file=-", "--gzip", "--no-same-owner",
                               "--no-same-permissions", "--directory", directory.string()},
                              {opened.get(), STDIN_FILENO}, directory.parent_path(), interruption);
    if (!said.empty())
        throw_not_a_backup(file, said);
}

} // namespace nimbus::local
