import { subscribe } from 'node:diagnostics_channel';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { variable } from '../variables.js';
import { SqlError } from './sql_error.js';
import type { PgOptions, PostgresJsOptions } from './types.js';

/** Where a database is, as the deployment has told the function. */
export interface SqlSettings {
    readonly endpoint: string;
    readonly schema: string;
    readonly dbRole: string;
}

/** Seconds; a token is looked at when a connection begins. */
const tokenLifetime = 900;

/** Seconds; DSQL closes a connection after an hour. */
export const longestAge = 55 * 60;

const port = 5432;
const database = 'postgres';
const applicationName = 'nimbus-js';

/** Throws a SqlError where the database is not told of. */
export function settingsOf(name: string): SqlSettings {
    const required = (what: string): string => {
        const value = process.env[variable('SQL', name, what)];
        if (!value) {
            throw notSet(name, variable('SQL', name, what));
        }
        return value;
    };
    return { endpoint: required('ENDPOINT'), schema: required('SCHEMA'), dbRole: required('DB_ROLE') };
}

function notSet(name: string, what: string): SqlError {
    const subject = `The database ${name} cannot be used`;
    if (process.env.NIMBUS_MANIFEST_OUT) {
        return new SqlError(`${subject} while the module is loaded: nimbus loads it to learn what it declares, and ` +
            'there is no database then. Use it in a handler');
    }
    return new SqlError(`${subject}: ${what} is not set. "nimbus deploy" gives it to functions whose "uses" names the ` +
        'database, or that have none; "nimbus test -- npm test" gives it to tests');
}

/** Made with each call, and never asked of AWS. */
async function passwordFor(name: string): Promise<string> {
    const { connectToken, environmentCredentials } = await import('../aws/sigv4.js');
    const credentials = environmentCredentials();
    if (!credentials) {
        throw new SqlError(`There are no AWS credentials to sign a token for the database ${name} with: ` +
            'AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set');
    }
    const { endpoint } = settingsOf(name);
    return connectToken(endpoint, regionOf(endpoint), credentials, new Date(), tokenLifetime);
}

/** Of `<id>.dsql.<region>.on.aws`: a token is for the cluster's own Region. */
function regionOf(endpoint: string): string {
    return /\.dsql[^.]*\.([^.]+)\.on\.aws$/.exec(endpoint)?.[1] ?? process.env.AWS_REGION ?? 'us-east-1';
}

function quoted(identifier: string): string {
    return `"${identifier.replaceAll('"', '""')}"`;
}

/** What connections need by `pg`'s names. */
export function connectionOptions(name: string, { endpoint, schema, dbRole }: SqlSettings) {
    return {
        host: endpoint,
        port,
        database,
        user: dbRole,
        password: () => passwordFor(name),
        ssl: { rejectUnauthorized: true as const },
        options: `-c search_path=${quoted(schema)}`,
        application_name: applicationName,
    };
}

/** Stands for settings that are not there, for modules that make their clients when they are loaded: the
 * error of a connection then says what is missing. RFC 6761: names below .invalid do not exist. */
function settingsOrPlaceholder(name: string): SqlSettings {
    try {
        return settingsOf(name);
    } catch {
        return { endpoint: `${variable('SQL', name, 'ENDPOINT')}.is-not-set.invalid`, schema: 'none', dbRole: 'none' };
    }
}

export function pgOptions(name: string): PgOptions {
    return { ...connectionOptions(name, settingsOrPlaceholder(name)), maxLifetimeSeconds: longestAge };
}

/** The channel that tells of new variables. A message is a list of promises, to which subscribers add what ends before
 * the variables are used. */
export const settingsChanged = 'nimbus:sql:settings-changed';

/**
 * In tests, which change the variables: makes the sockets of a client that keeps the host it was made with. They lead
 * where the variables do, and those that lead elsewhere are closed, so that the client leaves them.
 */
function socketsOfTests(name: string): () => Socket {
    const open = new Map<Socket, string>();
    subscribe(settingsChanged, (over) => {
        const { endpoint } = settingsOrPlaceholder(name);
        for (const [socket, host] of open) {
            if (host !== endpoint) {
                open.delete(socket);
                (over as Promise<void>[]).push(closed(socket));
            }
        }
    });
    return () => {
        const { endpoint } = settingsOrPlaceholder(name);
        const socket = connect(port, endpoint);
        open.set(socket, endpoint);
        socket.once('close', () => open.delete(socket));
        // The client verifies the certificate's name by this member.
        return Object.assign(socket, { host: endpoint });
    };
}

function closed(socket: Socket): Promise<void> {
    return new Promise((resolve) => {
        // The TLS around it, and so the client, learns of it in a turn of its own.
        const isOver = () => setImmediate(resolve);
        if (socket.closed) {
            isOver();
        } else {
            socket.once('close', isOver).destroy();
        }
    });
}

export function postgresJsOptions(name: string): PostgresJsOptions {
    const settings = settingsOrPlaceholder(name);
    const { options: _, application_name, ...others } = connectionOptions(name, settings);
    return {
        ...others,
        ...(process.env.NIMBUS_TEST_ENDPOINT === undefined ? {} : { socket: socketsOfTests(name) }),
        connection: { search_path: quoted(settings.schema), application_name },
        max_lifetime: longestAge,
    };
}
