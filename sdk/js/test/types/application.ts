import { afterEach, beforeEach } from 'node:test';
import { Pool } from 'pg';
import Nimbus, { SqlError, runtime, type ApiEvent, type ApiResponse, type Callback, type Context, type ScheduledEvent } from '@hillock-tech/nimbus-js';
import { newSchema, rolledBack, schemaPerTest } from '@hillock-tech/nimbus-js/testing';

const app = new Nimbus({ projectName: 'demo', region: 'us-east-1', stage: 'dev' });
new Nimbus({ projectName: 'demo' });
new Nimbus({ projectName: 'demo', logRetention: 'infinite', permissionsBoundary: 'arn:aws:iam::123456789012:policy/limit' });
new Nimbus({ region: 'us-east-1' }); // wrong
new Nimbus({ projectName: 'demo', region: 'us-east-1', regions: [] }); // wrong

const db = app.SQL({ name: 'main-db', schema: 'demo', deletionProtection: false, cluster: 'team',
    migrations: 'migrations', seed: 'seed.sql' });
const name: string = db.name;
app.SQL({ name: 'main-db' });
app.SQL({ schema: 'demo' }); // wrong
app.SQL({ name: 'main-db', schema: 'demo', deletionProtection: 'no' }); // wrong

const api = app.API({ name: 'demo-api', description: 'A demonstration', stage: 'dev' });
app.API({ name: 'demo-api', stages: 'dev' }); // wrong

interface User { id: string; name: string }
api.route('GET', '/users/{id}', async (event) => {
    const users = await db.query<User>('SELECT * FROM users WHERE id = $1', [event.pathParameters.id]);
    const rows = await db.query('SELECT 1 AS one');
    const one: User = await db.queryOne<User>('SELECT', [1n, true, null, new Date(), Buffer.from('a'), ['a'], { a: 1 }]);
    const none: User = await db.queryOptional<User>('SELECT'); // wrong
    const count: number = await db.queryValue<number>('SELECT count(*)::int FROM users');
    await db.query('SELECT $1', 'a'); // wrong
    await db.query('SELECT $1', [Symbol.iterator]); // wrong
    await db.query<User>('SELECT').then(([user]) => user!.email); // wrong
    const changed: number = await db.transaction(async (tx) => {
        const [user] = await tx.query<User>('SELECT');
        tx.transaction(async () => 1); // wrong
        return tx.attempt + await tx.execute('UPDATE users SET name = $1', [user?.name]);
    }, { maxAttempts: 5, baseDelay: 10, maxDelay: 100 });
    const text: string = await db.transaction(async () => 1); // wrong
    await db.transaction(async () => {}, { attempts: 5 }); // wrong
    return { statusCode: 200, body: JSON.stringify([users[0]?.name, rows[0]?.one, one, none, count, changed, text]) };
});
const pool: Pool = db.pool({ max: 2 });
db.pool({ maximum: 2 }); // wrong
new Pool(db.options());
const { max_lifetime, connection: { search_path } } = db.options('postgres.js');
db.options('mysql'); // wrong
new SqlError(`${max_lifetime} ${search_path} ${pool.totalCount}`).code?.length;

api.route('GET', '/plain', () => ({ statusCode: 200 }));
api.route('GET', '/async', async () => ({ statusCode: 200, body: name, headers: { a: 1 } }));
api.route('GET', '/none', () => {}); // wrong
api.route('get', '/lower', () => ({ statusCode: 200 })); // wrong
api.route('GET', '/body', () => ({ statusCode: 200, body: { a: 1 } })); // wrong
api.route('GET', '/options', () => ({ statusCode: 200 }), {
    memorySize: 512, timeout: 10, environment: { A: 'b' }, uses: ['main-db'], description: 'Options',
    permissions: [{ Effect: 'Allow', Action: ['s3:GetObject'], Resource: '*' }] });
api.route('GET', '/options', () => ({ statusCode: 200 }), { memory: 512, logRetention: 'infinite' });
api.route('GET', '/options', () => ({ statusCode: 200 }), { logRetention: 'forever' }); // wrong
api.route('GET', '/options', () => ({ statusCode: 200 }), { permissions: [{ Effect: 'Maybe', Action: '*', Resource: '*' }] }); // wrong
api.route('GET', '/options', () => ({ statusCode: 200 }), { timeouts: 10 }); // wrong
api.route('GET', '/options', () => ({ statusCode: 200 }), { architecture: 'arm64' });
api.route('GET', '/options', () => ({ statusCode: 200 }), { architecture: 'x64' }); // wrong
api.route('GET', '/shared', () => ({ statusCode: 200 }), { function: 'shared', timeout: 10 });
api.route('GET', '/shared', () => ({ statusCode: 200 }), { function: () => {} }); // wrong
app.API({ name: 'shared-api', function: 'shared' });
app.API({ name: 'arm-api', architecture: 'arm64' });
app.API({ name: 'log-api', logRetention: 14 });
app.API({ name: 'log-api', logRetention: 'forever' }); // wrong

