import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { Project, application, describe } from './support.mjs';

const head = `import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({ projectName: 'demo', region: 'us-east-1' });
`;

test('a manifest holds what was declared, and its places', async () => {
    const { manifest, places } = await describe(`${head}
app.SQL({ name: 'main-db', cluster: 'team' });
const api = app.API({ name: 'demo-api', description: 'Users', stage: 'dev' });
api.route('GET', '/users/{id}', async () => ({ statusCode: 200 }), { memorySize: 512, uses: [] })
    .route('GET', '/users/{id+}', async () => ({ statusCode: 200 }));
app.Secret({ name: 'stripe-key', description: 'Of the shop', kmsKeyId: 'alias/shop' });
app.Timer({ name: 'cleanup', schedule: 'rate(5 minutes)', handler: async () => {}, description: 'Deletes what is old',
    enabled: false, timezone: 'Europe/Berlin', flexibleWindow: 5, timeout: 60, uses: ['main-db'] });
app.Function({ name: 'resize', handler: async () => {}, memorySize: 1024, description: 'Makes thumbnails', logRetention: 14 });
export default app;`);
    assert.deepEqual(manifest, {
        version: 1, project: 'demo', region: 'us-east-1', runtime: 'nodejs22.x',
        architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
        sql: [{ name: 'main-db', cluster: 'team' }],
        apis: [{ name: 'demo-api', description: 'Users', stage: 'dev', routes: [
            { method: 'GET', path: '/users/{id}', function: 'get-users-id' },
            { method: 'GET', path: '/users/{id+}', function: 'get-users-id-2' }] }],
        secrets: [{ name: 'stripe-key', description: 'Of the shop', kmsKeyId: 'alias/shop' }],
        timers: [{ name: 'cleanup', schedule: 'rate(5 minutes)', description: 'Deletes what is old', enabled: false,
            timezone: 'Europe/Berlin', flexibleWindow: 5, function: 'cleanup' }],
        functions: [{ memorySize: 512, uses: [], name: 'get-users-id' }, { name: 'get-users-id-2' },
            { timeout: 60, uses: ['main-db'], name: 'cleanup' },
            { memorySize: 1024, description: 'Makes thumbnails', logRetention: 14, name: 'resize' }],
    });
    assert.deepEqual(places, {
        '': 'index.ts:2:13', 'sql[0]': 'index.ts:4:5', 'apis[0]': 'index.ts:5:17',
        'apis[0].routes[0]': 'index.ts:6:5', 'functions[0]': 'index.ts:6:5',
        'apis[0].routes[1]': 'index.ts:7:6', 'functions[1]': 'index.ts:7:6',
        'secrets[0]': 'index.ts:8:5', 'timers[0]': 'index.ts:9:5', 'functions[2]': 'index.ts:9:5',
        'functions[3]': 'index.ts:11:5',
    });
});

test('an application that says no region is in us-east-1, as in nimbus-js', async () => {
    const { manifest } = await describe(`import { Nimbus } from '@hillock-tech/nimbus-js';
export default new Nimbus({ projectName: 'demo', tracing: false } as any);`);
    assert.deepEqual([manifest.region, 'tracing' in manifest], ['us-east-1', false]);
});

test('functions run on the declared architecture, or on the one of the machine that deploys', async () => {
    const { manifest } = await describe(`import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({ projectName: 'demo', architecture: 'arm64' });
app.Function({ name: 'resize', handler: async () => {} });
app.Timer({ name: 'cleanup', schedule: 'rate(1 day)', handler: async () => {}, architecture: 'x86_64' });
app.API({ name: 'web', architecture: 'x86_64' }).route('GET', '/a', () => ({ statusCode: 200 }))
    .route('GET', '/b', () => ({ statusCode: 200 }), { architecture: 'arm64' });
export default app;`);
    assert.equal(manifest.architecture, 'arm64');
    assert.deepEqual(manifest.functions, [{ name: 'resize' }, { name: 'cleanup', architecture: 'x86_64' },
        { name: 'get-a', architecture: 'x86_64' }, { name: 'get-b', architecture: 'arm64' }]);
    assert.deepEqual(Object.keys(manifest.apis[0]), ['name', 'routes']);
});

