// What peers send over PostgreSQL's protocol is understood or Malformed; nothing is read beyond the
// end of a message, and what is found lies within it.

#include "pgwire/backend.h"
#include "pgwire/frontend.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace nimbus::pgwire;

template <class Read>
void attempt(Read read)
{
    try {
        read();
    } catch (const Malformed&) {
        // That is an answer, too.
    }
}

void require(bool condition)
{
    if (!condition)
        std::abort();
}

void read_body(std::string_view body)
{
    attempt([&] { startup_parameters(body); });
    attempt([&] { cancel_key(body); });
    attempt([&] { require(parse_body(body).text.size() < body.size()); });
    attempt([&] { require(bind_body(body).statement.size() < body.size()); });
    attempt([&] { require(named_body(body).name.size() < body.size()); });
    attempt([&] { authentication_kind(body); });
    attempt([&] { parameter_status(body); });
    attempt([&] { row_description(body); });
    attempt([&] { data_row(body); });
    attempt([&] { affected_rows(command_tag(body)); });
    attempt([&] {
        // What was understood can be said and is understood again.
        const auto fields = error_fields(body);
        BackendWriter writer;
        writer.error(fields);
        const auto message = first_message(writer.bytes(), writer.bytes().size());
        require(message && error_fields(message->body).message == fields.message);
    });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    read_body(bytes);
    attempt([&] {
        if (const auto packet = first_startup_packet(bytes, 10'000))
            require(packet->size() <= size);
    });
    attempt([&] {
        auto rest = bytes;
        while (const auto message = first_message(rest, 1 << 20)) {
            require(message->size() <= rest.size());
            read_body(message->body);
            rest.remove_prefix(message->size());
        }
    });
    return 0;
}
