#pragma once

#include <string_view>

/// The system views that are no catalogues of their own. A part of the bootstrap.
namespace nimbus::local::dsql {

/// What other system views say of roles and objects is what the filtered catalogues say. Comes
/// after those.
inline constexpr std::string_view other_catalog_views_sql = R"sql(
DO $$
DECLARE
    other record;
    original text;
    definition text;
BEGIN
    FOR other IN SELECT c.oid, c.oid::regclass AS name, n.nspname FROM pg_class c
                 JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'v' AND n.nspname IN ('pg_catalog', 'information_schema') LOOP
        original := pg_get_viewdef(other.oid);
        definition := original;
        IF other.nspname = 'information_schema' THEN
            definition := regexp_replace(definition, '(?<![.''])\m(pg_class|pg_proc|pg_trigger)\M(?![.''])',
                                         'sys.\1', 'g');
            definition := regexp_replace(definition, '\mpg_authid\M(?!'')', 'pg_roles', 'g');
        ELSE
            definition := regexp_replace(definition, '\mpg_authid u\M', 'pg_roles u', 'g');
        END IF;
        definition := regexp_replace(definition, '(?<!sys\.)\m(pg_get_userbyid|pg_get_constraintdef|pg_get_indexdef)\M',
                                     'sys.\1', 'g');
        IF definition <> original THEN
            EXECUTE format('CREATE OR REPLACE VIEW %s AS %s', other.name, definition);
        END IF;
    END LOOP;
END $$;
)sql";

} // namespace nimbus::local::dsql
