#include "base/sql_text.h"
#include "local/dsql/dialect_rules.h"

/// Aurora DSQL User Guide, "Asynchronous indexes". The order of the checks is DSQL's.
namespace nimbus::local::dsql::rules {
namespace {

constexpr std::size_t max_keys = 8;
/// What DSQL calls its only access method.
constexpr std::string_view index_method = "btree_index";

/// The name behind USING, or nothing. The parse tree holds btree either way.
const SqlToken* access_method(Draft& draft, const Fields& relation)
{
    const auto at = location(relation);
    const auto* token = at ? draft.token_at(*at) : nullptr;
    const auto* next = draft.after(token);
    if (next && next->text == ".")
        next = draft.after(draft.after(next));
    return next && next->is("using") ? draft.after(next) : nullptr;
}

void check_key(Draft& draft, const Fields& element)
{
    if (const auto order = text(element, "ordering");
        order == "SORTBY_ASC" || order == "SORTBY_DESC")
        draft.refuse("specifying sort order not supported for index keys");
    if (!list(element, "opclass").empty())
        draft.refuse("opclass not supported for index keys");
}

} // namespace

void make_job(Draft& draft, std::string_view job_type, std::string_view tag, const Fields& relation)
{
    draft.wrap("SELECT sys.nimbus_run_job(" + quote_literal(job_type) + ", " + quote_literal(tag) +
                   ", " + quote_literal(text(relation, "schemaname")) + ", " +
                   quote_literal(text(relation, "relname")) + ", ",
               ") AS job_id");
}

void create_index(Draft& draft, const Fields& statement)
{
    const auto& relation = fields(statement, "relation");
    if (flag(statement, "concurrent"))
        draft.refuse("CONCURRENTLY not supported for CREATE INDEX");
    if (const auto* method = access_method(draft, relation)) {
        if (method->is(index_method))
            draft.replace(method->offset, method->text.size(), "btree");
        else
            draft.refuse("USING not supported for CREATE INDEX");
    }
    if (!draft.async())
        draft.refuse("unsupported mode. please use CREATE INDEX ASYNC.");
    if (!list(statement, "options").empty())
        draft.refuse("WITH not supported for CREATE INDEX");
    if (!text(statement, "tableSpace").empty())
        draft.refuse("TABLESPACE not supported for CREATE INDEX");
    const auto& keys = list(statement, "indexParams");
    for (const auto& key : keys)
        if (const auto node = node_of(key); node.type == "IndexElem")
            check_key(draft, *node.fields);
    if (keys.size() > max_keys)
        draft.refuse("more than 8 column keys in an index are not supported",
                     sqlstate::too_many_columns);
    make_job(draft, "INDEX_BUILD", "CREATE INDEX", relation);
}

} // namespace nimbus::local::dsql::rules
