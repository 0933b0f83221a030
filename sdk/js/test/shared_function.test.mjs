import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, serve } from './support.mjs';

/** A program with these declarations; `says('a')` is a handler that answers with its name and what it got. */
function program(declarations) {
    return `import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({ projectName: 'demo', region: 'us-east-1' });
const says = (name) => async (event) => ({ statusCode: 200, body: name + ' ' + event.httpMethod });
${declarations}
export default app;`;
}

/** What API Gateway sends for a request that it matched with the route path `resource`. */
function request(httpMethod, resource) {
    return { version: '1.0', httpMethod, resource, path: '/x', requestContext: {} };
}

test('routes that name a function are one function of the manifest', async () => {
    const { manifest, places } = await describe(program(`
const api = app.API({ name: 'web' });
api.route('GET', '/users/:id', says('one'), { function: 'users' });
api.route('POST', '/users', says('new'), { function: 'users' });
api.route('GET', '/health', says('health'));`));
    assert.deepEqual(manifest.apis, [{ name: 'web', routes: [
        { method: 'GET', path: '/users/{id}', function: 'users' },
        { method: 'POST', path: '/users', function: 'users' },
        { method: 'GET', path: '/health', function: 'get-health' }] }]);
    assert.deepEqual(manifest.functions, [{ name: 'users' }, { name: 'get-health' }]);
    assert.equal(places['functions[0]'], places['apis[0].routes[0]']);
});

test('a function of an API is that of its routes which name no other', async () => {
    const { manifest } = await describe(program(`
app.API({ name: 'web', function: 'web' }).route('GET', '/a', says('a'))
    .route('GET', '/b', says('b'), { function: 'other' }).route('GET', '/c', says('c'));`));
    assert.deepEqual(manifest.apis[0].routes.map((route) => route.function), ['web', 'other', 'web']);
    assert.deepEqual(Object.keys(manifest.apis[0]), ['name', 'routes']);
});

test("the event's resource and method choose the handler", async () => {
    const routes = ['GET /users/{id}', 'ANY /users/{id}', 'GET /users/me', 'POST /users', 'ANY /files/{path+}',
        'HEAD /files/{path+}', 'ANY $default'];
    const source = program(`const api = app.API({ name: 'web', function: 'all' });
for (const route of ${JSON.stringify(routes)}) {
    const [method, path] = route.split(' ') as ['GET', string];
    api.route(method, path, says(route));
}`);
    const { received } = await serve(source, [request('GET', '/users/{id}'), request('OPTIONS', '/users/{id}'),
        request('GET', '/users/me'), request('POST', '/users'), request('HEAD', '/files/{path+}'),
        request('GET', '/files/{path+}'), request('PATCH', '$default')], 'all');
    assert.deepEqual(received.map(({ body }) => body.body), ['GET /users/{id} GET', 'ANY /users/{id} OPTIONS',
        'GET /users/me GET', 'POST /users POST', 'HEAD /files/{path+} HEAD', 'ANY /files/{path+} GET', 'ANY $default PATCH']);
});

test('an event of a route that the function has not is refused', async () => {
    const { received } = await serve(program(`app.API({ name: 'web', function: 'users' })
    .route('GET', '/users/{id}', says('one')).route('POST', '/users', says('new'));`), [request('PUT', '/users'), null], 'users');
    assert.deepEqual(received.map(({ body }) => body.errorType), ['Runtime.InvalidEvent', 'Runtime.InvalidEvent']);
    assert.equal(received[0].body.errorMessage, 'The function users has the routes GET /users/{id}, POST /users; ' +
        'the event is for none of these, but for httpMethod "PUT" and resource "/users"');
});

test('a function of one route takes whatever comes', async () => {
    const { received } = await serve(program(`app.API({ name: 'web' }).route('GET', '/users', says('all'), { function: 'users' });`),
        [request('POST', '/elsewhere')], 'users');
    assert.equal(received[0].body.body, 'all POST');
});

test('a shared function has the options of the routes that give them', async () => {
    const { manifest } = await describe(program(`app.API({ name: 'web', function: 'users' })
    .route('GET', '/a', says('a'), { memory: 512, uses: [] })
    .route('GET', '/b', says('b'))
    .route('GET', '/c', says('c'), { memorySize: 512, environment: { A: 'b' }, uses: [] });`));
    assert.deepEqual(manifest.functions, [{ name: 'users', memorySize: 512, uses: [], environment: { A: 'b' } }]);
});

test('routes that differ in an option of their function are refused', async () => {
    for (const [name, one, other] of [['memorySize', '{ memorySize: 512 }', '{ memory: 256 }'],
        ['timeout', '{ timeout: 30 }', '{ timeout: 5 }'], ['uses', "{ uses: ['main-db'] }", '{ uses: [] }'],
        ['environment', "{ environment: { A: 'a' } }", "{ environment: { A: 'b' } }"],
        ['description', "{ description: 'a' }", "{ description: 'b' }"],
        ['architecture', "{ architecture: 'arm64' }", "{ architecture: 'x86_64' }"],
        ['logRetention', '{ logRetention: 7 }', "{ logRetention: 'infinite' }"]]) {
        const { code, stderr } = await describe(program(`const api = app.API({ name: 'web', function: 'users' });
api.route('GET', '/users/{id}', says('one'), ${one});
api.route('POST', '/users', says('new'), ${other});`));
        assert.deepEqual([code, stderr], [1, `index.ts:6:5: route POST /users has another "${name}" than route GET ` +
            '/users/{id}, and they share the function users, which the options belong to: give it once, or the same ' +
            'everywhere\n']);
    }
});

test('a shared function cannot have the name of another function', async () => {
    const { code, stderr } = await describe(program(`app.Timer({ name: 'users', schedule: 'rate(1 day)', handler: () => {} });
app.API({ name: 'web' }).route('GET', '/users', says('all'), { function: 'users' });`));
    assert.deepEqual([code, stderr], [1, 'index.ts:5:26: route GET /users shares a function users, but that is the name ' +
        'of another function already: choose another name\n']);
    const { manifest } = await describe(program(`app.API({ name: 'web' })
    .route('GET', '/a', says('a'), { function: 'get-users' }).route('GET', '/users', says('all'));`));
    assert.deepEqual(manifest.functions.map(({ name }) => name), ['get-users', 'get-users-2']);
});

test('two APIs may share a function as long as their events can be told apart', async () => {
    const apis = (method, handler) => program(`const list = says('list');
app.API({ name: 'web', function: 'users' }).route('GET', '/users', list);
app.API({ name: 'admin', function: 'users' }).route('${method}', '/users', ${handler});`);
    const { received } = await serve(apis('DELETE', "says('remove')"),
        [request('GET', '/users'), request('DELETE', '/users')], 'users');
    assert.deepEqual(received.map(({ body }) => body.body), ['list GET', 'remove DELETE']);
    assert.equal((await describe(apis('GET', 'list'))).code, 0);
    for (const method of ['GET', 'ANY']) {
        const { code, stderr } = await describe(apis(method, "says('other')"));
        assert.deepEqual([code, stderr], [1, `index.ts:6:47: route ${method} /users of the API admin shares the function ` +
            'users with GET /users of the API web, but events do not tell which API they are of: give one of the two ' +
            'another function, or both the same handler\n']);
    }
});
