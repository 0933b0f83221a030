#pragma once

#include <string_view>

/// The private copies in which a block goes on whose statement met a change of somebody else: see
/// OptimisticBlock. A part of the bootstrap.
namespace nimbus::local::dsql {

/// Runs with the superuser's rights, and no client can call it: the dialect knows no function of
/// that name. The copies are temporary tables of the session that go with the transaction.
inline constexpr std::string_view private_copies_sql = R"sql(
-- Executes what may call functions of a table's owner with that owner's rights, never with ours: by
-- a function that is the owner's and goes with the transaction. Constraints, generated columns and
-- domains call them when rows are written; expressions of indexes, when a statement is planned that
-- only names the table. Gives the first value of the first row, if the statement `has_answer`.
CREATE OR REPLACE FUNCTION sys.nimbus_execute_as(owner oid, statement text, has_answer boolean)
    RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    runner text := format('pg_temp.nimbus_run_%s', owner);
    answer text;
BEGIN
    IF to_regprocedure(runner || '(text, boolean)') IS NULL THEN
        EXECUTE format('CREATE FUNCTION %s(statement text, has_answer boolean) RETURNS text '
                       'LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp '
                       'AS ''DECLARE answer text; BEGIN IF has_answer THEN EXECUTE statement '
                       'INTO answer; ELSE EXECUTE statement; END IF; RETURN answer; END''', runner);
        EXECUTE format('REVOKE ALL ON FUNCTION %s(text, boolean) FROM PUBLIC', runner);
        EXECUTE format('ALTER FUNCTION %s(text, boolean) OWNER TO %s', runner, owner::regrole);
    END IF;
    EXECUTE format('SELECT %s($1, $2)', runner) INTO answer USING statement, has_answer;
    RETURN answer;
END $$;
REVOKE EXECUTE ON FUNCTION sys.nimbus_execute_as(oid, text, boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sys.nimbus_run_as(owner oid, statement text) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT sys.nimbus_execute_as(owner, statement, false)
$$;
CREATE OR REPLACE FUNCTION sys.nimbus_ask_as(owner oid, question text) RETURNS text
    LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT sys.nimbus_execute_as(owner, question, true)
$$;
REVOKE EXECUTE ON FUNCTION sys.nimbus_run_as(oid, text), sys.nimbus_ask_as(oid, text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION sys.nimbus_end_running() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    runner regprocedure;
BEGIN
    FOR runner IN SELECT oid FROM pg_proc
                  WHERE pronamespace = pg_my_temp_schema() AND proname LIKE 'nimbus\_run\_%' LOOP
        EXECUTE format('DROP FUNCTION %s', runner);
    END LOOP;
END $$;

-- The tables among these relations and below the views among them.
CREATE OR REPLACE FUNCTION sys.nimbus_tables_of(relations oid[]) RETURNS oid[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE used AS (
        SELECT id FROM unnest(relations) id
        UNION
        SELECT d.refobjid
        FROM used u JOIN pg_rewrite w ON w.ev_class = u.id
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
            AND d.refclassid = 'pg_class'::regclass)
    SELECT coalesce(array_agg(r.oid), '{}') FROM used u JOIN pg_class r ON r.oid = u.id
    WHERE r.relkind = 'r' AND r.oid >= 16384 AND r.relnamespace <> 'sys'::regnamespace
$$;

-- These tables and all that foreign keys connect with them.
CREATE OR REPLACE FUNCTION sys.nimbus_connected(tables oid[]) RETURNS oid[]
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE connected AS (
        SELECT t AS id FROM unnest(tables) t
        UNION
        SELECT CASE WHEN c.conrelid = k.id THEN c.confrelid ELSE c.conrelid END
        FROM connected k JOIN pg_constraint c
            ON c.contype = 'f' AND (c.conrelid = k.id OR c.confrelid = k.id))
    SELECT coalesce(array_agg(r.oid), '{}') FROM connected k JOIN pg_class r ON r.oid = k.id
    WHERE r.relkind = 'r' AND r.relpersistence <> 't'
$$;

-- Does a statement lead to one of the tables in `copied` otherwise than by the table's own name,
-- which a copy's takes the place of: by a view, a function, a domain, or a type? It writes the tables
-- in `written`, whose defaults, constraints and indexes may call functions; names the relations in
-- `named` and the types in `typed`; and may call whatever is called like one in `called`. The text of a
-- function's body leads to all whose name it holds.
CREATE OR REPLACE FUNCTION sys.nimbus_leads_to(
    copied oid[], written oid[], named oid[], called text[], typed oid[]) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM unnest(typed) t WHERE t >= 16384)
            AND NOT EXISTS (SELECT FROM unnest(named) n JOIN pg_class r ON r.oid = n
                            WHERE r.relkind = 'v' AND r.oid >= 16384)
            AND NOT EXISTS (SELECT FROM pg_proc WHERE oid >= 16384
                                AND pronamespace NOT IN ('sys'::regnamespace, pg_my_temp_schema())) THEN
        RETURN false;
    END IF;
    RETURN (
        WITH RECURSIVE functions AS MATERIALIZED (
            SELECT oid, proname AS name, lower(prosrc) AS body, prosqlbody IS NULL AS is_text
            FROM pg_proc
            WHERE oid >= 16384 AND pronamespace NOT IN ('sys'::regnamespace, pg_my_temp_schema())),
        objects AS MATERIALIZED (
            SELECT 'pg_proc'::regclass AS class, oid AS id, lower(name) AS name FROM functions
            UNION ALL
            SELECT 'pg_class'::regclass, oid, lower(relname) FROM pg_class
            WHERE oid >= 16384 AND relkind IN ('r', 'v') AND relpersistence <> 't'
                AND relnamespace <> 'sys'::regnamespace
            UNION ALL
            SELECT 'pg_type'::regclass, oid, lower(typname) FROM pg_type
            WHERE oid >= 16384 AND typtype = 'd'),
        edges AS MATERIALIZED (
            SELECT o.class AS from_class, o.id AS from_id, d.refclassid AS to_class, d.refobjid AS to_id
            FROM pg_depend d
            LEFT JOIN pg_rewrite w ON d.classid = 'pg_rewrite'::regclass AND w.oid = d.objid
            LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
            LEFT JOIN pg_constraint c
                ON d.classid = 'pg_constraint'::regclass AND c.oid = d.objid AND c.contype = 'c'
            LEFT JOIN pg_index i ON d.classid = 'pg_class'::regclass AND i.indexrelid = d.objid,
            LATERAL (SELECT CASE WHEN c.contypid <> 0 THEN 'pg_type'::regclass
                                 WHEN d.classid IN ('pg_proc'::regclass, 'pg_type'::regclass)
                                 THEN d.classid::regclass ELSE 'pg_class'::regclass END AS class,
                            CASE WHEN d.classid IN ('pg_proc'::regclass, 'pg_type'::regclass)
                                 THEN d.objid
                                 ELSE coalesce(w.ev_class, f.adrelid, nullif(c.contypid, 0), c.conrelid,
                                               i.indrelid, d.objid) END AS id) o
            WHERE d.refobjid >= 16384
                AND d.classid IN ('pg_proc'::regclass, 'pg_type'::regclass, 'pg_rewrite'::regclass,
                                  'pg_attrdef'::regclass, 'pg_constraint'::regclass,
                                  'pg_class'::regclass)
                AND (d.classid <> 'pg_constraint'::regclass OR c.oid IS NOT NULL)
                AND (d.refclassid IN ('pg_proc'::regclass, 'pg_type'::regclass)
                     -- What belongs to a table depends on it, and leads nowhere else by that.
                     OR d.refclassid = 'pg_class'::regclass
                         AND d.classid IN ('pg_proc'::regclass, 'pg_type'::regclass,
                                           'pg_rewrite'::regclass))
            UNION ALL
            SELECT 'pg_proc'::regclass, f.oid, o.class, o.id
            FROM functions f JOIN objects o
                ON f.is_text AND (strpos(f.body, o.name) > 0 OR strpos(f.body, 'u&') > 0)),
        reached AS (
            SELECT 'pg_class'::regclass AS class, id FROM unnest(written) id
            UNION
            SELECT 'pg_class'::regclass, r.oid FROM pg_class r
            WHERE r.oid = ANY (named) AND r.relkind = 'v'
            UNION
            SELECT 'pg_proc'::regclass, oid FROM functions WHERE name = ANY (called)
            UNION
            SELECT 'pg_type'::regclass, id FROM unnest(typed) id
            UNION
            SELECT e.to_class::regclass, e.to_id
            FROM reached r JOIN edges e ON e.from_class = r.class AND e.from_id = r.id)
        SELECT EXISTS (SELECT FROM reached r JOIN edges e ON e.from_class = r.class AND e.from_id = r.id
                       WHERE e.to_class = 'pg_class'::regclass AND e.to_id = ANY (copied)));
END $$;

-- How often this transaction has read a table from end to end, and its changes.
CREATE OR REPLACE FUNCTION sys.nimbus_times_used(relation oid) RETURNS bigint
    LANGUAGE sql SET search_path = pg_catalog, pg_temp
    RETURN pg_stat_get_xact_numscans(relation) + pg_stat_get_xact_tuples_inserted(relation)
        + pg_stat_get_xact_tuples_updated(relation) + pg_stat_get_xact_tuples_deleted(relation);

-- What copies and their indexes are called: no table of a client's hides behind it.
CREATE OR REPLACE FUNCTION sys.nimbus_copy_name(original oid) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    RETURN format('nimbus copy of %s.', original);

-- The next value of an identity column, with the rights of the table's owner, as PostgreSQL takes it.
CREATE OR REPLACE FUNCTION sys.nimbus_make_identity(
    owner oid, copy text, attribute name, sequence oid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    next text := format('pg_temp.nimbus_next_%s()', sequence);
BEGIN
    EXECUTE format('CREATE OR REPLACE FUNCTION %s RETURNS bigint LANGUAGE sql SECURITY DEFINER '
                   'SET search_path = pg_catalog, pg_temp AS ''SELECT nextval(%s::regclass)''',
                   next, sequence);
    EXECUTE format('ALTER FUNCTION %s OWNER TO %s', next, owner::regrole);
    EXECUTE format('ALTER TABLE pg_temp.%I ALTER %I SET DEFAULT %s', copy, attribute, next);
END $$;

-- Makes copies of the tables in `written`, views' tables included, and of all that foreign keys connect
-- with them, as the block sees them now: with the same keys, constraints and rights, and with the
-- sequences of the originals. Says for each table in `named` what its copy is called, NULL when it
-- has none, and of what the copies are. `called` is NULL when it is for no statement. 54000 when there is more to copy than `max_bytes`, or when the
-- statement cannot be executed on copies (nimbus_leads_to).
DROP FUNCTION IF EXISTS sys.nimbus_fork(oid[], oid[], name, bigint);
DROP FUNCTION IF EXISTS sys.nimbus_restore(jsonb, name, bigint);
CREATE OR REPLACE FUNCTION sys.nimbus_fork(
    written oid[], named oid[], called text[], typed oid[], max_bytes bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    original record;
    part record;
    copy text;
    place text;
    wanted oid[] := sys.nimbus_connected(sys.nimbus_tables_of(written));
    stamp xid;
BEGIN
    IF to_regclass('pg_temp.nimbus_copies') IS NULL THEN
        CREATE TEMP TABLE nimbus_copies (original oid PRIMARY KEY, copy text, stamp xid, used bigint)
            ON COMMIT DROP;
    END IF;
    IF called IS NOT NULL AND sys.nimbus_leads_to(ARRAY(SELECT n.original FROM nimbus_copies n) || wanted, wanted, named,
                           called, typed) THEN
        RAISE EXCEPTION USING ERRCODE = '54000', MESSAGE = 'there is a way around the copies';
    END IF;
    CREATE TEMP TABLE nimbus_fresh ON COMMIT DROP AS
        SELECT r.oid AS id, r.relname AS name, r.relnamespace::regnamespace::text AS namespace,
               r.relowner AS owner
        FROM pg_class r
        WHERE r.oid = ANY (wanted) AND NOT EXISTS (SELECT FROM nimbus_copies n WHERE n.original = r.oid);
    IF (SELECT sum(pg_relation_size(id)) FROM nimbus_fresh) > max_bytes THEN
        RAISE EXCEPTION USING ERRCODE = '54000', MESSAGE = 'too much to copy';
    END IF;
    FOR original IN SELECT * FROM nimbus_fresh LOOP
        copy := sys.nimbus_copy_name(original.id);
        EXECUTE format('CREATE TEMP TABLE %I (LIKE %s.%I INCLUDING DEFAULTS INCLUDING GENERATED) '
                       'ON COMMIT DROP', copy, original.namespace, original.name);
        EXECUTE format('ALTER TABLE pg_temp.%I OWNER TO %s', copy, original.owner::regrole);
        PERFORM sys.nimbus_make_identity(original.owner, copy, attname, pg_get_serial_sequence(
                    format('%s.%I', original.namespace, original.name), attname)::regclass)
            FROM pg_attribute
            WHERE attrelid = original.id AND attidentity <> '' AND NOT attisdropped;
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS columns INTO part
        FROM pg_attribute WHERE attrelid = original.id AND attnum > 0 AND NOT attisdropped
            AND attgenerated = '';
        PERFORM sys.nimbus_run_as(original.owner, format(
            'INSERT INTO pg_temp.%I (%s) SELECT %2$s FROM %s.%I', copy, part.columns,
            original.namespace, original.name));
        EXECUTE format('SELECT xmin FROM pg_temp.%I LIMIT 1', copy) INTO stamp;
        INSERT INTO nimbus_copies VALUES (original.id, format('pg_temp.%I', copy),
            coalesce(stamp, '0'));
        -- NOT VALID: nothing is evaluated, and what is there stays, whatever it is.
        FOR part IN SELECT conname,
                           regexp_replace(pg_get_constraintdef(oid), ' NOT VALID$', '') AS definition
                    FROM pg_constraint WHERE conrelid = original.id AND contype = 'c' LOOP
            EXECUTE format('ALTER TABLE pg_temp.%I ADD CONSTRAINT %I %s NOT VALID', copy,
                           part.conname, part.definition);
        END LOOP;
        FOR part IN SELECT i.indexrelid, c.conname, c.contype,
                           pg_get_indexdef(i.indexrelid) AS definition,
                           format('CREATE UNIQUE INDEX %I ON %s.%I USING ', r.relname,
                                  original.namespace, original.name) AS beginning,
                           sys.nimbus_copy_name(i.indexrelid) AS name
                    FROM pg_index i JOIN pg_class r ON r.oid = i.indexrelid
                    LEFT JOIN pg_constraint c
                        ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
                    WHERE i.indrelid = original.id AND i.indisunique AND i.indisvalid LOOP
            IF NOT starts_with(part.definition, part.beginning) THEN
                RAISE EXCEPTION USING ERRCODE = '54000', MESSAGE = 'an index that cannot be copied';
            END IF;
            EXECUTE format('CREATE UNIQUE INDEX %I ON pg_temp.%I USING ', part.name, copy)
                || substr(part.definition, length(part.beginning) + 1);
            IF part.conname IS NOT NULL THEN
                EXECUTE format('ALTER TABLE pg_temp.%I ADD CONSTRAINT %I %s USING INDEX %2$I',
                    copy, part.name,
                    CASE part.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END);
                -- ON CONFLICT ON CONSTRAINT names the constraint, errors name the index.
                UPDATE pg_constraint SET conname = part.conname
                WHERE conindid = to_regclass(format('pg_temp.%I', part.name)) AND conname = part.name;
            END IF;
        END LOOP;
        UPDATE pg_class c SET relacl = o.relacl FROM pg_class o
        WHERE o.oid = original.id AND c.oid = to_regclass(format('pg_temp.%I', copy));
        UPDATE pg_attribute c SET attacl = o.attacl FROM pg_attribute o
        WHERE o.attrelid = original.id AND o.attacl IS NOT NULL AND c.attname = o.attname
            AND c.attrelid = to_regclass(format('pg_temp.%I', copy));
    END LOOP;
    FOR part IN SELECT c.conname, child.copy AS child, parent.copy AS parent,
                       pg_get_constraintdef(c.oid) AS definition,
                       c.confrelid::regclass::text AS referenced
                FROM nimbus_fresh f JOIN pg_constraint c ON c.conrelid = f.id AND c.contype = 'f'
                JOIN nimbus_copies child ON child.original = c.conrelid
                JOIN nimbus_copies parent ON parent.original = c.confrelid LOOP
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s NOT VALID', part.child, part.conname,
            regexp_replace(replace(part.definition, ' REFERENCES ' || part.referenced || '(',
                                   ' REFERENCES ' || part.parent || '('), ' NOT VALID$', ''));
    END LOOP;
    PERFORM sys.nimbus_watch_table(to_regclass(n.copy)) FROM nimbus_fresh f
        JOIN nimbus_copies n ON n.original = f.id;
    UPDATE nimbus_copies n SET used = sys.nimbus_times_used(f.id) FROM nimbus_fresh f
    WHERE n.original = f.id;
    DROP TABLE pg_temp.nimbus_fresh;
    RETURN jsonb_build_object(
        'copies', (SELECT jsonb_agg(n.copy ORDER BY t.place)
                   FROM unnest(named) WITH ORDINALITY AS t(id, place)
                   LEFT JOIN nimbus_copies n ON n.original = t.id),
        'originals', (SELECT jsonb_agg(jsonb_build_array(
                                 sys.nimbus_copy_name(o.id), r.relname, r.relnamespace::regnamespace))
                      FROM (SELECT n.original AS id FROM nimbus_copies n
                            UNION ALL
                            SELECT i.indexrelid FROM nimbus_copies n
                            JOIN pg_index i ON i.indrelid = n.original AND i.indisunique) o
                      JOIN pg_class r ON r.oid = o.id));
END $$;

-- The unique keys of a table that are columns: the primary one first. Those without NULLs tell all
-- rows apart. `same` is the condition that a row `o` and a row `c` have the same one.
CREATE OR REPLACE FUNCTION sys.nimbus_keys(relation oid)
    RETURNS TABLE (attributes smallint[], tells_apart boolean, same text)
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT k.attributes, bool_and(a.attnotnull),
           string_agg(format('o.%I = c.%1$I', a.attname), ' AND ')
    FROM pg_index i,
    LATERAL (SELECT (i.indkey::smallint[])[0:i.indnkeyatts - 1] AS attributes) k
    JOIN pg_attribute a ON a.attnum = ANY (k.attributes)
    WHERE i.indrelid = relation AND a.attrelid = relation AND i.indisunique AND i.indisvalid
        AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
    GROUP BY i.indexrelid, i.indisprimary, k.attributes
    ORDER BY i.indisprimary DESC, i.indexrelid
$$;

-- Does to the originals what was done to their copies since they were made; what stands against it
-- has been committed by somebody else, for the copies have the same constraints. A row's `xmin`
-- says whether it was written after its copy was made, in a later subtransaction; `xmax`, whether it was
-- locked, which counts as a change after FOR UPDATE.
CREATE OR REPLACE FUNCTION sys.nimbus_apply(locks_are_changes boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET nimbus.commits = 'on' SET client_min_messages = warning AS $$
DECLARE
    part record;
    kinds text;
    is_done boolean := false;
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = 'pg_temp.nimbus_copies'::regclass)
            <> current_user::regrole THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'permission denied';
    END IF;
    -- No statement has gone around the copies: what it saw or did there would be lost.
    IF EXISTS (SELECT FROM nimbus_copies WHERE used <> sys.nimbus_times_used(original)) THEN
        RAISE serialization_failure;
    END IF;
    CREATE TEMP TABLE nimbus_changes ON COMMIT DROP AS
        WITH RECURSIVE ancestors AS (
            SELECT original AS id, original AS ancestor FROM nimbus_copies
            UNION
            SELECT a.id, c.confrelid FROM ancestors a
            JOIN pg_constraint c ON c.contype = 'f' AND c.conrelid = a.ancestor),
        tables AS (
            SELECT n.original AS id, n.copy, n.stamp, r.relowner AS owner,
                   format('%s.%I', r.relnamespace::regnamespace, r.relname) AS name,
                   (SELECT count(*) FROM ancestors a WHERE a.id = n.original) AS depth,
                   coalesce((SELECT k.attributes FROM sys.nimbus_keys(n.original) k
                             WHERE k.tells_apart LIMIT 1), '{}') AS key,
                   format(CASE WHEN locks_are_changes
                              THEN '(c.xmin <> %L::xid OR c.xmax <> ''0''::xid)'
                              ELSE 'c.xmin <> %L::xid' END, n.stamp) AS changed
            FROM nimbus_copies n JOIN pg_class r ON r.oid = n.original),
        columns AS (
            SELECT t.id,
                   string_agg(quote_ident(attname), ', ' ORDER BY attnum)
                       FILTER (WHERE attgenerated = '') AS written,
                   string_agg(quote_ident(attname), ', ' ORDER BY attnum)
                       FILTER (WHERE is_set) AS set_columns,
                   string_agg(format('c.%I', attname), ', ' ORDER BY attnum)
                       FILTER (WHERE is_set) AS set_values,
                   string_agg(quote_ident(attname), ', ' ORDER BY attnum)
                       FILTER (WHERE may_move) AS moved_columns,
                   string_agg(format('c.%I', attname), ', ' ORDER BY attnum)
                       FILTER (WHERE may_move) AS moved_values,
                   string_agg(format('o.%I = c.%1$I', attname), ' AND ')
                       FILTER (WHERE attnum = ANY (key)) AS same,
                   string_agg(format('k.%I = c.%1$I', attname), ' AND ')
                       FILTER (WHERE attnum = ANY (key)) AS same_as_new
            FROM tables t
            JOIN pg_attribute a ON a.attrelid = t.id AND attnum > 0 AND NOT attisdropped,
            LATERAL (SELECT attgenerated = '' AND attidentity <> 'a' AS may_move) m,
            LATERAL (SELECT may_move AND NOT attnum = ANY (key) AS is_set) s
            GROUP BY t.id)
        SELECT depth, owner,
            CASE WHEN same IS NOT NULL THEN
                format('INSERT INTO %1$s (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM %3$s c '
                       'WHERE %4$s AND NOT EXISTS (SELECT FROM %1$s o WHERE %5$s)',
                       name, written, copy, changed, same)
            ELSE
                format('WITH kept AS (SELECT (c.*)::text AS v, count(*) AS n FROM %1$s c '
                       'WHERE c.xmin = %2$L::xid GROUP BY 1), '
                       'gone AS (DELETE FROM %3$s WHERE ctid IN (SELECT o.ctid '
                       'FROM (SELECT ctid, (o.*)::text AS v, '
                       'row_number() OVER (PARTITION BY (o.*)::text) AS n FROM %3$s o) o '
                       'LEFT JOIN kept USING (v) WHERE o.n > coalesce(kept.n, 0))) '
                       'INSERT INTO %3$s (%4$s) OVERRIDING SYSTEM VALUE SELECT %4$s FROM %1$s c '
                       'WHERE c.xmin <> %2$L::xid', copy, stamp, name, written)
            END AS inserts,
            CASE WHEN same IS NULL THEN NULL WHEN set_columns IS NOT NULL THEN
                format('UPDATE %s o SET (%s) = ROW(%s) FROM %s c WHERE %s AND %s',
                       name, set_columns, set_values, copy, same, changed)
            ELSE format('SELECT FROM %s o WHERE EXISTS (SELECT FROM %s c WHERE %s AND %s) '
                       'FOR UPDATE', name, copy, same, changed)
            END AS updates,
            -- A row whose key is another one now, found by one that it has kept.
            (SELECT coalesce(array_agg(format(
                        'UPDATE %1$s o SET (%2$s) = ROW(%3$s) FROM %4$s c WHERE %5$s AND %6$s '
                        'AND NOT EXISTS (SELECT FROM %1$s k WHERE %7$s)', name, moved_columns,
                        moved_values, copy, k.same, changed, same_as_new)), '{}')
             FROM sys.nimbus_keys(id) k
             WHERE k.attributes <> key AND key <> '{}') AS moves,
            CASE WHEN same IS NOT NULL THEN
                format('SELECT FROM %s o WHERE EXISTS (SELECT FROM %s c WHERE %s '
                       'AND c.xmax <> ''0''::xid) FOR KEY SHARE', name, copy, same)
            END AS locks,
            CASE WHEN same IS NOT NULL THEN
                format('DELETE FROM %s o WHERE NOT EXISTS (SELECT FROM %s c WHERE %s)',
                       name, copy, same)
            END AS deletes,
            format('SELECT (count(*) > 0)::text FROM ((SELECT (c.*)::text FROM %1$s c EXCEPT ALL '
                   'SELECT (o.*)::text FROM %2$s o) UNION ALL (SELECT (o.*)::text FROM %2$s o '
                   'EXCEPT ALL SELECT (c.*)::text FROM %1$s c)) d',
                   copy, name) AS differs
        FROM tables JOIN columns USING (id);
    FOR part IN SELECT owner, locks FROM nimbus_changes WHERE locks IS NOT NULL LOOP
        PERFORM sys.nimbus_run_as(part.owner, part.locks);
    END LOOP;
    -- A row that others refer to comes before them and goes after them, unless it takes the place of
    -- one that goes, or has another key: inserts, updates, deletes, moves. Which order the constraints
    -- let through, they tell.
    FOREACH kinds IN ARRAY ARRAY['iud', 'umid', 'miud', 'dmui'] LOOP
        BEGIN
            FOR part IN SELECT c.owner, s.statement
                        FROM nimbus_changes c,
                        LATERAL (SELECT 'i' AS kind, inserts AS statement UNION ALL
                                 SELECT 'u', updates UNION ALL
                                 SELECT 'd', deletes UNION ALL
                                 SELECT 'm', unnest(moves)) s
                        WHERE s.statement IS NOT NULL AND strpos(kinds, s.kind) > 0
                        ORDER BY strpos(kinds, s.kind),
                                 CASE s.kind WHEN 'd' THEN -c.depth ELSE c.depth END LOOP
                PERFORM sys.nimbus_run_as(part.owner, part.statement);
            END LOOP;
            IF kinds <> 'iud' THEN
                FOR part IN SELECT c.owner, c.differs AS question FROM nimbus_changes c LOOP
                    IF sys.nimbus_ask_as(part.owner, part.question)::boolean THEN
                        RAISE integrity_constraint_violation;
                    END IF;
                END LOOP;
            END IF;
            is_done := true;
        EXCEPTION WHEN integrity_constraint_violation THEN
            NULL;
        END;
        EXIT WHEN is_done;
    END LOOP;
    IF NOT is_done THEN
        RAISE serialization_failure;
    END IF;
    PERFORM sys.nimbus_end_running();
    FOR part IN SELECT oid::regprocedure AS next FROM pg_proc
                WHERE pronamespace = pg_my_temp_schema() AND proname LIKE 'nimbus\_next\_%' LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', part.next);
    END LOOP;
END $$;

-- All rows of a relation, each as text.
DROP FUNCTION IF EXISTS sys.nimbus_rows(text);
CREATE OR REPLACE FUNCTION sys.nimbus_rows(owner oid, relation text) RETURNS jsonb
    LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
    SELECT sys.nimbus_ask_as(
        owner, format('SELECT coalesce(jsonb_agg((t.*)::text), ''[]'') FROM %s t', relation))::jsonb
$$;

-- What the tables that this transaction has written hold for it, NULL when that is too much: for
-- who undoes the transaction and lets it go on for its own eyes.
CREATE OR REPLACE FUNCTION sys.nimbus_save(max_bytes bigint) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t record;
    saved jsonb := '{}';
BEGIN
    FOR t IN SELECT r.oid AS id, r.relowner AS owner,
                    format('%s.%I', r.relnamespace::regnamespace, r.relname) AS name
             FROM pg_class r
             WHERE r.relkind = 'r' AND r.relpersistence <> 't' AND r.oid >= 16384
                 AND r.relnamespace <> 'sys'::regnamespace
                 AND r.oid IN (SELECT relation FROM pg_locks
                               WHERE pid = pg_backend_pid() AND mode = 'RowExclusiveLock') LOOP
        IF pg_relation_size(t.id) > max_bytes THEN
            RETURN NULL;
        END IF;
        saved := saved || jsonb_build_object(t.id, sys.nimbus_rows(t.owner, t.name));
    END LOOP;
    IF to_regclass('pg_temp.nimbus_copies') IS NOT NULL THEN
        FOR t IN SELECT n.original AS id, r.relowner AS owner, n.copy AS name
                 FROM nimbus_copies n JOIN pg_class r ON r.oid = n.original LOOP
            saved := saved || jsonb_build_object(t.id, sys.nimbus_rows(t.owner, t.name));
        END LOOP;
    END IF;
    RETURN CASE WHEN length(saved::text) <= max_bytes THEN saved::text END;
END $$;

-- Makes copies of the tables in `saved` that hold what was saved.
CREATE OR REPLACE FUNCTION sys.nimbus_restore(saved jsonb, max_bytes bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET session_replication_role = replica AS $$
DECLARE
    t record;
BEGIN
    PERFORM sys.nimbus_fork(ARRAY(SELECT jsonb_object_keys(saved)::oid), '{}', NULL, '{}', max_bytes);
    FOR t IN SELECT n.original, n.copy, a.columns, a.members, r.relowner AS owner,
                    format('%s.%I', r.relnamespace::regnamespace, r.relname) AS name
             FROM nimbus_copies n JOIN pg_class r ON r.oid = n.original,
             LATERAL (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS columns,
                             string_agg(format('(r).%I', attname), ', ' ORDER BY attnum) AS members
                      FROM pg_attribute WHERE attrelid = n.original AND attnum > 0
                          AND NOT attisdropped AND attgenerated = '') a
             WHERE saved ? n.original::text LOOP
        PERFORM sys.nimbus_run_as(t.owner, 'DELETE FROM ' || t.copy);
        PERFORM sys.nimbus_run_as(t.owner, format(
            'INSERT INTO %s (%s) SELECT %s FROM (SELECT text::%s AS r '
            'FROM jsonb_array_elements_text(%L) AS rows (text)) s',
            t.copy, t.columns, t.members, t.name, saved -> t.original::text));
    END LOOP;
END $$;
)sql";

} // namespace nimbus::local::dsql
