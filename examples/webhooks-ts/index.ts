// Webhooks that somebody signs with a key that both know: the key is a secret, and a timer deletes
// what is old.
import Nimbus, { type ApiEvent } from '@hillock-tech/nimbus-js';
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Client } from 'pg';

const app = new Nimbus({ projectName: 'webhooks', region: 'us-east-1' });
const db = app.SQL({ name: 'main-db', schema: 'webhooks', deletionProtection: false });
const api = app.API({ name: 'webhooks-api', description: 'Receives signed webhooks' });

const signingKey = app.Secret({
    name: 'signing-key',
    description: 'Signs the webhooks: both sides know it',
});

/** Has the body been signed by somebody who knows the key? */
async function isSigned(event: ApiEvent): Promise<boolean> {
    const key = await signingKey.value();
    const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
    const expected = createHmac('sha256', key).update(body).digest();
    const given = Buffer.from(event.headers['x-signature'] ?? '', 'hex');
    return given.length === expected.length && timingSafeEqual(given, expected);
}

api.route('POST', '/init', async () => {
    await query(`CREATE TABLE IF NOT EXISTS webhooks (
        id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
        body TEXT NOT NULL,
        received_at TIMESTAMPTZ NOT NULL DEFAULT now())`);
    return { statusCode: 204 };
}, { uses: [db.name] });

api.route('POST', '/webhooks', async (event) => {
    if (!await isSigned(event)) {
        return { statusCode: 401 };
    }
    await query('INSERT INTO webhooks (body) VALUES ($1)', [event.body]);
    return { statusCode: 204 };
}, { uses: [db.name, signingKey.name] });

api.route('GET', '/webhooks/count', async () => {
    const [row] = await query('SELECT count(*)::int AS count FROM webhooks');
    return { statusCode: 200, body: JSON.stringify(row) };
}, { uses: [db.name] });

app.Timer({
    name: 'clean-up',
    description: 'Deletes webhooks that are older than 30 days',
    schedule: 'cron(0 3 * * ? *)',
    timezone: 'Europe/Berlin',
    handler: async (event) => {
        const time = new Date(event.time);
        time.setDate(time.getDate() - 30);
        const deleted = await query('DELETE FROM webhooks WHERE received_at < $1 RETURNING id', [time]);
        console.log(`Deleted ${deleted.length} webhooks from before ${time.toISOString()}`);
        return { deleted: deleted.length };
    },
    timeout: 60,
    uses: [db.name],
});

/** The connection outlives an invocation, and serves the next one of this instance. */
let connection: Promise<Client> | undefined;

async function connect(): Promise<Client> {
    const { DsqlSigner } = await import('@aws-sdk/dsql-signer');
    const { Client } = await import('pg');
    const host = process.env.SQL_MAIN_DB_ENDPOINT ?? '';
    const signer = new DsqlSigner({ hostname: host, region: process.env.AWS_REGION });
    const client = new Client({
        host,
        user: process.env.SQL_MAIN_DB_DB_ROLE,
        password: await signer.getDbConnectAuthToken(),
        database: 'postgres',
        ssl: { rejectUnauthorized: true },
    });
    const forget = () => { connection = undefined; };
    client.on('error', forget).on('end', forget); // after an hour, for one
    await client.connect();
    await client.query(`SET search_path = ${process.env.SQL_MAIN_DB_SCHEMA}`);
    return client;
}

async function query(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    connection ??= connect().catch((error) => {
        connection = undefined;
        throw error;
    });
    return (await (await connection).query(sql, values)).rows;
}

export default app;
