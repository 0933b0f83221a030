// Users and their posts in an Aurora DSQL database, behind an HTTP API: ../sql in TypeScript.
import Nimbus, { type ApiResponse } from '@hillock-tech/nimbus-js';
import type { Client } from 'pg';

const app = new Nimbus({ projectName: 'sql-demo', region: 'us-east-1' });
app.SQL({ name: 'main-db', schema: 'myapp', deletionProtection: false });
const api = app.API({ name: 'sql-api', stage: 'dev' });

/** What Nimbus tells every function about the database. */
const database = {
    endpoint: process.env.SQL_MAIN_DB_ENDPOINT ?? '',
    identifier: process.env.SQL_MAIN_DB_IDENTIFIER,
    schema: process.env.SQL_MAIN_DB_SCHEMA ?? '',
    dbRole: process.env.SQL_MAIN_DB_DB_ROLE ?? '',
    arn: process.env.SQL_MAIN_DB_ARN,
};

/** The connection outlives an invocation, and serves the next one of this instance. */
let connection: Promise<Client> | undefined;

/**
 * Connects with a token for a password: the function's IAM role is mapped to the database role. The
 * packages are loaded here, so that an instance which needs no database starts without them.
 */
async function connect(): Promise<Client> {
    const { DsqlSigner } = await import('@aws-sdk/dsql-signer');
    const { Client } = await import('pg');
    const signer = new DsqlSigner({ hostname: database.endpoint, region: process.env.AWS_REGION });
    const client = new Client({
        host: database.endpoint,
        port: 5432,
        user: database.dbRole,
        password: await signer.getDbConnectAuthToken(),
        database: 'postgres',
        ssl: { rejectUnauthorized: true },
    });
    const forget = () => { connection = undefined; };
    client.on('error', forget).on('end', forget); // after an hour, for one
    await client.connect();
    await client.query(`SET search_path = ${database.schema}`);
    return client;
}

function connected(): Promise<Client> {
    connection ??= connect().catch((error) => {
        connection = undefined;
        throw error;
    });
    return connection;
}

const isCode = (error: unknown, code: string) => (error as { code?: string }).code === code;

const json = (statusCode: number, value: unknown): ApiResponse =>
    ({ statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });

/** Answers with what went wrong in the database, as a program under development does. */
function withDatabase<Event>(work: (client: Client, event: Event) => Promise<ApiResponse>) {
    return async (event: Event): Promise<ApiResponse> => {
        try {
            return await work(await connected(), event);
        } catch (error) {
            console.error('Database error:', error);
            if (isCode(error, '22P02')) { // an id that is no UUID
                return json(400, { error: (error as Error).message });
            }
            return json(500, { error: (error as Error).message });
        }
    };
}

/** The members of a body that is a JSON object, or nothing. */
function bodyOf(event: { body: string | null }): Record<string, unknown> | undefined {
    try {
        const body: unknown = JSON.parse(event.body || '{}');
        return body instanceof Object && !Array.isArray(body) ? { ...body } : undefined;
    } catch {
        return undefined;
    }
}

api.route('GET', '/info', () => {
    const { endpoint, identifier, schema, dbRole, arn } = database;
    return json(200, {
        message: 'SQL Database Info', endpoint, identifier, schema, dbRole, arn,
        note: 'Lambdas connect using IAM role mapped to database role with permissions on the schema',
    });
});

api.route('POST', '/init', withDatabase(async (client) => {
    await client.query(`CREATE TABLE IF NOT EXISTS users (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name varchar(100) NOT NULL,
        email varchar(100) UNIQUE NOT NULL,
        created_at timestamp DEFAULT current_timestamp)`);
    await client.query(`CREATE TABLE IF NOT EXISTS posts (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id uuid REFERENCES users(id),
        title varchar(200) NOT NULL,
        content text,
        created_at timestamp DEFAULT current_timestamp)`);
    return json(200, {
        message: 'Database initialized successfully', schema: database.schema, tables: ['users', 'posts'] });
}));

api.route('POST', '/users', withDatabase(async (client, event: { body: string | null }) => {
    const body = bodyOf(event);
    if (!body) {
        return json(400, { error: 'The body must be a JSON object' });
    }
    const { name, email } = body;
    if (!name || !email) {
        return json(400, { error: 'Name and email are required' });
    }
    try {
        const { rows } = await client.query(
            'INSERT INTO users (name, email) VALUES ($1, $2) RETURNING *', [name, email]);
        return json(201, rows[0]);
    } catch (error) {
        if (isCode(error, '23505')) { // unique_violation
            return json(409, { error: 'Email already exists' });
        }
        throw error;
    }
}));

api.route('GET', '/users', withDatabase(async (client) => {
    const { rows } = await client.query('SELECT * FROM users ORDER BY created_at DESC');
    return json(200, { count: rows.length, users: rows });
}));

api.route('GET', '/users/count', withDatabase(async (client) => {
    const { rows } = await client.query('SELECT count(*) AS count FROM users');
    return json(200, { count: Number(rows[0].count) }); // a bigint comes as text
}));

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/**
 * Runs `work` in a transaction, and again when it met a conflict: 40001, OC000 with rows or OC001 with a change
 * of the schema. So `work` does only what may be done twice. The waits grow and are random, so that two who
 * met do not meet again.
 */
async function transaction<T>(client: Client, work: () => Promise<T>, tries = 10): Promise<T> {
    for (let attempt = 1; ; ++attempt) {
        try {
            await client.query('BEGIN');
            const result = await work();
            await client.query('COMMIT');
            return result;
        } catch (error) {
            await client.query('ROLLBACK').catch(() => {}); // what a closed connection began is undone already
            if (!isCode(error, '40001') || attempt === tries) {
                throw error;
            }
            await pause(Math.random() * Math.min(10 * 2 ** attempt, 1000));
        }
    }
}

type WithId = { pathParameters: { id: string } };

api.route('GET', '/users/{id}/posts', withDatabase(async (client, event: WithId) => {
    const { rows } = await client.query(`
        SELECT u.id AS user_id, u.name, u.email, p.id, p.title, p.content, p.created_at
        FROM users u LEFT JOIN posts p ON p.user_id = u.id
        WHERE u.id = $1
        ORDER BY p.created_at DESC`, [event.pathParameters.id]);
    if (rows.length === 0) {
        return json(404, { error: 'User not found' });
    }
    const { user_id: id, name, email } = rows[0];
    const posts = rows.filter((row) => row.id !== null)
        .map((row) => ({ id: row.id, title: row.title, content: row.content, created_at: row.created_at }));
    return json(200, { id, name, email, posts });
}));

api.route('POST', '/users/{id}/posts', withDatabase(async (client, event: WithId & { body: string | null }) => {
    const { title, content } = bodyOf(event) ?? {};
    return transaction(client, async () => {
        const user = await client.query('SELECT id FROM users WHERE id = $1', [event.pathParameters.id]);
        if (user.rows.length === 0) {
            return json(404, { error: 'User not found' });
        }
        const { rows } = await client.query(
            'INSERT INTO posts (user_id, title, content) VALUES ($1, $2, $3) RETURNING *',
            [event.pathParameters.id, title, content]);
        return json(201, rows[0]);
    });
}));

export default app;
