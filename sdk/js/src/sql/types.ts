/** What statements take for `$1`, `$2`, …: an object goes as JSON, a list as an array of PostgreSQL's. */
export type SqlParameter = string | number | bigint | boolean | null | undefined | object;

/** A row, by its columns' names. */
export type SqlRow = Record<string, any>;

/**
 * Statements, whose values are always sent apart from their text: `$1` stands for the first of `parameters`.
 *
 * Rows are what the author's `pg` makes of them: dates are Dates, and bigint and numeric are texts. What the
 * database refuses is thrown as `pg` throws it, with the SQLSTATE as `code`; all else is a SqlError.
 */
export interface SqlQueries {
    /** All rows. */
    query<Row extends object = SqlRow>(text: string, parameters?: readonly SqlParameter[]): Promise<Row[]>;
    /** The one row. A SqlError if there is none, or another one. */
    queryOne<Row extends object = SqlRow>(text: string, parameters?: readonly SqlParameter[]): Promise<Row>;
    /** The row, or undefined. A SqlError if there is another one. */
    queryOptional<Row extends object = SqlRow>(
        text: string, parameters?: readonly SqlParameter[]): Promise<Row | undefined>;
    /** The first column of the one row. */
    queryValue<Value = any>(text: string, parameters?: readonly SqlParameter[]): Promise<Value>;
    /** How many rows were inserted, updated or deleted; 0 for other statements. */
    execute(text: string, parameters?: readonly SqlParameter[]): Promise<number>;
}

/** The statements of one transaction. They end with the function that was given them. */
export interface SqlTransaction extends SqlQueries {
    /** 1, and one more each time that the transaction is run again. */
    readonly attempt: number;
}

export interface TransactionOptions {
    /** The first one included. By default 3. */
    maxAttempts?: number;
    /** Milliseconds before the second attempt; doubled for each further one, with up to as much again at
     * random. By default 10. */
    baseDelay?: number;
    /** Milliseconds that the delay does not grow beyond. By default 1,000. */
    maxDelay?: number;
}

/** For `new Pool(…)` of `pg`, and for what takes the same options, such as Prisma's adapter. */
export interface PgOptions {
    host: string;
    port: number;
    database: string;
    user: string;
    /** A new token for each connection. */
    password: () => Promise<string>;
    ssl: { rejectUnauthorized: true };
    /** The search path, for the server. */
    options: string;
    application_name: string;
    maxLifetimeSeconds: number;
}

/** For `postgres(…)` of postgres.js. */
export interface PostgresJsOptions {
    host: string;
    port: number;
    database: string;
    user: string;
    /** A new token for each connection. */
    password: () => Promise<string>;
    ssl: { rejectUnauthorized: true };
    /** In tests only: connects to where the test's database is when a connection begins. */
    socket?: () => import('node:net').Socket;
    connection: { search_path: string; application_name: string };
    /** Seconds. */
    max_lifetime: number;
}

/** `pg`'s own; `any` where its types are not installed. */
/** @ts-ignore */
export type PgPool = import('pg').Pool;
/** @ts-ignore */
export type PgPoolConfig = import('pg').PoolConfig;
