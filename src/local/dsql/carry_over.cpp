#include "local/dsql/carry_over.h"

#include "base/error.h"
#include "base/sql_text.h"
#include "local/dsql/session.h"
#include "local/dsql/superuser_connection.h"

namespace nimbus::local::dsql {
namespace {

constexpr std::chrono::hours patience{1}; ///< counting rows takes time

/// Roles below 16384 are PostgreSQL's own, and the bootstrap makes admin. In PostgreSQL 16, who
/// makes a role gets it WITH ADMIN OPTION, and takes back only what it granted itself; in 15,
/// CREATEROLE did for both. So admin becomes the grantor. Nobody can be a member of admin then.
constexpr std::string_view roles_query = R"sql(
SELECT 'SET LOCAL allow_system_table_mods = on;' || coalesce(string_agg(line, '' ORDER BY step, line), '')
FROM (
    SELECT 1 AS step, format('CREATE ROLE %I %s %s CONNECTION LIMIT %s;', rolname,
               CASE WHEN rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END,
               CASE WHEN rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END, rolconnlimit) AS line
    FROM pg_authid WHERE oid >= 16384 AND rolname <> 'admin'
  UNION ALL
    SELECT 2, format('GRANT %I TO admin WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;', rolname)
    FROM pg_authid WHERE oid >= 16384 AND rolname <> 'admin'
  UNION ALL
    SELECT 3, format('GRANT %I TO %I WITH ADMIN %s GRANTED BY admin;', granted.rolname,
               member.rolname, (m.admin_option AND member.rolname <> 'admin')::text)
    FROM (SELECT roleid, member, bool_or(admin_option) AS admin_option
          FROM pg_auth_members GROUP BY roleid, member) m
    JOIN pg_authid granted ON granted.oid = m.roleid
    JOIN pg_authid member ON member.oid = m.member
    WHERE granted.oid >= 16384 AND member.oid >= 16384 AND granted.rolname <> 'admin'
  UNION ALL
    -- As it is stored: a search path written into a statement could end it.
    SELECT 4, format('INSERT INTO pg_db_role_setting SELECT coalesce(d.oid, 0), r.oid, %L '
                     'FROM pg_authid r LEFT JOIN pg_database d ON d.datname = %L '
                     'WHERE r.rolname = %L;', s.setconfig::text, d.datname, r.rolname)
    FROM pg_db_role_setting s
    JOIN pg_authid r ON r.oid = s.setrole
    LEFT JOIN pg_database d ON d.oid = s.setdatabase
    WHERE r.oid >= 16384
  UNION ALL
    SELECT 5, format('COMMENT ON ROLE %I IS %L;', r.rolname, d.description)
    FROM pg_shdescription d JOIN pg_authid r ON r.oid = d.objoid
    WHERE d.classoid = 'pg_authid'::regclass AND r.oid >= 16384
  UNION ALL
    SELECT 6, format('INSERT INTO sys.nimbus_mappings SELECT %L, %L, %L, r.oid, g.oid '
                     'FROM pg_authid r, pg_authid g WHERE r.rolname = %L AND g.rolname = %L;',
                     m.iam_oid, m.arn, m.unique_id, r.rolname, g.rolname)
    FROM sys.nimbus_mappings m
    JOIN pg_authid r ON r.oid = m.role_oid
    JOIN pg_authid g ON g.oid = m.grantor_oid
  UNION ALL
    SELECT 7, format('SELECT setval(%L, %s, %L);', 'sys.nimbus_mapping_oids', last_value, is_called)
    FROM sys.nimbus_mapping_oids
) AS lines
)sql";

/// The superuser makes tables, too, and PostgreSQL evaluates what it can of a generated column
/// then. So a function has its owner's rights, whoever calls it, from the time when it is made
/// until all is copied.
constexpr std::string_view distrust_functions = R"sql(
CREATE TABLE sys.nimbus_distrusted (id oid);
CREATE FUNCTION sys.nimbus_distrust() RETURNS event_trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made oid;
BEGIN
    FOR made IN SELECT p.oid FROM pg_event_trigger_ddl_commands() c JOIN pg_proc p ON p.oid = c.objid
                WHERE c.classid = 'pg_proc'::regclass AND NOT p.prosecdef LOOP
        INSERT INTO sys.nimbus_distrusted VALUES (made);
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER', made::regprocedure);
    END LOOP;
END $$;
CREATE EVENT TRIGGER nimbus_distrust ON ddl_command_end WHEN TAG IN ('CREATE FUNCTION')
    EXECUTE FUNCTION sys.nimbus_distrust();
)sql";

