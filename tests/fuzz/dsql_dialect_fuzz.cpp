// Any text of SQL gets a verdict, whoever sends it, the same whether it or one of its shape was
// read before, and any client's messages a conversation.

#include "local/dsql/conversation.h"
#include "local/dsql/dialect.h"
#include "local/dsql/fake_backstage.h"
#include "local/dsql/script_cache.h"
#include "local/dsql/statement_shape.h"

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

/// Another text of the same shape.
std::string with_other_constants(const std::string& shape)
{
    std::string text;
    for (const char c : shape)
        text += c == '\x01' ? "'7'" : c == '\x02' ? "7" : std::string(1, c);
    return text;
}

void read_by_shape(const std::string& text)
{
    const auto shape = statement_shape(text);
    if (!shape)
        return;
    ScriptCache cache;
    cache.find_or_read(with_other_constants(*shape));
    const auto remembered = cache.find_or_read(text);
    const auto read = read_script(text);
    // A constant that no type takes is PostgreSQL's to refuse.
    if (read.refusal)
        return;
    require(!remembered->refusal && remembered->statements.size() == read.statements.size());
    for (std::size_t i = 0; i < read.statements.size(); ++i) {
        const auto& one = read.statements[i];
        const auto& other = remembered->statements[i];
        require(one.text == other.text && one.kind == other.kind && one.rows == other.rows &&
                one.lock == other.lock && one.rewritten == other.rewritten &&
                one.refusal.has_value() == other.refusal.has_value());
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
            conversation.work(to_server);
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
    read_by_shape(text);

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
