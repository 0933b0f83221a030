#pragma once

#include "local/lambda/log_sink.h"
#include "local/services/logs/log_store.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace nimbus::local {

/// Takes lines from running functions without making them wait for the disk: a thread of its own
/// writes what has gathered, some tens of milliseconds later. When the disk does not keep up, lines
/// are left out and a line says how many. Groups and streams are made as they are needed, whether
/// or not the function's role may: Lambda's own log delivery is not modelled further.
class LogWriter : public LogSink {
public:
    /// `problem` gets a sentence when lines cannot be written.
    LogWriter(LogStore& store, std::function<void(const std::string&)> problem);
    /// Writes what has gathered.
    ~LogWriter() override;

    void put(const std::string& log_group, const std::string& log_stream, std::int64_t milliseconds,
             std::string message) override;

    /// Returns when everything put before has been written, or has failed to be.
    void flush();

private:
    void run();

    LogStore& store_;
    std::function<void(const std::string&)> problem_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::condition_variable written_;
    std::vector<LogEvent> waiting_;
    std::size_t dropped_ = 0;
    std::uint64_t accepted_ = 0;
    std::uint64_t finished_ = 0;
    bool hurry_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

} // namespace nimbus::local
