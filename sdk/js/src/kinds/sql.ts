import { declarationOf, placeBefore } from '../declaration.js';
import { addPart } from '../description.js';
import type { Database } from '../sql/database.js';
import { makePool } from '../sql/pool.js';
import { queriesOf } from '../sql/queries.js';
import { pgOptions, postgresJsOptions } from '../sql/settings.js';
import { SqlError } from '../sql/sql_error.js';
import type {
    PgOptions, PgPool, PgPoolConfig, PostgresJsOptions, SqlQueries, SqlTransaction, TransactionOptions,
} from '../sql/types.js';
import type { Kind } from './kind.js';

/** An Aurora DSQL cluster with a schema for the application. */
export interface SqlOptions {
    /** A lower-case letter, then lower-case letters, digits and dashes; at most 32 characters.
     * `main-db` gives functions `SQL_MAIN_DB_ENDPOINT`, `_IDENTIFIER`, `_SCHEMA`, `_DB_ROLE` and
     * `_ARN`. */
    name: string;
    /** The application's schema in the cluster: lower-case letters, digits and underscores, not
     * beginning with a digit; at most 55 characters. By default the name with `-` as `_`. */
    schema?: string;
    /** Refuse to delete the cluster, even with `--force`. By default true. */
    deletionProtection?: boolean;
    /** Use the shared cluster of that name instead of one of the application's own. */
    cluster?: string;
    /** The directory of the schema's migrations, in the project's: `0001_users.sql` and so on.
     * `nimbus deploy` applies each once, before the functions of the new version run. */
    migrations?: string;
    /** A file of rows to work with, in the project's directory. `nimbus deploy` runs it behind the
     * migrations on the local cloud and in previews, each statement once. */
    seed?: string;
}

/**
 * A SQL database of the application, for handlers to use. It needs the package `pg`.
 *
 * Functions find it in their environment, too: `SQL_<NAME>_ENDPOINT` and so on, for clients that are used
 * without this.
 */
export interface SqlDatabase extends SqlQueries {
    readonly name: string;
    readonly schema: string;
    /**
     * Runs `work` between BEGIN and COMMIT, and gives what it gives. What it throws rolls back, and is thrown.
     * On a conflict with another transaction (40001) it is run again, so that it must do nothing but SQL that
     * it cannot do twice. Inside, use the transaction, not the database.
     */
    transaction<Result>(work: (transaction: SqlTransaction) => Promise<Result>,
                        options?: TransactionOptions): Promise<Result>;
    /**
     * A pool of `pg` for the database, for what is built on one: drizzle, Kysely, Prisma's adapter. Make one when
     * the module is loaded. `config` is added to its options.
     */
    pool(config?: PgPoolConfig): PgPool;
    /** The options of `pg`, or of postgres.js, for a connection to the database. */
    options(): PgOptions;
    options(client: 'postgres.js'): PostgresJsOptions;
}

export interface SqlMethods {
    /** Declares a SQL database, which all functions can use unless they say what they use. */
    SQL(options: SqlOptions): SqlDatabase;
}

function optionsFor(name: string, client: string | undefined): PgOptions | PostgresJsOptions {
    if (client === undefined) {
        return pgOptions(name);
    }
    if (client !== 'postgres.js') {
        throw new SqlError(`db.options(${JSON.stringify(client)}) of the database ${name}: it has options for ` +
            '"postgres.js", and without an argument those for pg');
    }
    return postgresJsOptions(name);
}

/** The database, which is loaded when it is used: functions without one start as if it were not there. */
function databaseOf(name: string, schema: string): SqlDatabase {
    let loading: Promise<Database> | undefined;
    const loaded = () => loading ??= import('../sql/database.js').then((module) => new module.Database(name));
    return {
        name,
        schema,
        ...queriesOf(async (text, parameters) => (await loaded()).run(text, parameters)),
        transaction: async (work, options) => (await loaded()).transaction(work, options),
        pool: (config) => makePool(name, config),
        options: (client?: 'postgres.js') => optionsFor(name, client) as any,
    };
}

export const sql: Kind<SqlMethods> = {
    sections: ['sql'],
    methods: {
        SQL(options) {
            const { description } = declarationOf(this);
            if (description) {
                addPart(description, 'sql', { place: placeBefore(sql.methods.SQL), members: options });
            }
            const name = options?.name;
            return databaseOf(name, options?.schema ?? String(name).replaceAll('-', '_'));
        },
    },
};
