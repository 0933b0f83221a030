#pragma once

#include "base/sql_tokens.h"
#include "local/dsql/dialect.h"
#include "local/dsql/syntax_tree.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The rules of the dialect, one function per kind of statement; dialect.cpp has the table. Texts:
/// shared facts on Aurora DSQL as observed in September 2026.
namespace nimbus::local::dsql::rules {

/// A statement under examination. Rules refuse it, set its kind, or change its text.
class Draft {
public:
    Draft(std::string_view script, const std::vector<SqlToken>& tokens, std::size_t begin,
          std::size_t end, bool async, bool in_function)
        : script_(script), tokens_(tokens), begin_(begin), end_(end), async_(async),
          in_function_(in_function)
    {
    }

    Statement statement;

    /// The first refusal stands.
    void refuse(std::string message, const char* code = sqlstate::feature_not_supported);
    bool refused() const noexcept { return statement.refusal.has_value(); }

    /// CREATE INDEX ASYNC, ALTER TABLE ASYNC.
    bool async() const noexcept { return async_; }
    /// Is the statement one of a function's body?
    bool in_function() const noexcept { return in_function_; }

    std::span<const SqlToken> tokens() const;
    /// The token that begins at `offset` of the script, or nothing.
    const SqlToken* token_at(std::size_t offset) const noexcept;
    const SqlToken* after(const SqlToken* token) const noexcept;

    /// Puts `text` in place of the script's bytes from `offset` on. Edits don't overlap.
    void replace(std::size_t offset, std::size_t length, std::string text);
    /// Puts `text` in place of the whole statement.
    void replace_all(std::string text);
    /// Puts the statement, with all edits, as a string constant between the two.
    void wrap(std::string before, std::string after);

    /// The statement's text as the client wrote it, with the edits.
    std::string text() const;
    bool edited() const noexcept { return !edits_.empty() || whole_ || wrapper_; }

private:
    std::string edited_text() const;

    struct Edit {
        std::size_t offset;
        std::size_t length;
        std::string text;
    };

    std::string_view script_;
    const std::vector<SqlToken>& tokens_;
    std::size_t begin_;
    std::size_t end_;
    bool async_;
    bool in_function_;
    std::vector<Edit> edits_;
    std::optional<std::string> whole_;
    std::optional<std::pair<std::string, std::string>> wrapper_;
};

using Fields = json::object;

// rules_query.cpp
void select(Draft&, const Fields&);
void insert(Draft&, const Fields&);
void update(Draft&, const Fields&);
void merge(Draft&, const Fields&);
void copy(Draft&, const Fields&);
void explain(Draft&, const Fields&);
void call(Draft&, const Fields&);
/// What holds at any depth of any statement: locking clauses, TABLESAMPLE, functions, casts.
void everywhere(Draft&, const json::value& tree);

// rules_locking.cpp
/// NOWAIT and SKIP LOCKED mean nothing where there are no locks to wait for: who locks the same
/// rows learns of it at COMMIT. For a statement whose lock is known.
void lock_without_waiting(Draft&);

// rules_transaction.cpp
void transaction(Draft&, const Fields&);
void set(Draft&, const Fields&);
void show(Draft&, const Fields&);
void deallocate(Draft&, const Fields&);
void vacuum(Draft&, const Fields&);
void plain_read(Draft&, const Fields&);

// rules_table.cpp
void create_table(Draft&, const Fields&);
void alter_table(Draft&, const Fields&);
void create_sequence(Draft&, const Fields&);
void alter_sequence(Draft&, const Fields&);
void create_domain(Draft&, const Fields&);
void alter_domain(Draft&, const Fields&);
/// A column's or domain's type: refused, limited, or numeric made (18,6).
void column_type(Draft&, const Fields& type_name);

// rules_index.cpp
void create_index(Draft&, const Fields&);
/// Wraps the statement so that it becomes a job whose id is the answer.
void make_job(Draft&, std::string_view job_type, std::string_view tag, const Fields& relation);

// rules_objects.cpp
void create_view(Draft&, const Fields&);
void create_table_as(Draft&, const Fields&);
void create_schema(Draft&, const Fields&);
void create_function(Draft&, const Fields&);
void alter_function(Draft&, const Fields&);
void create_trigger(Draft&, const Fields&);
void create_enum(Draft&, const Fields&);
void alter_enum(Draft&, const Fields&);
void define(Draft&, const Fields&);
void rename(Draft&, const Fields&);
void drop(Draft&, const Fields&);
void plain_ddl(Draft&, const Fields&);
void create_statistics(Draft&, const Fields&);
void alter_statistics(Draft&, const Fields&);

// rules_roles.cpp
void create_role(Draft&, const Fields&);
void alter_role(Draft&, const Fields&);
void alter_role_settings(Draft&, const Fields&);
void drop_role(Draft&, const Fields&);
void grant(Draft&, const Fields&);
void grant_role(Draft&, const Fields&);

// data_types.cpp
/// The name of a type as PostgreSQL's error messages spell it, without pg_catalog: integer,
/// character varying, …
std::string canonical_type_name(const Fields& type_name);
enum class TypeUse {
    column_and_key, ///< may be a column's type and part of a key; also types that are not built in
    column,         ///< may be a column's type, but not part of a key
    refused,
};
TypeUse type_use(const Fields& type_name);

/// Reads the text of a function's body.
Script read_body(const std::string& text);

/// Applies the rule for the node's type, for statements inside statements too.
void apply(Draft&, const Node&);

} // namespace nimbus::local::dsql::rules
