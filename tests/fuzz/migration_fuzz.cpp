// A migration is a file that a person writes: whatever the bytes, parse_migration either refuses it
// or finds statements that it finds again in the squashed file that holds them.

#include "base/error.h"
#include "deploy/kinds/sql/migration_squash.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

namespace {

using nimbus::deploy::sql::Migration;

std::optional<Migration> parse(const std::string& text)
{
    try {
        return nimbus::deploy::sql::parse_migration("0001_users.sql", text);
    } catch (const nimbus::Error&) {
        return {};
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto migration = parse({reinterpret_cast<const char*>(data), size});
    if (!migration)
        return 0;
    const auto squashed = parse(nimbus::deploy::sql::squashed_text({*migration, *migration}));
    const auto count = migration->statements.size();
    if (!squashed || squashed->statements.size() != 2 * count || squashed->replaces.size() != 2)
        std::abort();
    for (std::size_t i = 0; i < 2 * count; ++i) {
        const auto& before = migration->statements[i % count];
        const auto& after = squashed->statements[i];
        if (before.text != after.text || before.in_batches != after.in_batches ||
            before.is_unchecked != after.is_unchecked || before.changes_rows != after.changes_rows)
            std::abort();
    }
    return 0;
}
