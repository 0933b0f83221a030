// Webhooks that somebody signs with a key that both know: the key is a secret, and a timer deletes
// what is old.
import Nimbus, { type ApiEvent } from '@hillock-tech/nimbus-js';
import { createHmac, timingSafeEqual } from 'node:crypto';

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
    await db.execute(`CREATE TABLE IF NOT EXISTS webhooks (
        id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
        body TEXT NOT NULL,
        received_at TIMESTAMPTZ NOT NULL DEFAULT now())`);
    return { statusCode: 204 };
}, { uses: [db.name] });

api.route('POST', '/webhooks', async (event) => {
    if (!await isSigned(event)) {
        return { statusCode: 401 };
    }
    await db.execute('INSERT INTO webhooks (body) VALUES ($1)', [event.body]);
    return { statusCode: 204 };
}, { uses: [db.name, signingKey.name] });

api.route('GET', '/webhooks/count', async () => {
    const count = await db.queryValue<number>('SELECT count(*)::int FROM webhooks');
    return { statusCode: 200, body: JSON.stringify({ count }) };
}, { uses: [db.name] });

app.Timer({
    name: 'clean-up',
    description: 'Deletes webhooks that are older than 30 days',
    schedule: 'cron(0 3 * * ? *)',
    timezone: 'Europe/Berlin',
    handler: async (event) => {
        const time = new Date(event.time);
        time.setDate(time.getDate() - 30);
        const deleted = await db.execute('DELETE FROM webhooks WHERE received_at < $1', [time]);
        console.log(`Deleted ${deleted} webhooks from before ${time.toISOString()}`);
        return { deleted };
    },
    timeout: 60,
    uses: [db.name],
});

export default app;