test('logs are kept as the function, its API or the application says', async () => {
    const { manifest } = await describe(`import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({ projectName: 'demo', logRetention: 90 });
app.Function({ name: 'resize', handler: async () => {}, logRetention: 7 });
app.API({ name: 'web' }).route('GET', '/a', () => ({ statusCode: 200 }));
app.API({ name: 'admin', logRetention: 'infinite' }).route('GET', '/b', () => ({ statusCode: 200 }))
    .route('GET', '/c', () => ({ statusCode: 200 }), { logRetention: 14 });
export default app;`);
    assert.equal(manifest.logRetention, 90);
    assert.deepEqual(manifest.functions, [{ name: 'resize', logRetention: 7 }, { name: 'get-a' },
        { name: 'get-b', logRetention: 'infinite' }, { name: 'get-c', logRetention: 14 }]);
    assert.deepEqual(Object.keys(manifest.apis[1]), ['name', 'routes']);
});

test('roles have the permissions boundary of the application', async () => {
    const permissionsBoundary = 'arn:aws:iam::123456789012:policy/limit';
    const { manifest } = await describe(`import Nimbus from '@hillock-tech/nimbus-js';
export default new Nimbus({ projectName: 'demo', permissionsBoundary: '${permissionsBoundary}' });`);
    assert.equal(manifest.permissionsBoundary, permissionsBoundary);
});

test('parameters of a path may have a colon', async () => {
    const { manifest } = await describe(`${head}
const api = app.api({ name: 'demo-api' });
api.route('GET', '/users/:id/files/:path+', async () => ({ statusCode: 200 }));
api.route('POST', '/users/{id}:archive', async () => ({ statusCode: 200 }));
export default app;`);
    assert.deepEqual(manifest.apis[0].routes.map(({ path, function: name }) => [path, name]), [
        ['/users/{id}/files/{path+}', 'get-users-id-files-path'],
        ['/users/{id}:archive', 'post-users-id-archive'],
    ]);
});

test('memory is another name of memorySize', async () => {
    const { manifest } = await describe(`${head}
const ok = async () => ({ statusCode: 200 });
app.API({ name: 'demo-api' }).route('GET', '/a', ok, { memory: 512 })
    .route('GET', '/b', ok, { memory: 512, memorySize: 512 });
export default app;`);
    assert.deepEqual(manifest.functions.map(({ name, ...settings }) => settings), [{ memory: 512 }, { memorySize: 512 }]);
    const { stderr } = await describe(`${head}
app.Timer({ name: 'a', schedule: 'rate(1 day)', handler: () => {}, memory: 512, memorySize: 256 }); export default app;`);
    assert.equal(stderr, 'index.ts:4:5: Timer: "memory" is another name of "memorySize": give one of them\n');
});

test('options that nobody knows are left to the engine, but for those that mean something else', async () => {
    const unknown = await describe(`${head}app.SQL({ name: 'a', schema: 'b', deletionProtect: true } as any); export default app;`);
    assert.equal(unknown.manifest.sql[0].deletionProtect, true);
    const reserved = await describe(`${head}app.Timer({ name: 'a', schedule: 'rate(1 day)', handler() {}, function: 'b' } as any);
export default new Nimbus({ projectName: 'a', timers: [] } as any);`);
    assert.deepEqual([reserved.code, reserved.stderr.split('\n')[0]], [1, 'index.ts:4:16: new Nimbus: there is no option "timers"']);
});

