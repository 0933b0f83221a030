#include "base/error.h"
#include "base/sql_text.h"
#include "base/text.h"
#include "local/dsql/bootstrap_sql.h"
#include "local/dsql/dialect.h"
#include "local/dsql/filtered_catalogs.h"
#include "local/dsql/made_limits_sql.h"
#include "local/dsql/private_copies_sql.h"
#include "local/dsql/row_locks_sql.h"
#include "local/dsql/schema_changes_sql.h"
#include "local/dsql/session.h"
#include "local/dsql/settings.h"
#include "local/dsql/stored_sizes_sql.h"
#include "local/dsql/superuser_connection.h"
#include "local/dsql/system_views_sql.h"
#include "local/dsql/unsupported_functions.h"

#include <algorithm>
#include <array>

namespace nimbus::local::dsql {
namespace {

constexpr std::chrono::seconds patience{30};

std::string literals(std::span<const std::string_view> texts)
{
    std::string list;
    for (const auto text : texts)
        list += (list.empty() ? "" : ", ") + quote_literal(text);
    return list;
}

std::string view_of(const FilteredCatalog& catalog, const std::string& view,
                    const std::string& columns)
{
    return "CREATE OR REPLACE VIEW sys." + view + " WITH (security_barrier) AS SELECT " + columns +
           " FROM pg_catalog." + std::string(catalog.name) + " WHERE " +
           std::string(catalog.condition) + ";\nGRANT SELECT ON sys." + view + " TO PUBLIC;\n";
}

std::string views_of(const FilteredCatalog& catalog)
{
    const std::string name(catalog.name);
    auto sql = view_of(catalog, name, std::string(catalog.columns));
    if (catalog.kind == CatalogKind::table)
        sql += view_of(catalog, "nimbus_" + name,
                       "tableoid, ctid, xmin, xmax, cmin, cmax, " + std::string(catalog.columns));
    return sql;
}

/// The views through which clients see the system catalogues.
std::string catalog_views()
{
    // A view may refer to those of these four.
    constexpr std::array<std::string_view, 4> first{"pg_class", "pg_namespace", "pg_proc",
                                                    "pg_type"};
    std::string sql;
    for (const auto name : first)
        for (const auto& catalog : filtered_catalogs)
            if (catalog.name == name)
                sql += views_of(catalog);
    for (const auto& catalog : filtered_catalogs)
        if (std::ranges::find(first, catalog.name) == first.end())
            sql += views_of(catalog);
    return sql;
}

} // namespace

std::string bootstrap_script(const std::string& superuser)
{
    auto sql = std::string(bootstrap_sql) + std::string(made_limits_sql) +
               std::string(stored_sizes_sql) + std::string(private_copies_sql) +
               std::string(row_locks_sql) + std::string(schema_changes_sql) + catalog_views() +
               std::string(other_catalog_views_sql);
    for (const auto& [name, value] : {std::pair("@superuser@", quote_literal(superuser)),
                                      std::pair("@settable@", literals(settable_settings())),
                                      std::pair("@utf8@", literals(utf8_encoding_names())),
                                      std::pair("@unsupported@", literals(unsupported_functions))})
        sql = replace_all(std::move(sql), name, value);
    return sql;
}

void bootstrap_cluster(const std::filesystem::path& socket_path, const std::string& superuser)
{
    try {
        SuperuserConnection connection(socket_path, superuser, Deadline::after(patience));
        const auto done = connection.run(bootstrap_revision_query);
        if (done && *done == bootstrap_revision)
            return;
        // One text is one transaction: a crash leaves all of it or nothing.
        connection.run(bootstrap_script(superuser));
    } catch (const Error& failure) {
        throw Error("The cluster's database could not be prepared: " + std::string(failure.what()) +
                    ".");
    }
}

} // namespace nimbus::local::dsql
