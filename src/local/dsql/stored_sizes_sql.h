#pragma once

#include <string_view>

/// DSQL's limits on what is stored, wherever it comes from: 1 MiB a value, 2 MiB a row, 10 MiB a
/// transaction (Aurora DSQL User Guide, "Cluster quotas"). A part of the bootstrap.
///
/// Each table has a trigger that no catalogue shows. Its condition is all that an ordinary row
/// costs: rows of up to 2,048 bytes are not counted, of which 3,000 make 6 MiB.
namespace nimbus::local::dsql {

inline constexpr std::string_view stored_sizes_sql = R"sql(
-- Of a row that was written, NEW is what is stored: compressed where that helps.
CREATE OR REPLACE FUNCTION sys.nimbus_check_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    size bigint := pg_column_size(NEW);
    written bigint := size +
        coalesce(nullif(current_setting('nimbus.written', true), ''), '0')::bigint;
    part record;
    is_exceeded boolean;
BEGIN
    IF session_user = @superuser@ THEN
        RETURN NULL;
    END IF;
    IF size > 1048576 THEN
        FOR part IN SELECT attname, format_type(atttypid, NULL) AS type FROM pg_attribute
                    WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped LOOP
            EXECUTE format('SELECT pg_column_size(($1).%I) > 1048576', part.attname)
                INTO is_exceeded USING NEW;
            IF is_exceeded THEN
                RAISE EXCEPTION USING ERRCODE = '54000', MESSAGE = format(
                    'datatype limit greater than 1048576 bytes not supported for %s', part.type);
            END IF;
        END LOOP;
    END IF;
    IF size > 2097152 THEN
        RAISE EXCEPTION USING ERRCODE = '54000', MESSAGE = 'maximum row size exceeded';
    END IF;
    IF written > 10485760 THEN
        RAISE EXCEPTION USING ERRCODE = '54000', MESSAGE = 'transaction size limit 10mb exceeded',
            DETAIL = format('Current transaction size %smb > 10mb', written / 1048576);
    END IF;
    PERFORM set_config('nimbus.written', written::text, true);
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION sys.nimbus_watch_table(relation regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = relation AND tgname = 'nimbus_sizes') THEN
        EXECUTE format('CREATE TRIGGER nimbus_sizes AFTER INSERT OR UPDATE ON %s FOR EACH ROW '
                       'WHEN (pg_column_size(NEW.*) > 2048) EXECUTE FUNCTION sys.nimbus_check_row()',
                       relation);
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION sys.nimbus_watch_table(regclass) FROM PUBLIC;

DO $$
BEGIN
    PERFORM sys.nimbus_watch_table(oid) FROM pg_class
        WHERE oid >= 16384 AND relkind = 'r' AND relpersistence = 'p'
            AND relnamespace <> 'sys'::regnamespace;
END $$;
)sql";

} // namespace nimbus::local::dsql
