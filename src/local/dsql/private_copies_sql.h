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

-- Makes copies of the tables in `written`, and of all that foreign keys connect with them, as the
-- block sees them now: with the same keys, constraints and rights, and with the sequences of the
-- originals. Says for each table in `named` what its copy is called, NULL when it has none.
-- `reader` is who executes the statements. 54000 when there is more to copy than `max_bytes`.
CREATE OR REPLACE FUNCTION sys.nimbus_fork(
    written oid[], named oid[], reader name, max_bytes bigint) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    original record;
    part record;
    copy text;
    copies oid[];
    stamp xid;
BEGIN
    IF NOT pg_has_role(session_user, reader, 'MEMBER') THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'permission denied';
    END IF;
    IF to_regclass('pg_temp.nimbus_copies') IS NULL THEN
        CREATE TEMP TABLE nimbus_copies (original oid PRIMARY KEY, copy text, stamp xid)
            ON COMMIT DROP;
    END IF;
    CREATE TEMP TABLE nimbus_fresh ON COMMIT DROP AS
        WITH RECURSIVE connected AS (
            SELECT w AS id FROM unnest(written) w
            UNION
            SELECT CASE WHEN c.conrelid = k.id THEN c.confrelid ELSE c.conrelid END
            FROM connected k JOIN pg_constraint c
                ON c.contype = 'f' AND (c.conrelid = k.id OR c.confrelid = k.id))
        SELECT r.oid AS id, r.relname AS name, r.relnamespace::regnamespace::text AS namespace,
               r.relowner AS owner
        FROM connected k JOIN pg_class r ON r.oid = k.id
        WHERE r.relkind = 'r' AND r.relpersistence <> 't'
            AND NOT EXISTS (SELECT FROM nimbus_copies n WHERE n.original = r.oid);
    IF (SELECT sum(pg_relation_size(id)) FROM nimbus_fresh) > max_bytes THEN
        RAISE EXCEPTION USING ERRCODE = '54000', MESSAGE = 'too much to copy';
    END IF;
    FOR original IN SELECT * FROM nimbus_fresh LOOP
        copy := original.name;
        IF to_regclass(format('pg_temp.%I', copy)) IS NOT NULL THEN
            copy := left(original.name, 40) || '_' || original.id;
        END IF;
        EXECUTE format('CREATE TEMP TABLE %I (LIKE %s.%I INCLUDING DEFAULTS INCLUDING GENERATED) '
                       'ON COMMIT DROP', copy, original.namespace, original.name);
        EXECUTE format('ALTER TABLE pg_temp.%I OWNER TO %s', copy, original.owner::regrole);
        FOR part IN SELECT attname, pg_get_serial_sequence(
                        format('%s.%I', original.namespace, original.name), attname) AS sequence
                    FROM pg_attribute
                    WHERE attrelid = original.id AND attidentity <> '' AND NOT attisdropped LOOP
            EXECUTE format('ALTER TABLE pg_temp.%I ALTER %I SET DEFAULT nextval(%L::regclass)',
                           copy, part.attname, part.sequence);
        END LOOP;
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
        FOR part IN SELECT i.indexrelid, r.relname, c.conname, c.contype,
                           pg_get_indexdef(i.indexrelid) AS definition
                    FROM pg_index i JOIN pg_class r ON r.oid = i.indexrelid
                    LEFT JOIN pg_constraint c
                        ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
                    WHERE i.indrelid = original.id AND i.indisunique AND i.indisvalid LOOP
            EXECUTE replace(part.definition,
                            format(' ON %s.%I USING ', original.namespace, original.name),
                            format(' ON pg_temp.%I USING ', copy));
            IF part.conname IS NOT NULL THEN
                EXECUTE format('ALTER TABLE pg_temp.%I ADD CONSTRAINT %I %s USING INDEX %I',
                    copy, part.conname,
                    CASE part.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END, part.relname);
            END IF;
        END LOOP;
        FOR part IN SELECT privilege
                    FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) privilege
                    WHERE has_table_privilege(reader, original.id, privilege) LOOP
            EXECUTE format('GRANT %s ON pg_temp.%I TO %I', part.privilege, copy, reader);
        END LOOP;
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
    DROP TABLE pg_temp.nimbus_fresh;
    RETURN (SELECT array_agg(n.copy ORDER BY place)
            FROM unnest(named) WITH ORDINALITY AS t(id, place)
            LEFT JOIN nimbus_copies n ON t.id IN (n.original, to_regclass(n.copy)));
END $$;


-- Does to the originals what was done to their copies since they were made; what stands against it
-- has been committed by somebody else, for the copies have the same constraints. A row's `xmin`
-- says whether it was written after its copy was made, in a later subtransaction; `xmax`, whether it was
-- locked, which counts as a change after FOR UPDATE.
CREATE OR REPLACE FUNCTION sys.nimbus_apply(locks_are_changes boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET nimbus.commits = 'on' AS $$
DECLARE
    part record;
BEGIN
    IF (SELECT relowner FROM pg_class WHERE oid = 'pg_temp.nimbus_copies'::regclass)
            <> current_user::regrole THEN
        RAISE EXCEPTION USING ERRCODE = '42501', MESSAGE = 'permission denied';
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
                   coalesce((SELECT conkey FROM pg_constraint
                             WHERE conrelid = n.original AND contype = 'p'), '{}') AS key,
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
                   string_agg(format('o.%I = c.%1$I', attname), ' AND ')
                       FILTER (WHERE attnum = ANY (key)) AS same
            FROM tables t
            JOIN pg_attribute a ON a.attrelid = t.id AND attnum > 0 AND NOT attisdropped,
            LATERAL (SELECT attgenerated = '' AND attidentity <> 'a'
                            AND NOT attnum = ANY (key) AS is_set) s
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
    BEGIN
        -- A row that others refer to comes before them and goes after them.
        FOR part IN
            (SELECT owner, inserts AS statement FROM nimbus_changes ORDER BY depth)
            UNION ALL (SELECT owner, updates FROM nimbus_changes WHERE updates IS NOT NULL
                       ORDER BY depth)
            UNION ALL (SELECT owner, deletes FROM nimbus_changes WHERE deletes IS NOT NULL
                       ORDER BY depth DESC) LOOP
            PERFORM sys.nimbus_run_as(part.owner, part.statement);
        END LOOP;
    EXCEPTION WHEN unique_violation OR foreign_key_violation THEN
        -- Unless it takes the place of one that goes.
        FOR part IN
            (SELECT owner, deletes AS statement FROM nimbus_changes WHERE deletes IS NOT NULL
             ORDER BY depth DESC)
            UNION ALL (SELECT owner, updates FROM nimbus_changes WHERE updates IS NOT NULL
                       ORDER BY depth)
            UNION ALL (SELECT owner, inserts FROM nimbus_changes ORDER BY depth) LOOP
            PERFORM sys.nimbus_run_as(part.owner, part.statement);
        END LOOP;
        FOR part IN SELECT c.owner, c.differs AS question FROM nimbus_changes c LOOP
            IF sys.nimbus_ask_as(part.owner, part.question)::boolean THEN
                RAISE serialization_failure;
            END IF;
        END LOOP;
    END;
    PERFORM sys.nimbus_end_running();
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
CREATE OR REPLACE FUNCTION sys.nimbus_restore(saved jsonb, reader name, max_bytes bigint)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp SET session_replication_role = replica AS $$
DECLARE
    t record;
BEGIN
    PERFORM sys.nimbus_fork(ARRAY(SELECT jsonb_object_keys(saved)::oid), '{}', reader, max_bytes);
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
