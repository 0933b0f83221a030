#pragma once

#include "pgwire/message.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nimbus::pgwire {

/// The types of what clients send.
namespace frontend {
inline constexpr char bind = 'B';
inline constexpr char close = 'C';
inline constexpr char copy_data = 'd';
inline constexpr char copy_done = 'c';
inline constexpr char copy_fail = 'f';
inline constexpr char describe = 'D';
inline constexpr char execute = 'E';
inline constexpr char flush = 'H';
inline constexpr char function_call = 'F';
inline constexpr char parse = 'P';
inline constexpr char password = 'p';
inline constexpr char query = 'Q';
inline constexpr char sync = 'S';
inline constexpr char terminate = 'X';
} // namespace frontend

inline constexpr std::uint32_t protocol_3_0 = 196'608;
inline constexpr std::uint32_t ssl_request_code = 80'877'103;
inline constexpr std::uint32_t gssenc_request_code = 80'877'104;
inline constexpr std::uint32_t cancel_request_code = 80'877'102;

/// What a client sends.
class FrontendWriter : public Writer {
public:
    void ssl_request();
    void startup(std::span<const std::pair<std::string_view, std::string_view>> parameters);
    void cancel_request(std::uint32_t process_id, std::uint32_t secret_key);
    void password(std::string_view password);
    void query(std::string_view text);
    void parse(std::string_view statement, std::string_view text);
    /// `types` as in ParseBody.
    void parse(std::string_view statement, std::string_view text, std::string_view types);
    /// The unnamed portal; all values and results travel as text.
    void bind(std::string_view statement, std::span<const std::optional<std::string>> parameters);
    /// `values` as in BindBody.
    void bind(std::string_view portal, std::string_view statement, std::string_view values);
    void describe_portal();
    void execute() { execute(""); }
    /// All rows of that portal.
    void execute(std::string_view portal);
    void close_portal(std::string_view portal);
    void close_statement(std::string_view statement);
    /// A piece of the rows of a COPY FROM STDIN; copy_done ends them.
    void copy_data(std::string_view bytes);
    void copy_done();
    /// Ends a COPY FROM STDIN, which then fails with that reason.
    void copy_fail(std::string_view reason);
    void flush();
    void sync();
    void terminate();
};

/// A packet of the start-up phase, which has no type byte.
struct StartupPacket {
    std::uint32_t code = 0; ///< the protocol's version, or one of the request codes
    std::string_view body;

    std::size_t size() const noexcept { return body.size() + 8; }
};

/// The packet that `buffer` begins with, if it is there in full. Throws Malformed when its length
/// is below 8, TooLong when it is above `max_size`.
std::optional<StartupPacket> first_startup_packet(std::string_view buffer, std::size_t max_size);

/// The name-value pairs of a StartupMessage's body, in their order.
std::vector<std::pair<std::string, std::string>> startup_parameters(std::string_view body);

struct CancelKey {
    std::uint32_t process_id = 0;
    std::uint32_t secret_key = 0;
};
/// The body of a CancelRequest or of a BackendKeyData.
CancelKey cancel_key(std::string_view body);

/// The beginning of a Parse; the numbers of the parameters' types are in `types` as sent.
struct ParseBody {
    std::string_view statement;
    std::string_view text;
    std::string_view types;
};
ParseBody parse_body(std::string_view body);

/// A Bind; the formats and values, and the formats of the results, are in `values` as sent.
struct BindBody {
    std::string_view portal;
    std::string_view statement;
    std::string_view values;
};
BindBody bind_body(std::string_view body);

/// A Close or Describe.
struct NamedBody {
    Named kind = Named::statement; ///< as sent: it may be neither
    std::string_view name;
};
NamedBody named_body(std::string_view body);

} // namespace nimbus::pgwire
