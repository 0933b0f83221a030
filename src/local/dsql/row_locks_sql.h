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
DROP FUNCTION IF EXISTS sys.nimbus_originals(oid[]);
CREATE OR REPLACE FUNCTION sys.nimbus_own_ids() RETURNS xid[]
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    RETURN ARRAY(SELECT transactionid FROM pg_locks
                 WHERE pid = pg_backend_pid() AND locktype = 'transactionid' AND granted);

-- Does one of those have the lock that a row's `xmax` tells of? Several who share it are one number,
-- which looks like a transaction's, and which a table's owner may not look into.
CREATE OR REPLACE FUNCTION sys.nimbus_is_locker(locker xid, own xid[]) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
             WHERE r.oid = ANY (sys.nimbus_tables_of(tables)) LOOP
        IF t.attribute IS NOT NULL THEN
            PERFORM sys.nimbus_run_as(t.relowner, format(
                'UPDATE %1$s SET %2$s = %2$s WHERE xmax = ANY (%3$L::xid[])', t.name, t.attribute,
                own));
        END IF;
    END LOOP;
    PERFORM sys.nimbus_end_running();
END $$;

-- How a row `o` of a table is told apart, as a text that is a condition: by the columns of its unique
-- keys. NULL when there is none.
CREATE OR REPLACE FUNCTION sys.nimbus_key_of(relation oid) RETURNS text
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    RETURN (SELECT format('concat_ws('' AND '', %s)', string_agg(format(
                'CASE WHEN o.%1$I IS NULL THEN %2$L ELSE %3$L || quote_literal(o.%1$I::text) END',
                a.attname, format('%I IS NULL', a.attname), format('%I = ', a.attname)),
                ', ' ORDER BY a.attnum))
            FROM pg_attribute a
            WHERE a.attrelid = relation
                AND EXISTS (SELECT FROM pg_index i
                            WHERE i.indrelid = relation AND i.indisunique AND i.indimmediate
                                AND i.indpred IS NULL AND i.indexprs IS NULL
                                AND a.attnum = ANY ((i.indkey::smallint[])[0:i.indnkeyatts - 1]))
            HAVING count(*) > 0);

-- The rows `o` of a table that `source` holds, as nimbus_meets takes them. `version` is the
-- transaction that wrote what was locked, `by` the one that has locked it.
CREATE OR REPLACE FUNCTION sys.nimbus_locked_rows(relation oid, source text, is_update boolean)
    RETURNS jsonb LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(sys.nimbus_ask_as(r.relowner, format(
        'SELECT jsonb_agg(jsonb_build_object(''table'', %L, ''row'', %s, ''version'', '
        'o.xmin::text, ''by'', pg_current_xact_id()::text, ''update'', %L::boolean)) FROM %s',
        r.oid, k.key, is_update, source)), '[]')::jsonb
    FROM pg_class r, sys.nimbus_key_of(r.oid) AS k (key)
    WHERE r.oid = relation AND k.key IS NOT NULL
$$;

-- The keys of parents that foreign keys of this transaction's rows have locked.
CREATE OR REPLACE FUNCTION sys.nimbus_parent_locks(own xid[]) RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    f record;
    referenced text;
    locks jsonb := '[]';
BEGIN
    FOR f IN SELECT c.confrelid AS parent, child.relowner AS owner,
                    format('%s.%I', child.relnamespace::regnamespace, child.relname) AS name,
                    format('%s.%I', parent.relnamespace::regnamespace, parent.relname) AS parent_name,
                    (SELECT string_agg(format('c.%I::text', a.attname), ', ' ORDER BY k.n)
                     FROM unnest(c.conkey) WITH ORDINALITY AS k (attnum, n)
                     JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum) AS columns,
                    (SELECT string_agg(format('o.%I = (k ->> %s)::%s', a.attname, k.n - 1,
                                              format_type(a.atttypid, NULL)), ' AND ')
                     FROM unnest(c.confkey) WITH ORDINALITY AS k (attnum, n)
                     JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.attnum) AS same
             FROM pg_constraint c
             JOIN pg_class child ON child.oid = c.conrelid
             JOIN pg_class parent ON parent.oid = c.confrelid
             WHERE c.contype = 'f' AND child.relpersistence = 'p'
                 AND c.conrelid IN (SELECT relation FROM pg_locks
                                    WHERE pid = pg_backend_pid() AND mode = 'RowExclusiveLock') LOOP
        referenced := sys.nimbus_ask_as(f.owner, format(
            'SELECT jsonb_agg(DISTINCT jsonb_build_array(%s)) FROM %s c '
            'WHERE c.xmin = ANY (%L::xid[])', f.columns, f.name, own));
        IF referenced IS NOT NULL THEN
            locks := locks || coalesce(sys.nimbus_locked_rows(f.parent, format(
                'jsonb_array_elements(%L::jsonb) AS k JOIN %s o ON %s '
                'WHERE sys.nimbus_is_locker(o.xmax, %L::xid[])',
                referenced, f.parent_name, f.same, own), false), '[]');
        END IF;
    END LOOP;
    RETURN locks;
END $$;