test('what nimbus-js has and Nimbus has not yet is refused by name', async () => {
    const { code, stderr } = await describe(`import Nimbus from '@hillock-tech/nimbus-js';
const ok = async () => ({ statusCode: 200 });
const app = new Nimbus({ projectName: 'demo', tracing: true, credentials: { accessKeyId: 'a' } } as any);
const api = app.API({ name: 'a', cors: { origins: ['*'] }, customDomain: 'a.example', init: ok, routes: [], tracing: false } as any);
api.authorizer({ name: 'jwt', type: 'REQUEST', handler: ok })
    .route('GET', '/a', ok, { cors: true, authorizer: 'jwt' } as any);
app.Timer({ name: 't', schedule: 'rate(1 day)', handler: ok, init: ok } as any);
app.Secret({ name: 's', automaticRotation: true } as any);
export default app;`);
    assert.equal(code, 1);
    assert.deepEqual(stderr.trim().split('\n'), [
        'index.ts:3:13: new Nimbus: the option "tracing" is not available in Nimbus yet',
        'index.ts:3:13: new Nimbus: the option "credentials" is not available in Nimbus yet: ' +
            'they are taken from the environment and the files of the AWS CLI',
        'index.ts:4:17: API: the option "cors" is not available in Nimbus yet',
        'index.ts:4:17: API: the option "customDomain" is not available in Nimbus yet',
        'index.ts:4:17: API: the option "init" is not available in Nimbus yet: ' +
            'code at the top level of the module runs once per instance, before the first event',
        'index.ts:4:17: API: the option "routes" is not available in Nimbus yet: api.route(…) declares each',
        'index.ts:5:5: api.authorizer is not available in Nimbus yet',
        'index.ts:6:6: route GET /a: the option "authorizer" is not available in Nimbus yet',
        'index.ts:6:6: route GET /a: the option "cors" is not available in Nimbus yet',
        'index.ts:7:5: Timer: the option "init" is not available in Nimbus yet: ' +
            'code at the top level of the module runs once per instance, before the first event',
        'index.ts:8:5: Secret: the option "automaticRotation" is not available in Nimbus yet',
    ]);
});

test('kinds that are not there yet are refused by name, whatever is done with them', async () => {
    const { code, stderr } = await describe(`${head}
const queue = app.Queue({ name: 'jobs', worker: async () => {} });
const [first, ...others] = queue.urls.map((url: string) => url.split('/').at(-1)!.length + 1);
for (const message of queue.receive()) { console.log(message, first, others); }
console.log(\`\${queue.url}/\${queue}\`, { ...queue }, new queue.Client(queue).send().ok?.yes, +queue, JSON.stringify(queue));
queue.url.name = 'another';
app.KV({ name: 'users', primaryKey: 'id' }).get('a').then((user: any) => user.name).catch(() => {});
const { bucket: { name } } = app.Storage({ name: 'files' });
(async () => { const result = await app.deploy(); console.log(name, (await queue.send()).id, result.apis[0].url); })();
app.NoSQL({ name: 'b' }), app.Parameter({ name: '/c' }), app.Role(), app.authorizer({ name: 'd' }), app.destroy();
export default app;`);
    assert.equal(code, 1);
    const refused = stderr.trim().split('\n').map((line) => /^index\.ts:(\d+):\d+: (app\.\w+) is not available in Nimbus yet/.exec(line).slice(1).join(' '));
    assert.deepEqual(refused, ['4 app.Queue', '9 app.KV', '10 app.Storage', '11 app.deploy',
        '12 app.NoSQL', '12 app.Parameter', '12 app.Role', '12 app.authorizer', '12 app.destroy']);
    assert.match(stderr, /app\.deploy is not available in Nimbus yet: "nimbus deploy" deploys applications/);
});

test('a value in a program is refused and goes nowhere', async () => {
    const { code, stdout, stderr } = await describe(`${head}app.Secret({ name: 'stripe-key', value: 'sk_live_1' } as any); export default app;`);
    assert.equal(code, 1);
    assert.equal(stderr, 'index.ts:3:5: Secret: there is no option "value", because programs hold no secrets: ' +
        'set it with "nimbus secret set stripe-key"\n');
    assert.ok(!(stdout + stderr).includes('sk_live'));
});

test('mistakes are told at their place', async () => {
    const { code, stderr } = await describe(`${head}
const api = app.API({ name: 'a' });
const handler = async () => ({ statusCode: 200 });
api.route('GET', '/a', handler() as any);
api.route('GET', '/b', undefined as any);
api.route('GET', '/c', handler, 30 as any);
app.Timer({ name: 'd', schedule: 'rate(1 day)' } as any);
app.Function({ name: 'e', handler: 'index.handler' } as any);
export default app;`);
    assert.equal(code, 1);
    assert.deepEqual(stderr.trim().split('\n'), [
        'index.ts:6:5: route GET /a: the handler must be a function, not a promise (was it called instead of passed?)',
        'index.ts:7:5: route GET /b: the handler must be a function, not undefined',
        'index.ts:8:5: route GET /c: the options must be an object, not a number',
        'index.ts:9:5: Timer: the handler must be a function, not undefined',
        'index.ts:10:5: Function: the handler must be a function, not a string',
    ]);
});