constexpr std::string_view end_of_distrust = R"sql(
DROP EVENT TRIGGER nimbus_distrust;
DO $$
DECLARE
    made oid;
BEGIN
    FOR made IN SELECT id FROM sys.nimbus_distrusted LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY INVOKER', made::regprocedure);
    END LOOP;
END $$;
DROP FUNCTION sys.nimbus_distrust();
DROP TABLE sys.nimbus_distrusted;
)sql";

constexpr std::string_view contents_query = R"sql(
SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (
    SELECT concat(c.relkind, ' ', c.oid::regclass, ' ', CASE
               WHEN c.relkind = 'r' THEN sys.nimbus_ask_as(
                   c.relowner, format('SELECT count(*) FROM ONLY %s', c.oid::regclass))
               WHEN c.relkind = 'S' THEN pg_sequence_last_value(c.oid)::text END) AS line
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid >= 16384 AND c.relkind <> 'c' AND n.nspname <> 'sys' AND n.nspname !~ '^pg_'
  UNION ALL
    SELECT 'f ' || p.oid::regprocedure
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.oid >= 16384 AND n.nspname <> 'sys' AND n.nspname !~ '^pg_'
) AS lines
)sql";

std::optional<std::string> run(const std::filesystem::path& socket, const std::string& superuser,
                               std::string_view text)
{
    return SuperuserConnection(socket, superuser, Deadline::after(patience)).run(text);
}

/// `statement` has %I in the place of a trigger's name.
void for_each_event_trigger(const std::filesystem::path& socket, const std::string& superuser,
                            std::string_view statement)
{
    run(socket, superuser,
        "DO $$ DECLARE name text; BEGIN FOR name IN SELECT evtname FROM pg_event_trigger LOOP "
        "EXECUTE format(" +
            quote_literal(statement) + ", name); END LOOP; END $$");
}

} // namespace

void prepare_carried_over(const std::filesystem::path& old_socket,
                          const std::filesystem::path& new_socket, const std::string& superuser)
{
    // The old one, too: the queries know the newest revision.
    bootstrap_cluster(old_socket, superuser);
    bootstrap_cluster(new_socket, superuser);
    const auto roles = run(old_socket, superuser, roles_query);
    run(new_socket, superuser, roles.value_or(""));
    // What the old one has is carried over whatever DSQL's limits are. pg_dump would carry the
    // event triggers over, which the new one has. Should the old one be needed again, it is
    // prepared again.
    for_each_event_trigger(old_socket, superuser, "DROP EVENT TRIGGER %I");
    run(old_socket, superuser, "COMMENT ON FUNCTION sys.nimbus_visible(oid) IS NULL");
    for_each_event_trigger(new_socket, superuser, "ALTER EVENT TRIGGER %I DISABLE");
    run(new_socket, superuser, distrust_functions);
}

void verify_carried_over(const std::filesystem::path& old_socket,
                         const std::filesystem::path& new_socket, const std::string& superuser)
{
    if (run(old_socket, superuser, contents_query) != run(new_socket, superuser, contents_query))
        throw Error("the new database does not hold what the old one does");
    run(new_socket, superuser, end_of_distrust);
    for_each_event_trigger(new_socket, superuser, "ALTER EVENT TRIGGER %I ENABLE");
}

} // namespace nimbus::local::dsql
