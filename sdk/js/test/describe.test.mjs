import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { Project, application } from './support.mjs';

async function describe(source, name) {
    const project = new Project(source, name);
    try {
        const out = join(project.directory, 'manifest.json');
        const ended = await project.build().run({ NIMBUS_MANIFEST_OUT: out });
        const read = (file) => JSON.parse(readFileSync(file));
        return ended.code === 0 ? { ...ended, manifest: read(out), places: read(`${out}.places`) } : ended;
    } finally {
        project.remove();
    }
}

const head = `import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({ projectName: 'demo', region: 'us-east-1' });
`;

test('a manifest holds what was declared, and its places', async () => {
    const { manifest, places } = await describe(`${head}
app.SQL({ name: 'main-db', schema: 'demo', cluster: 'team' });
const api = app.API({ name: 'demo-api', stage: 'dev' });
api.route('GET', '/users/{id}', async () => ({ statusCode: 200 }), { memory: 512, uses: [] })
    .route('GET', '/users/{id+}', async () => ({ statusCode: 200 }));
export default app;`);
    assert.deepEqual(manifest, {
        version: 1, project: 'demo', region: 'us-east-1', runtime: 'nodejs22.x',
        architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
        sql: [{ name: 'main-db', schema: 'demo', cluster: 'team' }],
        apis: [{ name: 'demo-api', stage: 'dev', routes: [
            { method: 'GET', path: '/users/{id}', function: 'get-users-id' },
            { method: 'GET', path: '/users/{id+}', function: 'get-users-id-2' }] }],
        functions: [{ memory: 512, uses: [], name: 'get-users-id' }, { name: 'get-users-id-2' }],
    });
    assert.deepEqual(places, {
        '': 'index.ts:2:13', 'sql[0]': 'index.ts:4:5', 'apis[0]': 'index.ts:5:17',
        'apis[0].routes[0]': 'index.ts:6:5', 'functions[0]': 'index.ts:6:5',
        'apis[0].routes[1]': 'index.ts:7:6', 'functions[1]': 'index.ts:7:6',
    });
});

test('options that nobody knows are left to the engine, but for those that mean something else', async () => {
    const unknown = await describe(`${head}app.SQL({ name: 'a', schema: 'b', deletionProtect: true } as any); export default app;`);
    assert.equal(unknown.manifest.sql[0].deletionProtect, true);
    const reserved = await describe(`${head}app.API({ name: 'a', routes: [] } as any); export default app;`);
    assert.deepEqual([reserved.code, reserved.stderr], [1, 'index.ts:3:5: API: there is no option "routes"\n']);
});

test('mistakes are told at their place', async () => {
    const { code, stderr } = await describe(`${head}
const api = app.API({ name: 'a' });
const handler = async () => ({ statusCode: 200 });
api.route('GET', '/a', handler() as any);
api.route('GET', '/b', undefined as any);
api.route('GET', '/c', handler, 30 as any);
export default app;`);
    assert.equal(code, 1);
    assert.deepEqual(stderr.trim().split('\n'), [
        'index.ts:6:5: route GET /a: the handler must be a function, not a promise (was it called instead of passed?)',
        'index.ts:7:5: route GET /b: the handler must be a function, not undefined',
        'index.ts:8:5: route GET /c: the options must be an object, not a number',
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
