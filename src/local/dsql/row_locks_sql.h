#pragma once

#include <string_view>

/// What a block does at its COMMIT about the rows that it has locked: see OptimisticBlock. A part
/// of the bootstrap.
namespace nimbus::local::dsql {

/// PostgreSQL compares locks while they are held, DSQL compares them with what is committed later,
/// too, by whoever began before (Aurora DSQL User Guide, "Concurrency control in Aurora DSQL"). So
/// a block writes the rows that it has locked FOR UPDATE, and leaves word of all that it has locked
/// (RecentCommits) for the blocks that are under way.
inline constexpr std::string_view row_locks_sql = R"sql(
-- The ids of the transaction and of its subtransactions.
CREATE OR REPLACE FUNCTION sys.nimbus_own_ids() RETURNS xid[]
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    RETURN ARRAY(SELECT transactionid FROM pg_locks
                 WHERE pid = pg_backend_pid() AND locktype = 'transactionid' AND granted);

-- Does one of those have the lock that a row's `xmax` tells of? Several who share it are one number,
-- which looks like a transaction's.
CREATE OR REPLACE FUNCTION sys.nimbus_is_locker(locker xid, own xid[]) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF locker = '0' OR locker = ANY (own) THEN
        RETURN locker <> '0';
    END IF;
    RETURN EXISTS (SELECT FROM pg_get_multixact_members(locker) m WHERE m.xid = ANY (own));
EXCEPTION WHEN internal_error OR invalid_parameter_value THEN
    RETURN false; -- it is a transaction's, somebody else's
END $$;

-- Writes the rows that this transaction has locked, so that a transaction under way which changes
-- one of them finds a conflict when it ends after this one.
CREATE OR REPLACE FUNCTION sys.nimbus_touch(tables oid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET nimbus.commits = 'on' AS $$
DECLARE
    own xid[] := sys.nimbus_own_ids();
    t record;
BEGIN
    FOR t IN SELECT format('%s.%I', r.relnamespace::regnamespace, r.relname) AS name, r.relowner,
                    (SELECT quote_ident(attname) FROM pg_attribute
                     WHERE attrelid = r.oid AND attnum > 0 AND NOT attisdropped
                         AND attgenerated = '' AND attidentity <> 'a'
                     ORDER BY attnum = ANY (coalesce(c.conkey, '{}')), attnum LIMIT 1) AS attribute
             FROM pg_class r
             LEFT JOIN pg_constraint c ON c.conrelid = r.oid AND c.contype = 'p'
             WHERE r.oid = ANY (tables) AND r.relkind = 'r' AND r.oid >= 16384 LOOP
        IF t.attribute IS NOT NULL THEN
            PERFORM sys.nimbus_run_as(t.relowner, format(
                'UPDATE %1$s SET %2$s = %2$s WHERE xmax = ANY (%3$L::xid[])', t.name, t.attribute,
                own));
        END IF;
    END LOOP;
    PERFORM sys.nimbus_end_running();
END $$;

-- A name may have meant a private copy (nimbus_fork): the tables that are copied.
CREATE OR REPLACE FUNCTION sys.nimbus_originals(tables oid[]) RETURNS oid[]
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF to_regclass('pg_temp.nimbus_copies') IS NULL THEN
        RETURN tables;
    END IF;
    RETURN ARRAY(SELECT coalesce(n.original, id) FROM unnest(tables) id
                 LEFT JOIN nimbus_copies n ON to_regclass(n.copy) = id);
END $$;

-- The rows that this transaction has locked FOR UPDATE (and written since) in the one tables, FOR KEY
-- SHARE in the others: each by the columns of its unique keys. `version` is the transaction that wrote
-- what was locked; NULL when there are none. Tables without a unique key have no keys to share.
CREATE OR REPLACE FUNCTION sys.nimbus_locks(updated oid[], shared oid[]) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET extra_float_digits = 1 SET datestyle = 'ISO' SET intervalstyle = 'postgres' AS $$
DECLARE
    own xid[] := sys.nimbus_own_ids();
    t record;
    locks jsonb;
    all_locks jsonb := '[]';
BEGIN
    updated := sys.nimbus_originals(updated);
    shared := sys.nimbus_originals(shared);
    FOR t IN SELECT r.oid AS id, r.oid = ANY (updated) AS is_update,
                    format('%s.%I', r.relnamespace::regnamespace, r.relname) AS name,
                    string_agg(format('CASE WHEN o.%1$I IS NULL THEN %2$L ELSE %3$L || '
                                      'quote_literal(o.%1$I::text) END', a.attname,
                                      format('%I IS NULL', a.attname), format('%I = ', a.attname)),
                               ', ' ORDER BY a.attnum) AS key
             FROM pg_class r JOIN pg_attribute a ON a.attrelid = r.oid
             WHERE r.oid = ANY (updated || shared) AND r.relkind = 'r' AND r.oid >= 16384
                 AND EXISTS (SELECT FROM pg_index i
                             WHERE i.indrelid = r.oid AND i.indisunique AND i.indimmediate
                                 AND i.indpred IS NULL AND i.indexprs IS NULL
                                 AND a.attnum = ANY ((i.indkey::smallint[])[0:i.indnkeyatts - 1]))
             GROUP BY r.oid LOOP
        EXECUTE format('SELECT jsonb_agg(jsonb_build_object(''table'', $1, ''row'', '
                       'concat_ws('' AND '', %s), ''version'', o.xmin::text, ''update'', $2)) '
                       'FROM %s o WHERE sys.nimbus_is_locker(o.xmax, $3) OR $2 AND o.xmin = ANY ($3)',
                       t.key, t.name)
            INTO locks USING t.id, t.is_update, own;
        all_locks := all_locks || coalesce(locks, '[]');
    END LOOP;
    RETURN nullif(all_locks, '[]')::text;
END $$;

-- Does what this transaction has done stand against locks that others have left (nimbus_locks)? A
-- key that was shared must be there still, if the transaction knew of the row; no other lock goes
-- with FOR UPDATE, which this one has used in the tables `updated`. Anything else PostgreSQL finds.
CREATE OR REPLACE FUNCTION sys.nimbus_meets(others jsonb[], updated oid[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET datestyle = 'ISO' SET intervalstyle = 'postgres' AS $$
DECLARE
    own xid[] := sys.nimbus_own_ids();
    known pg_snapshot := pg_current_snapshot();
    other record;
    found_row record;
    rows bigint;
BEGIN
    updated := sys.nimbus_originals(updated);
    FOR other IN SELECT e ->> 'row' AS key, (e ->> 'table')::oid AS id,
                        -- A local cluster does not see its second 4 billion of transactions.
                        (e ->> 'version')::xid8 AS version, (e ->> 'update')::boolean AS is_update,
                        format('%s.%I', r.relnamespace::regnamespace, r.relname) AS name
                 FROM unnest(others) o, jsonb_array_elements(o) e
                 JOIN pg_class r ON r.oid = (e ->> 'table')::oid LOOP
        EXECUTE format('SELECT xmin, xmax FROM %s WHERE %s', other.name, other.key) INTO found_row;
        GET DIAGNOSTICS rows = ROW_COUNT;
        IF rows = 0 THEN
            IF NOT other.is_update AND pg_visible_in_snapshot(other.version, known) THEN
                RETURN true;
            END IF;
        ELSIF other.is_update OR other.id = ANY (updated) THEN
            IF sys.nimbus_is_locker(found_row.xmax, own) OR found_row.xmin = ANY (own) THEN
                RETURN true;
            END IF;
        END IF;
    END LOOP;
    RETURN false;
END $$;

-- Has this transaction used one of these tables?
CREATE OR REPLACE FUNCTION sys.nimbus_uses(tables oid[]) RETURNS boolean
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    RETURN EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'
                       AND relation = ANY (tables));
)sql";

} // namespace nimbus::local::dsql