const adapter: (event: Object, context: Object) => Promise<Object> = async () => ({ statusCode: 200 });
const proxy: (event: any, context: any, callback: any) => void | Promise<any> = async () => ({ statusCode: 200 });
api.route('ANY', '/{proxy+}', adapter).route('ANY', '/', proxy);
api.route('GET', '/async', async () => ({ statusCode: 200, body: { a: 1 } })); // wrong
api.route('GET', '/callback/{id}', (event: ApiEvent<{ id: string }>, context: Context, callback: Callback) => {
    context.callbackWaitsForEmptyEventLoop = false;
    callback(null, { statusCode: 200, body: event.pathParameters.id });
});
api.route('GET', '/nothing', (event, context) => { context.succeed(event); }); // wrong
api.route('GET', '/async', async (event: ApiEvent) => ({ statusCode: 200, body: event })); // wrong

api.route('POST', '/users/{id}/files/{path+}', (event) => {
    const id: string = event.pathParameters.id;
    const path: string | undefined = event.pathParameters?.path;
    const other = event.pathParameters.other; // wrong
    const { title } = JSON.parse(event.body || '{}');
    return { statusCode: 200, body: JSON.stringify({ id, path, other, title }) };
});
api.route('GET', '/no/parameters', (event, context) => {
    const id = event.pathParameters?.id; // wrong
    return { statusCode: 200, body: `${id} ${event.headers['a']?.length} ${context.getRemainingTimeInMillis()}` };
});

api.route('GET', '/users/:id/:file', (event) => {
    const other = event.pathParameters.path; // wrong
    return { statusCode: 200, body: `${event.pathParameters.id} ${event.pathParameters.file} ${other}` };
});

const secret = app.Secret({ name: 'stripe-key', description: 'Of the shop', kmsKeyId: 'alias/shop' });
app.Secret({ name: 'stripe-key', value: 'sk_live' }); // wrong
app.Timer({
    name: 'cleanup', schedule: 'rate(5 minutes)', timezone: 'Europe/Berlin', enabled: true, flexibleWindow: 5,
    description: 'Cleans up', timeout: 60, memorySize: 512, uses: ['main-db'],
    handler: async (event, context) => {
        const text: string = await secret.value();
        const { key } = await secret.json<{ key: string }>({ ttl: 60_000 });
        const same: string = await runtime.secrets.getString('stripe-key', { cache: false });
        const length: number = await secret.value(); // wrong
        return [text, key.length, same, length, event.time, event['detail-type'], event.resources[0], context.awsRequestId];
    },
});
app.Timer({ name: 'cleanup', handler: () => {} }); // wrong
app.Timer({ name: 'cleanup', schedule: 'rate(5 minutes)', handler: (event: ApiEvent) => event.body }); // wrong
app.Timer({ name: 'cleanup', schedule: 'rate(5 minutes)', handler: (event: ScheduledEvent) => event.detail });
app.Function({ name: 'resize', handler: async (event: { key: string }) => event.key, memorySize: 1024 });
app.Function({ name: 'resize', handler: (event) => event.anything.at.all, schedule: 'rate(1 day)' }); // wrong
const invoked: Promise<number> = app.invoke('POST', '/users?x=1', { body: { name: 'Ada' }, headers: { 'X-Tag': ['a', 'b'] } })
    .then(({ status, headers, body, json, error }) => status + body.length + (headers.get('a')?.length ?? 0)
        + json<User>().name.length + (error instanceof Error ? 1 : 0));
api.invoke('FETCH', '/x'); // wrong
app.invoke('GET', '/x', { query: {} }); // wrong
app.invokeTimer('cleanup', { time: new Date() }).then(() => invoked);
app.overrideSecret('stripe-key', 'sk_test');
app.overrideSecret('stripe-key', 7); // wrong
schemaPerTest({ beforeEach, afterEach });
schemaPerTest({ beforeEach }); // wrong
newSchema().then(async (schema) => { await schema.remove(); return schema.name.length; });
rolledBack(db, async (tx) => { await tx.execute('DELETE FROM users'); });
const queue = app.Queue({ name: 'jobs', worker: async () => {} });
queue.send(runtime.parameters.get('/a'));

const shared = async (event: ApiEvent): Promise<ApiResponse> => ({ statusCode: 200, body: event.pathParameters?.['id'] });
const path: string = '/made';
api.route('ANY', path, shared);
api.route('GET', '/shared/{id}', shared);

export default app;
