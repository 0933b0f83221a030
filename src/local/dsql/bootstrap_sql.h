#pragma once

#include <string_view>

/// What makes a PostgreSQL a DSQL cluster: the role admin, the schema sys, and the privileges of a
/// new database.
namespace nimbus::local::dsql {

inline constexpr std::string_view bootstrap_revision = "DSQL system objects, revision 15";
inline constexpr std::string_view bootstrap_revision_query =
    "SELECT pg_catalog.obj_description(pg_catalog.to_regprocedure('sys.nimbus_visible(oid)'), "
    "'pg_proc')";

/// One transaction that can be run again on top of an older revision, with nothing but pg_catalog
/// in the search path: what a cluster's roles have made is not found by its name here.
/// `@superuser@`, `@settable@`, `@utf8@` and `@unsupported@` are replaced.
///
/// Functions called nimbus_… are this program's own: the dialect lets no client call them. A
/// notice with the SQLSTATE NB000 tells the session the tag of the statement under way; one with
/// NB001, the relations that it has changed.
inline constexpr std::string_view bootstrap_sql = R"sql(
SET LOCAL client_min_messages = warning;
SET LOCAL allow_system_table_mods = on;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'admin') THEN
        CREATE ROLE admin LOGIN CREATEROLE;
    END IF;
END $$;

REVOKE ALL ON DATABASE postgres FROM PUBLIC;
GRANT CONNECT ON DATABASE postgres TO PUBLIC;
GRANT CREATE ON DATABASE postgres TO admin;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CREATE, USAGE ON SCHEMA public TO admin;

-- The predefined roles reach files and programs of the server's machine. Who has CREATEROLE could
-- grant them up to PostgreSQL 15, unless they are superusers; nobody can log in as one.
UPDATE pg_authid SET rolsuper = true WHERE rolname LIKE 'pg\_%';

CREATE SCHEMA IF NOT EXISTS sys;
GRANT USAGE ON SCHEMA sys TO PUBLIC;

-- Nobody writes code that the dialect does not see, in a procedural language; nor calls, in a form
-- that it does not see, what DSQL does not have. System views call some of these functions.
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
DO $$
DECLARE
    called text[] := ARRAY(
        SELECT DISTINCT call[1] FROM pg_views v, regexp_matches(v.definition, '(\w+)\(', 'g') call
        WHERE v.schemaname IN ('pg_catalog', 'information_schema'));
    unsupported regprocedure;
BEGIN
    FOR unsupported IN
        SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'pg_catalog'::regnamespace
            AND p.proname = ANY (ARRAY[@unsupported@]) AND p.proname <> ALL (called)
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', unsupported);
    END LOOP;
END $$;

-- Nor does anybody change a setting behind the dialect's back: the reading of texts depends on some.
-- Writing to the view pg_settings calls set_config, too.
REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC;
REVOKE UPDATE ON pg_catalog.pg_settings FROM PUBLIC;

-- The superuser goes by another name, except for itself: pg_dump looks for the owners of all objects.
-- Nobody can log in by it. PostgreSQL's own pg_roles has no WHERE.
DO $$
DECLARE
    definition text := pg_get_viewdef('pg_catalog.pg_roles'::regclass);
BEGIN
    IF definition NOT LIKE '%rdsadmin%' THEN
        definition := regexp_replace(definition, '(;|\s+WHERE .*)$', '');
        definition := replace(definition, 'SELECT pg_authid.rolname,', format(
            'SELECT CASE WHEN pg_authid.oid = 10 AND CURRENT_USER <> %L THEN ''rdsadmin''::name '
            'ELSE pg_authid.rolname END AS rolname,', @superuser@));
        definition := replace(definition, ' pg_authid.rolcanlogin,',
            ' pg_authid.rolcanlogin AND pg_authid.oid <> 10 AS rolcanlogin,');
        EXECUTE 'CREATE OR REPLACE VIEW pg_catalog.pg_roles AS ' || definition;
    END IF;
    IF pg_get_viewdef('pg_shadow'::regclass) NOT LIKE '%rolname <> %' THEN
        EXECUTE 'CREATE OR REPLACE VIEW pg_catalog.pg_shadow AS '
            || rtrim(pg_get_viewdef('pg_catalog.pg_shadow'::regclass), '; ')
            || ' AND pg_authid.rolname <> ' || quote_literal(@superuser@);
    END IF;
