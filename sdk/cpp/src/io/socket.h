#pragma once

#include "base/time.h"
#include "base/unique_fd.h"

#include <cstdint>
#include <stdexcept>
#include <string>

namespace nimbus::detail {

/// What a stream does not survive: refused, reset, ended, a certificate that does not fit.
class StreamError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};
/// The deadline was reached; the stream is unusable.
class StreamTimeout : public StreamError {
public:
    using StreamError::StreamError;
};

/// A socket connected to `host`, which may be a name: each of its addresses is tried. The socket
/// does not block. Throws StreamError.
UniqueFd connect_socket(const std::string& host, std::uint16_t port, const Deadline& deadline);

/// Waits for `events` of poll(2). Throws StreamTimeout at the deadline.
void wait_for_socket(int socket, short events, const Deadline& deadline);

} // namespace nimbus::detail
