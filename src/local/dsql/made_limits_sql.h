#pragma once

#include <string_view>

/// DSQL's limits on schemas, tables, indexes, views, sequences and statistics (Aurora DSQL User
/// Guide, "Cluster quotas"). A part of the bootstrap.
namespace nimbus::local::dsql {

inline constexpr std::string_view made_limits_sql = R"sql(
-- DSQL's limits on what a statement has made, which it tells after each.
CREATE OR REPLACE FUNCTION sys.nimbus_check_limits() RETURNS event_trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    -- Aurora DSQL User Guide, "Supported data types".
    supported CONSTANT regtype[] := ARRAY['smallint', 'integer', 'bigint', 'real',
        'double precision', 'numeric', 'bpchar', 'varchar', 'text', 'date', 'time', 'timetz',
        'timestamp', 'timestamptz', 'interval', 'boolean', 'uuid', 'bytea', 'json', 'jsonb'];
    made record;
    other record;
    exceeded text;
    code text := '54000';
BEGIN
    IF session_user = @superuser@ THEN
        RETURN;
    END IF;
    FOR made IN SELECT objid, object_type FROM pg_event_trigger_ddl_commands()
                WHERE schema_name IS DISTINCT FROM 'pg_temp' LOOP
        -- Domains are over supported types: these are looked at when they are made.
        SELECT INTO other t.typtype = ANY ('{c,p}') AS is_unknown, t.typname,
                          format_type(t.oid, NULL) AS name
        FROM (SELECT attnum, atttypid AS id FROM pg_attribute
              WHERE made.object_type = 'table' AND attrelid = made.objid AND attnum > 0
                  AND NOT attisdropped
              UNION ALL
              SELECT 0, typbasetype FROM pg_type
              WHERE made.object_type = 'type' AND oid = made.objid AND typtype = 'd') used
        JOIN pg_type t ON t.oid = used.id
        WHERE t.oid <> ALL (supported) AND NOT (t.typtype = 'd' AND t.oid >= 16384)
        ORDER BY used.attnum LIMIT 1;
        IF FOUND AND other.is_unknown THEN
            RAISE EXCEPTION USING ERRCODE = '42704',
                MESSAGE = format('type "%s" does not exist', other.typname);
        ELSIF FOUND THEN
            RAISE EXCEPTION USING ERRCODE = '0A000',
                MESSAGE = format('datatype %s not supported', other.name);
        END IF;
        CASE made.object_type
        WHEN 'schema' THEN
            IF (SELECT count(*) FROM pg_namespace WHERE oid >= 16384 AND nspname <> 'sys'
                    AND nspname !~ '^pg_') > 10 THEN
                exceeded := 'more than 10 schemas not allowed';
            END IF;
        WHEN 'table' THEN
            PERFORM sys.nimbus_watch_table(made.objid);
            IF (SELECT count(*) FROM pg_attribute WHERE attrelid = made.objid AND attnum > 0
                    AND NOT attisdropped) > 256 THEN
                code := '54011';
                -- A primary key has all other columns with it.
                exceeded := CASE WHEN EXISTS (SELECT FROM pg_index
                                              WHERE indrelid = made.objid AND indisprimary)
                            THEN 'cannot use more than 256 columns in an index'
                            ELSE 'tables can have at most 255 columns' END;
            ELSIF (SELECT count(*) FROM pg_index WHERE indrelid = made.objid) > 24 THEN
                exceeded := 'more than 24 indexes per table are not allowed';
            ELSIF (SELECT count(*) FROM pg_class WHERE relkind = 'r' AND oid >= 16384
                    AND relpersistence = 'p' AND relnamespace <> 'sys'::regnamespace) > 1000 THEN
                exceeded := 'creating more than 1000 tables not allowed';
            END IF;
        WHEN 'index' THEN
            PERFORM sys.nimbus_watch_table(indrelid) FROM pg_index WHERE indexrelid = made.objid;
        WHEN 'view' THEN
            IF (SELECT count(*) FROM pg_class WHERE relkind = 'v' AND oid >= 16384
                    AND relnamespace <> 'sys'::regnamespace) > 5000 THEN
                exceeded := 'creating more than 5000 views not allowed';
            ELSIF (SELECT octet_length(ev_action::text) FROM pg_rewrite
                   WHERE ev_class = made.objid) > 524288 THEN
                exceeded := 'view definition too large';
            END IF;
        WHEN 'sequence' THEN
            IF (SELECT count(*) FROM pg_class WHERE relkind = 'S' AND oid >= 16384
                    AND relnamespace <> 'sys'::regnamespace) > 5000 THEN
                exceeded := 'creating more than 5000 sequences is not allowed';
            END IF;
        WHEN 'statistics object' THEN
            IF (SELECT count(*) FROM pg_statistic_ext s JOIN pg_statistic_ext own
                    ON own.stxrelid = s.stxrelid WHERE own.oid = made.objid) > 5 THEN
                exceeded := 'more than 5 extended statistics per table are not allowed';
            END IF;
        ELSE
            NULL;
        END CASE;
        -- What the declared types of a key take at most.
        IF EXISTS (
            SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indexrelid
                AND a.attnum <= i.indnkeyatts
            WHERE made.objid IN (i.indrelid, i.indexrelid) AND made.object_type IN ('table', 'index')
            GROUP BY i.indexrelid
            HAVING sum(CASE WHEN a.atttypid IN ('bpchar'::regtype, 'varchar'::regtype)
                           THEN greatest(a.atttypmod - 4, 0)
                           ELSE greatest(a.attlen, 0) END) > 2000) THEN
            exceeded := 'key size greater than 2000 bytes not supported';
        END IF;
        IF exceeded IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = code, MESSAGE = exceeded;
        END IF;
    END LOOP;
END $$;
DROP EVENT TRIGGER IF EXISTS nimbus_limits;
CREATE EVENT TRIGGER nimbus_limits ON ddl_command_end EXECUTE FUNCTION sys.nimbus_check_limits();
)sql";

} // namespace nimbus::local::dsql