END $$;

-- What DSQL's catalogue does not have: configurations of the text search, and extensions to create.
DO $$
DECLARE
    configuration regconfig;
BEGIN
    FOR configuration IN
        SELECT oid FROM pg_ts_config
        WHERE cfgnamespace = 'pg_catalog'::regnamespace AND cfgname <> 'simple' -- which cannot go
    LOOP
        BEGIN
            EXECUTE format('DROP TEXT SEARCH CONFIGURATION %s', configuration);
        EXCEPTION WHEN dependent_objects_still_exist THEN
            NULL; -- somebody used it before it went
        END;
    END LOOP;
END $$;
DO $$
DECLARE
    list regclass;
BEGIN
    FOREACH list IN ARRAY ARRAY['pg_available_extensions', 'pg_available_extension_versions']
    LOOP
        IF pg_get_viewdef(list) NOT LIKE '%WHERE false%' THEN
            EXECUTE format('CREATE OR REPLACE VIEW pg_catalog.%s AS %s WHERE false', list,
                           rtrim(pg_get_viewdef(list), '; '));
        END IF;
    END LOOP;
END $$;

-- Versions -----------------------------------------------------------------------------------

CREATE OR REPLACE FUNCTION sys.version() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT 'PostgreSQL 16'::text $$;

CREATE OR REPLACE FUNCTION sys.dsql_major_version() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 1 $$;

CREATE OR REPLACE FUNCTION sys.current_setting(name text, missing_ok boolean) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE pg_catalog.lower(name)
        WHEN 'server_version' THEN '16.15'
        WHEN 'server_version_num' THEN '160015'
        ELSE pg_catalog.current_setting(name, missing_ok) END
$$;

CREATE OR REPLACE FUNCTION sys.current_setting(name text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE AS $$ SELECT sys.current_setting(name, false) $$;

CREATE OR REPLACE FUNCTION sys.nimbus_show(name text) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE NOTICE USING ERRCODE = 'NB000', MESSAGE = 'SHOW';
    RETURN sys.current_setting(name);
END $$;

CREATE OR REPLACE FUNCTION sys.nimbus_refuse_setting(name text) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = '0A000',
        MESSAGE = format('setting configuration parameter "%s" not supported', name);
END $$;

-- With the rights of the superuser, and without a search path of its own, for it may set that: every
-- name in it is resolved here.
CREATE OR REPLACE FUNCTION sys.nimbus_set_config(name text, value text, is_local boolean)
    RETURNS text LANGUAGE sql SECURITY DEFINER
    RETURN CASE
        WHEN lower(name) = ANY (ARRAY[@settable@]) AND (lower(name) <> 'client_encoding' OR
            lower(regexp_replace(value, '[^A-Za-z0-9]', '', 'g')) = ANY (ARRAY[@utf8@]))
        THEN pg_catalog.set_config(name, value, is_local)
        ELSE sys.nimbus_refuse_setting(name) END;

-- With the rights of who asks.
CREATE OR REPLACE FUNCTION sys.nimbus_set_role(name text, is_local boolean) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('SET %s ROLE %s', CASE WHEN is_local THEN 'LOCAL' ELSE 'SESSION' END,
                   CASE WHEN lower(name) = 'none' THEN 'NONE' ELSE quote_ident(name) END);
    RETURN name;
END $$;

CREATE OR REPLACE FUNCTION sys.set_config(setting_name text, new_value text, is_local boolean)
    RETURNS text LANGUAGE sql
    RETURN CASE lower(setting_name)
        WHEN 'role' THEN sys.nimbus_set_role(new_value, is_local)
        ELSE sys.nimbus_set_config(setting_name, new_value, is_local) END;

CREATE OR REPLACE FUNCTION sys.pg_get_userbyid(role_oid oid) RETURNS name
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN role_oid = 10 THEN 'rdsadmin'::name
        ELSE pg_catalog.pg_get_userbyid(role_oid) END;

-- DSQL's name of its index method; a primary key holds all columns.
CREATE OR REPLACE FUNCTION sys.nimbus_with_columns(definition text, index_oid oid) RETURNS text
    LANGUAGE sql STABLE
    RETURN regexp_replace(definition, ' INCLUDE \(.*\)$', '') || coalesce((
        SELECT ' INCLUDE (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')'
        FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
        WHERE i.indexrelid = index_oid AND a.attnum > 0 AND NOT a.attisdropped
            AND a.attnum <> ALL ((i.indkey::smallint[])[0:i.indnkeyatts - 1])), '');

