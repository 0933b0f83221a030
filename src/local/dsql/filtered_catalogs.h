#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

namespace nimbus::local::dsql {

enum class CatalogKind { table, view };

/// A system catalogue or view that names objects of all schemas. What is Nimbus's own is in none of
/// them; and where PostgreSQL and DSQL show the others to every role, an application on a shared
/// cluster sees here what lies in schemas that it may use. sys holds a view of the same name for
/// each, which clients read instead. For a table there is a second one, nimbus_<name>, with the
/// columns that tables have of themselves.
struct FilteredCatalog {
    std::string_view name;
    CatalogKind kind;
    /// On a row; sys.nimbus_visible(…) is about a schema, and a name in it.
    std::string_view condition;
    std::string_view columns = "*";
};

/// On a row that names an object by `classid` and `objid`.
inline constexpr std::string_view visible_object =
    "(classid <> 'pg_class'::regclass OR objid IN (SELECT oid FROM sys.pg_class)) AND "
    "(classid <> 'pg_proc'::regclass OR objid IN (SELECT oid FROM sys.pg_proc)) AND "
    "(classid <> 'pg_type'::regclass OR objid IN (SELECT oid FROM sys.pg_type))";

/// Sorted by name.
inline constexpr FilteredCatalog filtered_catalogs[] = {
    {"pg_am", CatalogKind::table, "true",
     "oid, CASE amname WHEN 'btree' THEN 'btree_index' ELSE amname END AS amname, amhandler, "
     "amtype"},
    {"pg_attrdef", CatalogKind::table, "adrelid IN (SELECT oid FROM sys.pg_class)"},
    {"pg_attribute", CatalogKind::table, "attrelid IN (SELECT oid FROM sys.pg_class)"},
    {"pg_class", CatalogKind::table, "sys.nimbus_visible(relnamespace, relname)"},
    {"pg_constraint", CatalogKind::table,
     "sys.nimbus_visible(connamespace) AND (conrelid = 0 OR conrelid IN (SELECT oid FROM "
     "sys.pg_class))"},
    {"pg_depend", CatalogKind::table, visible_object},
    {"pg_description", CatalogKind::table,
     "(classoid <> 'pg_class'::regclass OR objoid IN (SELECT oid FROM sys.pg_class)) AND (classoid "
     "<> 'pg_proc'::regclass OR objoid IN (SELECT oid FROM sys.pg_proc))"},
    {"pg_event_trigger", CatalogKind::table, "evtname NOT LIKE 'nimbus\\_%'"},
    {"pg_index", CatalogKind::table, "indrelid IN (SELECT oid FROM sys.pg_class)"},
    {"pg_indexes", CatalogKind::view, "sys.nimbus_visible(schemaname, tablename)"},
    {"pg_matviews", CatalogKind::view, "sys.nimbus_visible(schemaname, matviewname)"},
    {"pg_namespace", CatalogKind::table, "sys.nimbus_visible(oid)"},
    {"pg_proc", CatalogKind::table, "sys.nimbus_visible(pronamespace, proname)"},
    {"pg_rewrite", CatalogKind::table, "ev_class IN (SELECT oid FROM sys.pg_class)"},
    {"pg_rules", CatalogKind::view, "sys.nimbus_visible(schemaname, tablename)"},
    {"pg_sequence", CatalogKind::table, "seqrelid IN (SELECT oid FROM sys.pg_class)"},
    {"pg_sequences", CatalogKind::view, "sys.nimbus_visible(schemaname, sequencename)"},
    {"pg_shdepend", CatalogKind::table, visible_object},
    {"pg_stat_all_indexes", CatalogKind::view, "sys.nimbus_visible(schemaname, relname)"},
    {"pg_stat_all_tables", CatalogKind::view, "sys.nimbus_visible(schemaname, relname)"},
    {"pg_stat_user_indexes", CatalogKind::view, "sys.nimbus_visible(schemaname, relname)"},
    {"pg_stat_user_tables", CatalogKind::view, "sys.nimbus_visible(schemaname, relname)"},
    {"pg_stat_xact_all_tables", CatalogKind::view, "sys.nimbus_visible(schemaname, relname)"},
    {"pg_stat_xact_user_tables", CatalogKind::view, "sys.nimbus_visible(schemaname, relname)"},
    {"pg_statio_all_indexes", CatalogKind::view, "sys.nimbus_visible(schemaname, relname)"},
    {"pg_statio_all_sequences", CatalogKind::view, "sys.nimbus_visible(schemaname, relname)"},
    {"pg_statio_all_tables", CatalogKind::view, "sys.nimbus_visible(schemaname, relname)"},
    {"pg_statio_user_indexes", CatalogKind::view, "sys.nimbus_visible(schemaname, relname)"},
    {"pg_statio_user_sequences", CatalogKind::view, "sys.nimbus_visible(schemaname, relname)"},
    {"pg_statio_user_tables", CatalogKind::view, "sys.nimbus_visible(schemaname, relname)"},
    {"pg_statistic_ext", CatalogKind::table, "sys.nimbus_visible(stxnamespace)"},
    {"pg_tables", CatalogKind::view, "sys.nimbus_visible(schemaname, tablename)"},
    {"pg_trigger", CatalogKind::table,
     "tgrelid IN (SELECT oid FROM sys.pg_class) AND tgname NOT LIKE 'nimbus\\_%'"},
    {"pg_type", CatalogKind::table, "sys.nimbus_visible(typnamespace, typname)"},
    {"pg_views", CatalogKind::view, "sys.nimbus_visible(schemaname, viewname)"},
};
static_assert(std::ranges::is_sorted(filtered_catalogs, {}, &FilteredCatalog::name));

constexpr const FilteredCatalog* find_filtered_catalog(std::string_view name) noexcept
{
    const auto* found =
        std::ranges::lower_bound(filtered_catalogs, name, {}, &FilteredCatalog::name);
    return found != std::end(filtered_catalogs) && found->name == name ? found : nullptr;
}

} // namespace nimbus::local::dsql