-- The rows that this transaction has locked FOR UPDATE (and written since) in the one tables, FOR KEY
-- SHARE in the others, and by foreign keys: each by the columns of its unique keys. NULL when there
-- are none. Tables without a unique key have no keys to share.
CREATE OR REPLACE FUNCTION sys.nimbus_locks(updated oid[], shared oid[]) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET extra_float_digits = 1 SET datestyle = 'ISO' SET intervalstyle = 'postgres' AS $$
DECLARE
    own xid[] := sys.nimbus_own_ids();
    t record;
    all_locks jsonb := sys.nimbus_parent_locks(own);
BEGIN
    updated := sys.nimbus_tables_of(updated);
    shared := sys.nimbus_tables_of(shared);
    FOR t IN SELECT oid AS id, oid = ANY (updated) AS is_update,
                    format('%s.%I', relnamespace::regnamespace, relname) AS name
             FROM pg_class
             WHERE oid = ANY (updated || shared) LOOP
        all_locks := all_locks || coalesce(sys.nimbus_locked_rows(t.id, format(
            '%s o WHERE sys.nimbus_is_locker(o.xmax, %L::xid[]) OR %L AND o.xmin = ANY (%2$L::xid[])',
            t.name, own, t.is_update), t.is_update), '[]');
    END LOOP;
    PERFORM sys.nimbus_end_running();
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
    is_ours text;
    meets boolean := false;
BEGIN
    IF cardinality(own) = 0 THEN
        RETURN false; -- it has neither written nor locked anything
    END IF;
    updated := sys.nimbus_tables_of(updated);
    FOR other IN SELECT e ->> 'row' AS key, r.oid AS id, r.relowner AS owner,
                        -- A local cluster does not see its second 4 billion of transactions.
                        (e ->> 'version')::xid8 AS version, (e ->> 'update')::boolean AS is_update,
                        format('%s.%I', r.relnamespace::regnamespace, r.relname) AS name
                 FROM unnest(others) o, jsonb_array_elements(o) e
                 JOIN pg_class r ON r.oid = (e ->> 'table')::oid
                 -- Not what was committed before this one began.
                 WHERE NOT pg_visible_in_snapshot((e ->> 'by')::xid8, known) LOOP
        is_ours := sys.nimbus_ask_as(other.owner, format(
            'SELECT sys.nimbus_is_locker(xmax, %1$L::xid[]) OR xmin = ANY (%1$L::xid[]) '
            'FROM %2$s WHERE %3$s', own, other.name, other.key));
        IF is_ours IS NULL THEN
            meets := NOT other.is_update AND pg_visible_in_snapshot(other.version, known);
        ELSIF other.is_update OR other.id = ANY (updated) THEN
            meets := is_ours::boolean;
        END IF;
        EXIT WHEN meets;
    END LOOP;
    PERFORM sys.nimbus_end_running();
    RETURN meets;
END $$;

-- Checks what foreign keys have put off until COMMIT, which finds rows that others have committed
-- meanwhile, too. True when it is one of these that stands against it: the transaction does not see
-- it. What else there is against it, COMMIT says.
CREATE OR REPLACE FUNCTION sys.nimbus_meets_deferred() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    failed text;
    failed_in text;
    failed_of text;
    f record;
    sees boolean;
BEGIN
    BEGIN
        SET CONSTRAINTS ALL IMMEDIATE;
        RETURN false;
    EXCEPTION WHEN foreign_key_violation THEN
        GET STACKED DIAGNOSTICS failed = CONSTRAINT_NAME, failed_of = TABLE_NAME,
                                failed_in = SCHEMA_NAME;
    WHEN OTHERS THEN
        RETURN false;
    END;
    -- Of what refers and of what it refers to, either may be the table that is named.
    FOR f IN SELECT child.relowner AS owner,
                    format('%s.%I', child.relnamespace::regnamespace, child.relname) AS child,
                    format('%s.%I', parent.relnamespace::regnamespace, parent.relname) AS parent,
                    k.same, k.refers
             FROM pg_constraint c
             JOIN pg_class child ON child.oid = c.conrelid
             JOIN pg_class parent ON parent.oid = c.confrelid,
             LATERAL (SELECT string_agg(format('p.%I = c.%I', pa.attname, ca.attname), ' AND ') AS same,
                             string_agg(format('c.%I IS NOT NULL', ca.attname), ' AND ') AS refers
                      FROM unnest(c.conkey, c.confkey) AS k (child, parent)
                      JOIN pg_attribute ca ON ca.attrelid = c.conrelid AND ca.attnum = k.child
                      JOIN pg_attribute pa ON pa.attrelid = c.confrelid AND pa.attnum = k.parent) k
             WHERE c.contype = 'f' AND c.conname = failed
                 AND EXISTS (SELECT FROM pg_class t WHERE t.oid IN (c.conrelid, c.confrelid)
                                 AND t.relname = failed_of
                                 AND t.relnamespace::regnamespace::text = quote_ident(failed_in)) LOOP
        sees := sys.nimbus_ask_as(f.owner, format(
            'SELECT EXISTS (SELECT FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s))',
            f.child, f.refers, f.parent, f.same))::boolean;
        EXIT WHEN sees;
    END LOOP;
    PERFORM sys.nimbus_end_running();
    RETURN NOT coalesce(sees, true);
END $$;

-- Has this transaction used one of these tables?
CREATE OR REPLACE FUNCTION sys.nimbus_uses(tables oid[]) RETURNS boolean
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    RETURN EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'
                       AND relation = ANY (tables));
)sql";

} // namespace nimbus::local::dsql
