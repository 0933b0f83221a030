import type { Client, ClientConfig, Pool, PoolClient, PoolConfig } from 'pg';
import { findPg } from './pg.cjs';
import type { Pg } from './pg.cjs';
import { connectionOptions, longestAge, settingsOf } from './settings.js';
import type { SqlSettings } from './settings.js';
import { SqlError, codeOf, messageOf } from './sql_error.js';

/** Milliseconds: of a connection attempt, of the answer to a question that shows that a connection lives, and
 * for which an idle connection is taken to live without a question. */
const connectTimeout = 10_000;
const answerTimeout = 2_000;
const surelyAlive = 10_000;

/** Milliseconds for which a cluster that asks for patience gets it, and the pauses until then. */
const patience = 20_000;
const firstPause = 50;
const longestPause = 1_000;

/** A connection, and what decides whether it can be used. Times are milliseconds since the epoch. */
interface Connection extends PoolClient {
    readonly settings: SqlSettings;
    readonly openedAt: number;
    releasedAt: number;
}

type Callback = (error: Error | undefined, client?: PoolClient, release?: (error?: Error | boolean) => void) => void;

function loadPg(name: string): Pg {
    const pg = findPg();
    if (!pg) {
        throw new SqlError(`The database ${name} is used with the package pg, which is not installed: npm install pg`);
    }
    return pg;
}

/** A class of clients that look, when they are made, where the database is. */
function clientClass(pg: Pg, name: string): new (config: ClientConfig) => Client {
    return class extends pg.Client {
        readonly settings: SqlSettings;
        readonly openedAt = Date.now();
        releasedAt = Date.now();

        constructor(config: ClientConfig) {
            const settings = settingsOf(name);
            const { application_name, ...own } = connectionOptions(name, settings);
            super({ connectionTimeoutMillis: connectTimeout, application_name, ...config, ...own });
            this.settings = settings;
            // A connection that ends in use fails its statements, and the event is for nobody: without a listener,
            // it would end the process.
            this.on('error', () => undefined);
        }
    };
}

/** What a connection learns from the deployment alone; a connection string would say it, too. */
const ofTheDeployment = ['host', 'port', 'database', 'user', 'password', 'ssl', 'options', 'connectionString', 'Client'];

/** Throws for options that would have no effect, or lead elsewhere. */
function checkPoolOptions(name: string, config: PoolConfig): void {
    const refused = ofTheDeployment.filter((option) => Object(config)[option] !== undefined);
    if (refused.length > 0) {
        throw new SqlError(`db.pool(…) of the database ${name} takes no ${refused.join(', no ')}: its connections know ` +
            'that from the deployment. Leave it out; for another database, make a Pool of pg yourself');
    }
}

/**
 * A pool of the author's `pg` for the database, which makes no connection until it is asked for one.
 *
 * Each connection has a token of its own, TLS and the search path. It is left for another one before DSQL closes
 * it, when it was lost, which a frozen instance does not notice, and when the variables tell of another schema,
 * as tests have it. Connections do not keep the process running while nobody uses them.
 */
export function makePool(name: string, config: PoolConfig = {}): Pool {
    checkPoolOptions(name, config);
    const pg = loadPg(name);
    const pool = new pg.Pool({
        idleTimeoutMillis: 0, allowExitOnIdle: true, ...config,
        // The pool calls it with its own options, which the type does not know.
        Client: clientClass(pg, name) as unknown as NonNullable<PoolConfig['Client']>,
    });
    const connect = pool.connect.bind(pool) as () => Promise<PoolClient>;
    // The pool has let go of an idle connection that was closed.
    pool.on('error', () => undefined);
    pool.on('release', (_, client) => {
        (client as Connection).releasedAt = Date.now();
    });
    // pool.query comes by here, too.
    pool.connect = ((callback?: Callback) => {
        const connected = usableConnection(name, connect);
        if (!callback) {
            return connected;
        }
        connected.then((client) => callback(undefined, client, client.release.bind(client)),
            (error) => callback(error, undefined, () => undefined));
        return undefined;
    }) as Pool['connect'];
    return pool;
}

async function usableConnection(name: string, connect: () => Promise<PoolClient>): Promise<PoolClient> {
    for (;;) {
        const settings = settingsOf(name);
        const client = await connectPatiently(name, settings, connect) as Connection;
        if (isFor(settings, client) && await isAlive(client)) {
            return client;
        }
        client.release(true);
    }
}

function isFor(wanted: SqlSettings, { settings, openedAt }: Connection): boolean {
    return settings.endpoint === wanted.endpoint && settings.dbRole === wanted.dbRole
        && settings.schema === wanted.schema && Date.now() - openedAt < longestAge * 1000;
}

async function isAlive(client: Connection): Promise<boolean> {
    if (Date.now() - client.releasedAt < surelyAlive) {
        return true;
    }
    try {
        await client.query({ text: 'SELECT 1', query_timeout: answerTimeout } as { text: string });
        return true;
    } catch {
        return false;
    }
}

/** A cluster that sleeps, or that has had too many connections in this second, asks for patience. */
function asksForPatience(error: unknown): boolean {
    return ['53300', '53400'].includes(codeOf(error) ?? '') || messageOf(error).includes('waking up');
}

async function connectPatiently(name: string, settings: SqlSettings,
                                connect: () => Promise<PoolClient>): Promise<PoolClient> {
    const end = Date.now() + patience;
    for (let delay = firstPause;; delay = Math.min(2 * delay, longestPause)) {
        try {
            return await connect();
        } catch (error) {
            if (!asksForPatience(error) || Date.now() + 2 * delay > end) {
                throw connectionError(name, settings, error);
            }
        }
        await pause(delay * (1 + Math.random()));
    }
}

/** Resolves after that many milliseconds. */
export function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function connectionError(name: string, { endpoint, dbRole }: SqlSettings, error: unknown): unknown {
    if (error instanceof SqlError) {
        return error;
    }
    const { hint } = Object(error) as { hint?: string };
    const isDenied = messageOf(error).includes('access denied');
    const remedy = hint || (isDenied
        ? `the function's IAM role is not mapped to the database role ${dbRole}: deploy again` : '');
    return new SqlError(`There is no connection to the database ${name} at ${endpoint}: ` +
        `${messageOf(error)}${remedy && ` (${remedy})`}`, error);
}