CREATE OR REPLACE FUNCTION sys.nimbus_index_def(definition text, index_oid oid) RETURNS text
    LANGUAGE sql STABLE
    RETURN replace(CASE WHEN (SELECT indisprimary FROM pg_index WHERE indexrelid = index_oid)
                   THEN sys.nimbus_with_columns(definition, index_oid) ELSE definition END,
                   ' USING btree (', ' USING btree_index (');

CREATE OR REPLACE FUNCTION sys.pg_get_indexdef(index_oid oid) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN sys.nimbus_index_def(pg_catalog.pg_get_indexdef(index_oid), index_oid);

CREATE OR REPLACE FUNCTION sys.pg_get_indexdef(index_oid oid, part integer, pretty boolean)
    RETURNS text LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN CASE part WHEN 0
        THEN sys.nimbus_index_def(pg_catalog.pg_get_indexdef(index_oid, 0, pretty), index_oid)
        ELSE pg_catalog.pg_get_indexdef(index_oid, part, pretty) END;

CREATE OR REPLACE FUNCTION sys.pg_get_constraintdef(constraint_oid oid, pretty boolean)
    RETURNS text LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN (SELECT CASE c.contype WHEN 'p' THEN sys.nimbus_with_columns(d.text, c.conindid)
                   ELSE d.text END
            FROM pg_catalog.pg_get_constraintdef(constraint_oid, pretty) AS d (text)
            LEFT JOIN pg_constraint c ON c.oid = constraint_oid);

CREATE OR REPLACE FUNCTION sys.pg_get_constraintdef(constraint_oid oid) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN sys.pg_get_constraintdef(constraint_oid, false);

-- May the current user know what is in the schema? DSQL has no temporary tables; those of blocks
-- are nobody's.
CREATE OR REPLACE FUNCTION sys.nimbus_visible(namespace oid) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN namespace < 16384 OR (
        (session_user = 'admin' OR has_schema_privilege(namespace, 'USAGE, CREATE'))
        AND namespace <> pg_my_temp_schema() AND NOT pg_is_other_temp_schema(namespace));

-- … that the schema has an object of that name? Those of sys are DSQL's.
CREATE OR REPLACE FUNCTION sys.nimbus_visible(namespace oid, object name) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sys.nimbus_visible(namespace) AND (namespace <> 'sys'::regnamespace
        OR object IN ('jobs', '_jobs', 'iam_pg_role_mappings', '_iam_pg_role_mappings',
                      'dsql_major_version', 'uuid_to_base32_str', 'wait_for_job'));

CREATE OR REPLACE FUNCTION sys.nimbus_visible(namespace name, object name) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT sys.nimbus_visible(n.oid, object) FROM pg_namespace n
            WHERE n.nspname = namespace);