test('a file without an application says what is missing', async () => {
    const none = await describe(`${head}export { app };`);
    assert.deepEqual([none.code, none.stderr], [1, 'index.ts has no default export: end it with "export default app;"\n']);
    const other = await describe('export default { routes: [] };', 'main.ts');
    assert.match(other.stderr, /^main\.ts exports something else than an application/);
});

test('an exception at load is told at the line that threw it', async () => {
    const { code, stderr } = await describe(`${head}
interface Settings { table: { name: string } }
const settings = {} as Settings;
export const name = settings.table.name;
export default app;`);
    assert.equal(code, 3);
    assert.match(stderr, /^index\.ts:6:36: TypeError: Cannot read properties of undefined/);
    assert.match(stderr, /\n {2}6 \| export const name = settings\.table\.name;\n/);
    assert.doesNotMatch(stderr, /bundle\/index\.js|node:internal/);
});

test('a module that is named at run time is told at the line that wants it', async () => {
    const { stderr } = await describe(`${head}require(['no', 'such', 'thing'].join('-')); export default app;`);
    assert.match(stderr, /^index\.ts:3:1: Error: Cannot find module 'no-such-thing': its name is made when the program runs/);
});

for (const [how, loads] of [
    ['require', "const driver = require(['dri', 'ver'].join(''));\n    if (driver.name !== 'driver/needed') { throw new Error(driver.name); }"],
    ['import', "void import(['dri', 'ver'].join('')).then((it) => { if (it.default.name !== 'driver/needed') { throw it; } });"],
]) {
    const skip = how === 'import' && !Module.registerHooks && 'Node.js 22.15 and newer tell';
    test(`what a module loads by a computed name is found in the project, and named for the bundle: ${how}`, { skip }, async () => {
        const project = new Project(`${head}${loads}\n    require('path'); export default app;`);
        for (const [name, description, text] of [
            ['driver', { dependencies: { needed: '1' } }, "exports.name = 'driver/' + require('needed');"],
            ['needed', {}, "module.exports = 'needed';"]]) {
            mkdirSync(join(project.directory, 'node_modules', name));
            project.write(`node_modules/${name}/package.json`, JSON.stringify({ name, ...description }));
            project.write(`node_modules/${name}/index.js`, text);
        }
        try {
            const out = join(project.directory, 'manifest.json');
            const { stderr } = await project.build().run({ NIMBUS_MANIFEST_OUT: out });
            assert.equal(stderr, '');
            assert.deepEqual(JSON.parse(readFileSync(`${out}.packages`)), ['driver']);
        } finally {
            project.remove();
        }
    });
}

test('external packages are named for the bundle, and are no part of the manifest', async () => {
    const project = new Project(`import Nimbus from '@hillock-tech/nimbus-js';
        export default new Nimbus({ projectName: 'demo', external: ['sharp', 'pg'] });`);
    try {
        const out = join(project.directory, 'manifest.json');
        await project.build().run({ NIMBUS_MANIFEST_OUT: out });
        assert.deepEqual(JSON.parse(readFileSync(`${out}.packages`)), ['pg', 'sharp']);
        assert.equal('external' in JSON.parse(readFileSync(out)), false);
    } finally {
        project.remove();
    }
});

test('the process ends though the module keeps something running', async () => {
    assert.equal((await describe(`${head}setInterval(() => {}, 1000); export default app;`)).code, 0);
});

test('in Lambda\'s own runtime a bundle exports its handlers', async () => {
    const project = new Project(application('return { statusCode: 200, body: event.path };')).build();
    try {
        const handlers = createRequire(import.meta.url)(project.bundle);
        assert.deepEqual(Object.keys(handlers), ['get-x']);
        assert.deepEqual(await handlers['get-x']({ path: '/x' }, {}), { statusCode: 200, body: '/x' });
    } finally {
        project.remove();
    }
});

test('a bundle that is simply run says what it is', async () => {
    const project = new Project(application('return { statusCode: 200 };')).build();
    const { code, stderr } = await project.run({});
    project.remove();
    assert.equal(code, 2);
    assert.match(stderr, /nimbus deploy/);
});
