#include "local/services/logs/log_writer.h"

#include <chrono>

namespace nimbus::local {
namespace {

constexpr std::size_t most_waiting = 100'000;
constexpr std::size_t batch_at_once = 2'000;
constexpr std::chrono::milliseconds gather_for{50};

} // namespace

LogWriter::LogWriter(LogStore& store, Log log)
    : store_(store), log_(std::move(log)), thread_([this] { run(); })
{
}

LogWriter::~LogWriter()
{
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void LogWriter::put(const std::string& log_group, const std::string& log_stream,
                    std::int64_t milliseconds, std::string message)
{
    const auto now = to_unix_milliseconds(store_.now());
    auto wake = false;
    {
        const MutexLock lock(mutex_);
        if (waiting_.size() >= most_waiting) {
            ++dropped_;
            return;
        }
        ++accepted_;
        waiting_.push_back({.group = log_group,
                            .stream = log_stream,
                            .timestamp = milliseconds,
                            .ingested = now,
                            .message = std::move(message)});
        wake = waiting_.size() == 1 || waiting_.size() == batch_at_once;
    }
    if (wake)
        changed_.notify_one();
}

void LogWriter::flush()
{
    MutexLock lock(mutex_);
    const auto wanted = accepted_;
    hurry_ = true;
    changed_.notify_one();
    while (finished_ < wanted)
        written_.wait(lock);
}

void LogWriter::run()
{
    MutexLock lock(mutex_);
    while (true) {
        while (!stopping_ && waiting_.empty())
            changed_.wait(lock);
        if (waiting_.empty())
            return;
        const auto until = std::chrono::steady_clock::now() + gather_for;
        while (!stopping_ && !hurry_ && waiting_.size() < batch_at_once)
            if (!changed_.wait_until(lock, until))
                break;
        std::vector<LogEvent> batch;
        batch.swap(waiting_);
        hurry_ = false;
        const auto count = batch.size();
        if (dropped_ > 0) {
            auto notice = batch.back();
            notice.message = "[" + std::to_string(dropped_) +
                             " lines were left out here: they came faster than they could be "
                             "written]";
            batch.push_back(std::move(notice));
            dropped_ = 0;
        }
        lock.unlock();
        try {
            store_.append(batch);
        } catch (const std::exception& error) {
            log_.error("Lines of functions' logs were not stored",
                       {{"lines", count}, {"reason", error.what()}});
        }
        lock.lock();
        finished_ += count;
        written_.notify_all();
    }
}

} // namespace nimbus::local