-- Roles --------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS sys.nimbus_mappings (
    iam_oid oid PRIMARY KEY,
    arn text NOT NULL,
    -- Of the IAM identity: another one when it was deleted and made again.
    unique_id text NOT NULL,
    role_oid oid NOT NULL,
    grantor_oid oid NOT NULL,
    UNIQUE (arn, role_oid)
);
CREATE SEQUENCE IF NOT EXISTS sys.nimbus_mapping_oids START 26398 MAXVALUE 2147483647;

CREATE OR REPLACE VIEW sys.iam_pg_role_mappings AS
    SELECT m.iam_oid, m.arn, m.role_oid AS pg_role_oid, r.rolname::text AS pg_role_name,
           m.grantor_oid AS grantor_pg_role_oid, g.rolname::text AS grantor_pg_role_name
    FROM sys.nimbus_mappings m
    JOIN pg_catalog.pg_roles r ON r.oid = m.role_oid
    LEFT JOIN pg_catalog.pg_roles g ON g.oid = m.grantor_oid;
GRANT SELECT ON sys.iam_pg_role_mappings TO PUBLIC;

CREATE OR REPLACE FUNCTION sys.nimbus_may_connect(caller_arn text, caller_id text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM sys.nimbus_mappings m JOIN pg_roles r ON r.oid = m.role_oid
        WHERE r.rolname = session_user AND m.arn = caller_arn AND m.unique_id = caller_id)
$$;

CREATE OR REPLACE FUNCTION sys.nimbus_mapped_role(name text) RETURNS oid
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found pg_roles;
BEGIN
    SELECT * INTO found FROM pg_roles WHERE rolname = name;
    IF found.oid IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = '42704', MESSAGE = format('Role %s does not exist', name);
    END IF;
    IF name = 'admin' OR name LIKE 'pg\_%' THEN
        RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = format('Role %s not supported', name);
    END IF;
    IF NOT found.rolcanlogin THEN
        RAISE EXCEPTION USING ERRCODE = '22023',
            MESSAGE = format('role %s must have the LOGIN attribute', name);
    END IF;
    RETURN found.oid;
END $$;

