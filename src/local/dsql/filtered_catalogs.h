#pragma once

#include <algorithm>
#include <string_view>

namespace nimbus::local::dsql {

/// A system catalogue or view that names objects of all schemas. PostgreSQL shows those to every
/// role, and so does DSQL; here, an application on a shared cluster sees in them what lies in
/// schemas that it may use. sys holds a view of the same name for each, which roles other than
/// admin read instead.
struct FilteredCatalog {
    std::string_view name;
    std::string_view condition; ///< on a row; sys.nimbus_visible(…) is about a schema
};

/// On a row that names an object by `classid` and `objid`.
inline constexpr std::string_view visible_object =
    "(classid <> 'pg_class'::regclass OR objid IN (SELECT oid FROM sys.pg_class)) AND "
    "(classid <> 'pg_proc'::regclass OR objid IN (SELECT oid FROM sys.pg_proc))";

/// Sorted by name.
inline constexpr FilteredCatalog filtered_catalogs[] = {
    {"pg_attrdef", "adrelid IN (SELECT oid FROM sys.pg_class)"},
    {"pg_attribute", "attrelid IN (SELECT oid FROM sys.pg_class)"},
    {"pg_class", "sys.nimbus_visible(relnamespace)"},
    {"pg_constraint", "sys.nimbus_visible(connamespace)"},
    {"pg_depend", visible_object},
    {"pg_index", "indrelid IN (SELECT oid FROM sys.pg_class)"},
    {"pg_indexes", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_matviews", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_namespace", "sys.nimbus_visible(oid)"},
    {"pg_proc", "sys.nimbus_visible(pronamespace)"},
    {"pg_rules", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_sequence", "seqrelid IN (SELECT oid FROM sys.pg_class)"},
    {"pg_sequences", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_shdepend", visible_object},
    {"pg_stat_all_indexes", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_stat_all_tables", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_stat_user_indexes", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_stat_user_tables", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_stat_xact_all_tables", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_stat_xact_user_tables", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_statio_all_indexes", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_statio_all_sequences", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_statio_all_tables", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_statio_user_indexes", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_statio_user_sequences", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_statio_user_tables", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_statistic_ext", "sys.nimbus_visible(stxnamespace)"},
    {"pg_tables", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
    {"pg_type", "sys.nimbus_visible(typnamespace)"},
    {"pg_views", "schemaname IN (SELECT nspname FROM sys.pg_namespace)"},
};
static_assert(std::ranges::is_sorted(filtered_catalogs, {}, &FilteredCatalog::name));

constexpr bool is_filtered_catalog(std::string_view name) noexcept
{
    return std::ranges::binary_search(filtered_catalogs, name, {}, &FilteredCatalog::name);
}

} // namespace nimbus::local::dsql
