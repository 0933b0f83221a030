#pragma once

#include <string_view>

/// DSQL's limits on what is stored, wherever it comes from: 1 MiB a value, 2 MiB a row, 10 MiB a
/// transaction (Aurora DSQL User Guide, "Cluster quotas"), the last one at COMMIT, 1,981 bytes a
/// key (as observed; the guide says 1 KiB); and what foreign keys change in other tables, told to
/// the session in a notice with the SQLSTATE NB002 for each row. A part of the bootstrap.
///
/// Each table has triggers that no catalogue shows. Their conditions are all that an ordinary row
/// costs: rows of up to 2,048 bytes are not counted, of which 3,000 make 6 MiB.
namespace nimbus::local::dsql {

inline constexpr std::string_view stored_sizes_sql = R"sql(
-- Is the row written for the second time, by what is done at a COMMIT? Or by ourselves?
CREATE OR REPLACE FUNCTION sys.nimbus_counts_rows() RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    RETURN session_user <> @superuser@
        AND current_setting('nimbus.commits', true) IS DISTINCT FROM 'on';

-- A transaction that is too large has a row here, which no COMMIT lets through.
CREATE TABLE IF NOT EXISTS sys.nimbus_too_large ();
CREATE OR REPLACE FUNCTION sys.nimbus_refuse_size() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '54000', MESSAGE = 'transaction size limit 10mb exceeded',
        DETAIL = format('Current transaction size %smb > 10mb',
                        current_setting('nimbus.written')::bigint / 1048576);
END $$;
DROP TRIGGER IF EXISTS nimbus_size ON sys.nimbus_too_large;
CREATE CONSTRAINT TRIGGER nimbus_size AFTER INSERT ON sys.nimbus_too_large
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sys.nimbus_refuse_size();

-- Of a row that was written, NEW is what is stored: compressed where that helps.
CREATE OR REPLACE FUNCTION sys.nimbus_check_row() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    size bigint := pg_column_size(NEW);
    before bigint := coalesce(nullif(current_setting('nimbus.written', true), ''), '0')::bigint;
    part record;
    is_exceeded boolean;
BEGIN
    IF NOT sys.nimbus_counts_rows() THEN
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
    IF before <= 10485760 AND before + size > 10485760 THEN
        INSERT INTO sys.nimbus_too_large DEFAULT VALUES;
    END IF;
    PERFORM set_config('nimbus.written', (before + size)::text, true);
    RETURN NULL;
END $$;

-- For the condition of the trigger, which is looked at with the rights of who changes the table. The
-- dialect lets nobody call it.
GRANT EXECUTE ON FUNCTION pg_catalog.pg_trigger_depth() TO PUBLIC;

-- 3,000 are too many with the row that they depend on.
CREATE OR REPLACE FUNCTION sys.nimbus_count_cascade() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rows integer := 1 +
        coalesce(nullif(current_setting('nimbus.cascaded', true), ''), '0')::integer;
BEGIN
    IF NOT sys.nimbus_counts_rows() THEN
        RETURN NULL;
    END IF;
    IF rows >= 3000 THEN
        RAISE EXCEPTION USING ERRCODE = '54000', MESSAGE = 'transaction row limit exceeded';
    END IF;
    PERFORM set_config('nimbus.cascaded', rows::text, true);
    RAISE NOTICE USING ERRCODE = 'NB002', MESSAGE = 'a row';
    RETURN NULL;
END $$;

-- A key is stored as it is, with the primary key behind it: as observed, 1,981 bytes at most, of which
-- each column but the first takes 7 beside its own.
CREATE OR REPLACE FUNCTION sys.nimbus_check_keys() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    fields jsonb;
BEGIN
    IF NOT sys.nimbus_counts_rows() THEN
        RETURN NULL;
    END IF;
    fields := to_jsonb(NEW);
    IF EXISTS (
        SELECT FROM pg_index i
        LEFT JOIN pg_index p ON p.indrelid = i.indrelid AND p.indisprimary
        JOIN pg_attribute a ON a.attrelid = i.indrelid
            AND a.attnum = ANY ((i.indkey::smallint[])[0:i.indnkeyatts - 1]
                                || (p.indkey::smallint[])[0:p.indnkeyatts - 1])
        WHERE i.indrelid = TG_RELID
        GROUP BY i.indexrelid
        HAVING 7 * (count(*) - 1) + sum(CASE WHEN a.attlen > 0 THEN a.attlen
                                        ELSE octet_length(fields ->> a.attname) END) > 1981) THEN
        RAISE EXCEPTION USING ERRCODE = '54000', MESSAGE = 'key size too large';
    END IF;
    RETURN NULL;
END $$;

-- Is there a key of the table whose type lets it get too long?
CREATE OR REPLACE FUNCTION sys.nimbus_has_long_keys(relation regclass) RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    RETURN EXISTS (
        SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
            AND a.attnum = ANY ((i.indkey::smallint[])[0:i.indnkeyatts - 1])
        JOIN pg_type t ON t.oid = a.atttypid
        WHERE i.indrelid = relation AND a.attlen < 0 AND (t.typtype = 'd'
            OR a.atttypid IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)
                AND a.atttypmod < 0));

CREATE OR REPLACE FUNCTION sys.nimbus_watch_table(relation regclass) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = relation AND tgname = 'nimbus_sizes') THEN
        EXECUTE format('CREATE TRIGGER nimbus_sizes AFTER INSERT OR UPDATE ON %s FOR EACH ROW '
                       'WHEN (pg_column_size(NEW.*) > 2048) EXECUTE FUNCTION sys.nimbus_check_row()',
                       relation);
    END IF;
    IF sys.nimbus_has_long_keys(relation) AND NOT EXISTS (
            SELECT FROM pg_trigger WHERE tgrelid = relation AND tgname = 'nimbus_keys') THEN
        EXECUTE format('CREATE TRIGGER nimbus_keys AFTER INSERT OR UPDATE ON %s FOR EACH ROW '
                       'WHEN (octet_length((NEW.*)::text) > 1500) '
                       'EXECUTE FUNCTION sys.nimbus_check_keys()', relation);
    END IF;
    -- What a foreign key changes, its own triggers do.
    IF EXISTS (SELECT FROM pg_constraint WHERE conrelid = relation AND contype = 'f'
                   AND (confdeltype IN ('c', 'n', 'd') OR confupdtype IN ('c', 'n', 'd')))
            AND NOT EXISTS (SELECT FROM pg_trigger
                            WHERE tgrelid = relation AND tgname = 'nimbus_cascades') THEN
        EXECUTE format('CREATE TRIGGER nimbus_cascades AFTER DELETE OR UPDATE ON %s FOR EACH ROW '
                       'WHEN (pg_trigger_depth() > 0) EXECUTE FUNCTION sys.nimbus_count_cascade()',
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