CREATE OR REPLACE PROCEDURE sys.nimbus_iam_grant(role_name text, role_arn text, role_id text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    role oid := sys.nimbus_mapped_role(role_name);
BEGIN
    IF EXISTS (SELECT FROM sys.nimbus_mappings m WHERE m.arn = role_arn AND m.role_oid = role) THEN
        RAISE EXCEPTION USING ERRCODE = '42710',
            MESSAGE = format('IAM role %s is already granted role %s', role_arn, role_name);
    END IF;
    INSERT INTO sys.nimbus_mappings
        SELECT nextval('sys.nimbus_mapping_oids')::oid, role_arn, role_id, role, r.oid
        FROM pg_roles r WHERE r.rolname = session_user;
    RAISE NOTICE USING ERRCODE = 'NB000', MESSAGE = 'AWS IAM GRANT';
END $$;

CREATE OR REPLACE PROCEDURE sys.nimbus_iam_revoke(role_name text, role_arn text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM sys.nimbus_mappings m USING pg_roles r
        WHERE r.oid = m.role_oid AND r.rolname = role_name AND m.arn = role_arn;
    IF NOT FOUND THEN
        PERFORM sys.nimbus_mapped_role(role_name);
        RAISE EXCEPTION USING ERRCODE = '42704',
            MESSAGE = format('IAM role %s is not granted role %s', role_arn, role_name);
    END IF;
    RAISE NOTICE USING ERRCODE = 'NB000', MESSAGE = 'AWS IAM REVOKE';
END $$;
REVOKE ALL ON PROCEDURE sys.nimbus_iam_grant(text, text, text),
    sys.nimbus_iam_revoke(text, text) FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE sys.nimbus_iam_grant(text, text, text),
    sys.nimbus_iam_revoke(text, text) TO admin;

-- Runs with the rights of who drops the roles.
CREATE OR REPLACE PROCEDURE sys.nimbus_drop_roles(names text[], missing_ok boolean)
    LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY names LOOP
        IF EXISTS (SELECT FROM sys.iam_pg_role_mappings m
                   WHERE m.pg_role_name OPERATOR(pg_catalog.=) name) THEN
            RAISE EXCEPTION USING ERRCODE = '2BP01', MESSAGE = pg_catalog.format(
                'role %s cannot be dropped because some objects depend on it', name);
        END IF;
        EXECUTE pg_catalog.format(
            CASE WHEN missing_ok THEN 'DROP ROLE IF EXISTS %I' ELSE 'DROP ROLE %I' END, name);
    END LOOP;
    RAISE NOTICE USING ERRCODE = 'NB000', MESSAGE = 'DROP ROLE';
END $$;

-- Jobs ---------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS sys.nimbus_jobs (
    job_id text PRIMARY KEY,
    status text NOT NULL,
    details text,
    job_type text NOT NULL,
    class_id oid NOT NULL,
    object_id oid NOT NULL,
    start_time timestamptz NOT NULL,
    update_time timestamptz
);

CREATE OR REPLACE VIEW sys.jobs AS
    SELECT j.job_id, j.status, j.details, j.job_type, j.class_id, j.object_id,
           CASE WHEN c.oid IS NOT NULL THEN n.nspname || '.' || c.relname END AS object_name,
           j.start_time, j.update_time
    FROM sys.nimbus_jobs j
    LEFT JOIN pg_catalog.pg_class c ON c.oid = j.object_id
    LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid IS NULL OR has_schema_privilege(c.relnamespace, 'USAGE');
GRANT SELECT ON sys.jobs TO PUBLIC;

-- RFC 4648 base32 of the 16 bytes of a UUID: 26 lower-case characters.
CREATE OR REPLACE FUNCTION sys.uuid_to_base32_str(id uuid) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(substr('abcdefghijklmnopqrstuvwxyz234567',
               (substring(bits from 5 * n + 1 for 5)::bit(5))::integer + 1, 1), '' ORDER BY n)
    FROM (SELECT ('x' || replace(id::text, '-', ''))::bit(128) || B'00' AS bits) b,
         generate_series(0, 25) n
$$;

CREATE OR REPLACE FUNCTION sys.nimbus_add_job(type text, object oid, failure text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    id text := sys.uuid_to_base32_str(gen_random_uuid());
BEGIN
    DELETE FROM sys.nimbus_jobs WHERE update_time < now() - interval '30 minutes';
    INSERT INTO sys.nimbus_jobs VALUES (
        id, CASE WHEN failure IS NULL THEN 'completed' ELSE 'failed' END, failure, type, 1259,
        object, now(), clock_timestamp());
    RETURN id;
END $$;

-- Runs with the rights of who asks for the job.
CREATE OR REPLACE FUNCTION sys.nimbus_run_job(
    type text, tag text, schema_name text, table_name text, statement text) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    relation regclass := pg_catalog.to_regclass(
        CASE WHEN schema_name OPERATOR(pg_catalog.=) '' THEN pg_catalog.format('%I', table_name)
             ELSE pg_catalog.format('%I.%I', schema_name, table_name) END);
    object oid := relation::oid;
    failure text;
    bad_type text;
    job text;
BEGIN
    IF type OPERATOR(pg_catalog.=) 'INDEX_BUILD' AND (
            SELECT pg_catalog.count(*) FROM pg_catalog.pg_index i
            WHERE i.indrelid OPERATOR(pg_catalog.=) object) OPERATOR(pg_catalog.>=) 24 THEN
        RAISE EXCEPTION USING ERRCODE = '54000',
            MESSAGE = 'more than 24 indexes per table are not allowed';
    END IF;
    BEGIN
        EXECUTE statement;
    EXCEPTION
        WHEN unique_violation THEN
            failure := 'Found duplicate key while validating index for UCVs';
        WHEN check_violation OR foreign_key_violation THEN
            IF type OPERATOR(pg_catalog.=) 'INDEX_BUILD' THEN
                RAISE;
            END IF;
            failure := SQLERRM;
    END;
    IF type OPERATOR(pg_catalog.=) 'INDEX_BUILD' AND failure IS NULL THEN
        SELECT pg_catalog.max(i.indexrelid) INTO object FROM pg_catalog.pg_index i
            WHERE i.indrelid OPERATOR(pg_catalog.=) relation::oid;
        SELECT pg_catalog.format_type(a.atttypid, NULL) INTO bad_type
            FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a
                ON a.attrelid OPERATOR(pg_catalog.=) i.indexrelid
                AND a.attnum OPERATOR(pg_catalog.<=) i.indnkeyatts
            WHERE i.indexrelid OPERATOR(pg_catalog.=) object
                AND a.atttypid OPERATOR(pg_catalog.=) ANY (ARRAY['timetz', 'interval', 'bytea',
                    'json', 'jsonb']::pg_catalog.regtype[]::pg_catalog.oid[])
            LIMIT 1;
        IF bad_type IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = '0A000',
                MESSAGE = pg_catalog.format('datatype %s is not supported in a key', bad_type);
        END IF;
    END IF;
    job := sys.nimbus_add_job(type, object, failure);
    RAISE NOTICE USING ERRCODE = 'NB000', MESSAGE = tag;
    RETURN job;
END $$;

-- Drops columns and constraints, with the rights of who asks, but for the primary key.
CREATE OR REPLACE PROCEDURE sys.nimbus_alter_table(
    schema_name text, table_name text, constraints text[], columns text[], statement text)
    LANGUAGE plpgsql AS $$
DECLARE
    relation oid := pg_catalog.to_regclass(
        CASE WHEN schema_name OPERATOR(pg_catalog.=) '' THEN pg_catalog.format('%I', table_name)
             ELSE pg_catalog.format('%I.%I', schema_name, table_name) END)::oid;
    key_name text;
    key_column text;
BEGIN
    SELECT c.conname INTO key_name FROM pg_catalog.pg_constraint c
        WHERE c.conrelid OPERATOR(pg_catalog.=) relation AND c.contype OPERATOR(pg_catalog.=) 'p'
            AND c.conname::text OPERATOR(pg_catalog.=) ANY (constraints);
    IF key_name IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = '0A000',
            MESSAGE = 'unsupported ALTER TABLE DROP CONSTRAINT statement';
    END IF;
    SELECT a.attname INTO key_column FROM pg_catalog.pg_constraint c
        JOIN pg_catalog.pg_attribute a ON a.attrelid OPERATOR(pg_catalog.=) c.conrelid
            AND a.attnum OPERATOR(pg_catalog.=) ANY (c.conkey)
        WHERE c.conrelid OPERATOR(pg_catalog.=) relation AND c.contype OPERATOR(pg_catalog.=) 'p'
            AND a.attname::text OPERATOR(pg_catalog.=) ANY (columns) LIMIT 1;
    IF key_column IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = '0A000',
            MESSAGE = pg_catalog.format('cannot drop primary key column %s', key_column);
    END IF;
    EXECUTE statement;
    RAISE NOTICE USING ERRCODE = 'NB000', MESSAGE = 'ALTER TABLE';
END $$;

-- Jobs are done when they are submitted.
CREATE OR REPLACE PROCEDURE sys.wait_for_job(job_id text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF job_id !~ '^[a-z2-7]{26}$' THEN
        RAISE EXCEPTION USING ERRCODE = '22P02', MESSAGE = 'Unable to convert text to UUID';
    END IF;
END $$;

COMMENT ON SCHEMA sys IS NULL;
COMMENT ON FUNCTION sys.nimbus_visible(oid) IS 'DSQL system objects, revision 15';
)sql";

} // namespace nimbus::local::dsql
