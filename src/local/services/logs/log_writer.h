#pragma once

#include "base/log.h"
#include "base/mutex.h"
#include "local/lambda/log_sink.h"
#include "local/services/logs/log_store.h"

#include <thread>
#include <vector>

namespace nimbus::local {

/// Takes lines from running functions without making them wait for the disk: a thread of its own
/// writes what has gathered, some tens of milliseconds later. When the disk does not keep up, lines
/// are left out and a line says how many. Groups and streams are made as they are needed, whether
/// or not the function's role may: Lambda's own log delivery is not modelled further.
///
/// `waiting_` has the lines between the two: `put` appends, on the threads that hear functions; the
/// thread takes all of them at once and writes them with the mutex let go. Both counts are of lines
/// since the start, so that `flush` knows when those that came before it have left.
class LogWriter : public LogSink {
public:
    LogWriter(LogStore& store, Log log);
    /// Writes what has gathered.
    ~LogWriter() override;

    void put(const std::string& log_group, const std::string& log_stream, std::int64_t milliseconds,
             std::string message) override NIMBUS_EXCLUDES(mutex_);

    /// Returns when everything put before has been written, or has failed to be.
    void flush() NIMBUS_EXCLUDES(mutex_);

private:
    void run() NIMBUS_EXCLUDES(mutex_);

    LogStore& store_;
    Log log_;
    Mutex mutex_;
    ConditionVariable changed_;
    ConditionVariable written_;
    std::vector<LogEvent> waiting_ NIMBUS_GUARDED_BY(mutex_);
    std::size_t dropped_ NIMBUS_GUARDED_BY(mutex_) = 0;
    std::uint64_t accepted_ NIMBUS_GUARDED_BY(mutex_) = 0;
    std::uint64_t finished_ NIMBUS_GUARDED_BY(mutex_) = 0;
    bool hurry_ NIMBUS_GUARDED_BY(mutex_) = false;
    bool stopping_ NIMBUS_GUARDED_BY(mutex_) = false;
    std::thread thread_; ///< last: it uses all of the above
};

} // namespace nimbus::local
