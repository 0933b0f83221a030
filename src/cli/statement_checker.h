#pragma once

#include "cli/row_fit.h"
#include "deploy/kinds/sql/sql_session.h"
#include "frontends/source_types.h"

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace nimbus::cli {

/// A place in a program, and what is wrong there.
struct StatementFinding {
    std::filesystem::path file;
    frontends::SourcePlace place;
    std::string message;
    std::string hint;     ///< may be empty
    std::string sqlstate; ///< of the database's refusal; else empty

    bool operator==(const StatementFinding&) const = default;
};

/// A statement that is not checked, and why.
struct UncheckedStatement {
    std::filesystem::path file;
    frontends::SourcePlace place;
    std::string reason;
};

struct StatementReport {
    std::size_t checked = 0;
    std::vector<StatementFinding> findings; ///< in the order of the sources
    std::vector<UncheckedStatement> unchecked;
};

/// Compares statements with databases that nobody else uses: tables that the program itself makes
/// are made there.
class StatementChecker {
public:
    /// `databases`, by their names, are those of the program, as its functions' role; they outlive
    /// it. With `with_nulls`, also a column that may be NULL is found where the program cannot take
    /// that.
    StatementChecker(std::map<std::string, deploy::sql::SqlSession>& databases, bool with_nulls);

    StatementReport check(const frontends::Sources& sources);

private:
    struct Database {
        deploy::sql::SqlSession& session;
        std::map<std::uint32_t, std::string> types{};
        std::map<std::pair<std::uint32_t, int>, bool> nulls{};
    };
    using Findings = std::vector<StatementFinding>;
    /// What of a statement's text is one statement of SQL: bytes.
    struct Part;

    /// Why an argument cannot be a parameter's value; no message: it may be.
    struct Misfit {
        std::string message{}, sqlstate{};
    };

    std::vector<Database*> databases_of(const frontends::SourceStatement& statement);
    Part insert_of(const frontends::SourceStatement& statement,
                   std::deque<frontends::SourceStatement>& kept) const;
    static void add_parts(const frontends::SourceStatement& statement, std::vector<Part>& parts);
    void make_tables(std::vector<Part>& parts);
    /// Nothing where it is not told whether the part fits.
    std::optional<Findings> findings_in(const Part& part);
    std::optional<Findings> findings_in(const Part& part, Database& database);
    void compare_arguments(const Part& part,
                           const deploy::sql::SqlSession::Description& description,
                           Database& database, Findings& findings);
    void compare_inserted(const Part& part, const deploy::sql::SqlSession::Description& description,
                          Database& database, Findings& findings);
    void compare_rows(const Part& part, const deploy::sql::SqlSession::Description& description,
                      Database& database, Findings& findings);
    Misfit misfit_of(const frontends::SourceStatement& statement,
                     const frontends::StatementArgument& argument, const std::string& parameter,
                     Database& database);
    static const std::string& type_name(Database& database, std::uint32_t type);
    static bool may_be_null(Database& database,
                            const deploy::sql::SqlSession::DescribedColumn& column);

    std::map<std::string, Database> databases_;
    bool with_nulls_;
    const frontends::SourceTypes* types_ = nullptr;
    std::map<std::string, std::set<std::string>> variables_;
};

} // namespace nimbus::cli
