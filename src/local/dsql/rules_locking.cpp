#include "local/dsql/dialect_rules.h"

/// What locking clauses say about rows that somebody else has locked.
namespace nimbus::local::dsql::rules {
namespace {

/// Behind FOR, as far as it can say which rows are locked, and how: the next token.
const SqlToken* behind_lock(const Draft& draft, const SqlToken* token)
{
    for (const std::string_view word : {"no", "key"})
        if (token && token->is(word))
            token = draft.after(token);
    if (!token || !(token->is("update") || token->is("share")))
        return nullptr;
    token = draft.after(token);
    if (!token || !token->is("of"))
        return token;
    // A list of names.
    do
        token = draft.after(draft.after(token));
    while (token && (token->text == "," || token->text == "."));
    return token;
}

} // namespace

void lock_without_waiting(Draft& draft)
{
    if (draft.statement.lock == RowLock::none)
        return;
    for (const auto& token : draft.tokens()) {
        const auto* clause = token.is("for") ? behind_lock(draft, draft.after(&token)) : nullptr;
        const auto* last = clause && clause->is("skip") ? draft.after(clause) : clause;
        if (last && (last->is("locked") || (last == clause && last->is("nowait"))))
            draft.replace(clause->offset, last->offset + last->text.size() - clause->offset, "");
    }
}

} // namespace nimbus::local::dsql::rules
