#pragma once

#include <string_view>

/// Which relations a statement has changed, told to the session in a notice with the SQLSTATE
/// NB001: a list of OIDs. A part of the bootstrap.
namespace nimbus::local::dsql {

inline constexpr std::string_view schema_changes_sql = R"sql(
-- An index is its table's. What GRANT and REVOKE have changed, PostgreSQL does not tell.
CREATE OR REPLACE FUNCTION sys.nimbus_tell_changes() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    own xid[];
    changed text;
BEGIN
    IF session_user = @superuser@ THEN
        RETURN;
    END IF;
    IF tg_tag IN ('GRANT', 'REVOKE') THEN
        own := sys.nimbus_own_ids();
        SELECT string_agg(oid::text, ' ') INTO changed FROM pg_class WHERE xmin = ANY (own);
    ELSE
        SELECT string_agg(DISTINCT coalesce(i.indrelid, c.objid)::text, ' ') INTO changed
        FROM pg_event_trigger_ddl_commands() c LEFT JOIN pg_index i ON i.indexrelid = c.objid
        WHERE c.classid = 'pg_class'::regclass AND c.schema_name IS DISTINCT FROM 'pg_temp';
    END IF;
    IF changed IS NOT NULL THEN
        RAISE NOTICE USING ERRCODE = 'NB001', MESSAGE = changed;
    END IF;
END $$;
DROP EVENT TRIGGER IF EXISTS nimbus_changes;
CREATE EVENT TRIGGER nimbus_changes ON ddl_command_end EXECUTE FUNCTION sys.nimbus_tell_changes();
)sql";

} // namespace nimbus::local::dsql
