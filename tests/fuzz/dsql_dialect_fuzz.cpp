// Any text of SQL gets a verdict, whoever sends it, and any client's messages a conversation.

#include "local/dsql/conversation.h"
#include "local/dsql/dialect.h"
#include "local/dsql/fake_backstage.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace nimbus;
using namespace nimbus::local::dsql;

void require(bool condition)
{
    if (!condition)
        std::abort();
}

void read_text(const std::string& text)
{
    const auto script = read_script(text);
    for (const auto& statement : script.statements) {
        require(statement.text.find('\0') == std::string::npos);
        require(statement.iam || statement.refusal || !statement.text.empty());
        if (statement.refusal)
            require(statement.refusal->sqlstate.size() == 5 && !statement.refusal->message.empty());
    }
}

void converse(std::string_view bytes)
{
    FakeBackstage backstage;
    Conversation conversation(
        {.iam_statement = [](const IamChange&) { return std::string("SELECT 1"); },
         .backstage = &backstage});
    try {
        Outgoing to_server;
        require(conversation.from_client(bytes, to_server) <= bytes.size());
        Outgoing to_client;
        require(conversation.from_server(bytes, to_client, to_server) <= bytes.size());
        while (conversation.has_work())
            conversation.work(to_client, to_server);
    } catch (const pgwire::Malformed&) {
        // The session ends.
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::string text(bytes.substr(0, bytes.find('\0')));
    read_text(text);

    pgwire::FrontendWriter query;
    query.query(text);
    query.parse("s", text);
    query.bind("s", {});
    query.execute();
    query.sync();
    converse(query.bytes());
    converse(bytes);
    return 0;
}
