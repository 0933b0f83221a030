import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const { Nimbus } = require('../dist/cjs/index.js');

const text = (body) => ({ statusCode: 200, body: String(body) });

/** An application with an API whose routes answer with what `answer` makes of their events. */
function applicationWith(routes, options = {}) {
    const app = new Nimbus({ projectName: 'shop', region: 'eu-central-1', ...options });
    const api = app.API({ name: 'web' });
    for (const [route, handler] of Object.entries(routes)) {
        api.route(...route.split(' '), handler);
    }
    return app;
}

/** What a handler gets when the route is called so. */
async function eventOf(route, method, path, options, applicationOptions) {
    let seen;
    const app = applicationWith({ [route]: (event) => { seen = event; return text(''); } }, applicationOptions);
    assert.equal((await app.invoke(method, path, options)).status, 200);
    return seen;
}

test('a route is chosen as API Gateway chooses it', async () => {
    const routes = ['GET /users', 'GET /users/{id}', 'GET /users/me', 'ANY /users/{id}', 'GET /users/{id}/posts',
        'ANY /users/{rest+}', 'GET /', 'ANY $default'];
    const app = applicationWith(Object.fromEntries(routes.map((route) => [route, () => text(route)])));
    for (const [request, expected] of [
        ['GET /users', 'GET /users'], ['GET /users/7', 'GET /users/{id}'], ['GET /users/me', 'GET /users/me'],
        ['PUT /users/7', 'ANY /users/{id}'], ['GET /users/7/posts', 'GET /users/{id}/posts'],
        ['GET /users/7/posts/1', 'ANY /users/{rest+}'], ['PUT /users/7/posts', 'ANY /users/{rest+}'], ['GET /', 'GET /'],
        ['GET /users/', 'ANY $default'], ['PUT /', 'ANY $default'], ['GET /other', 'ANY $default']]) {
        assert.equal((await app.invoke(...request.split(' '))).body, expected, request);
    }
});

test('what no route is for gets what the gateway answers', async () => {
    const answer = await applicationWith({ 'GET /users': () => text('') }).invoke('POST', '/users');
    assert.deepEqual([answer.status, answer.json(), answer.headers.get('content-type')],
        [404, { message: 'Not Found' }, 'application/json']);
});

test('the event is of format 1.0, as the gateway sends it', async () => {
    const event = await eventOf('POST /users/:id/{path+}', 'POST', '/users/a%20b/c/%C3%BC?x=1&y=2+3&x=%C3%BC', {
        body: { name: 'Ada' }, headers: { 'User-Agent': 'test', 'X-Tag': ['a', 'b'], HOST: 'shop.example' } });
    const { requestContext, headers, multiValueHeaders, ...others } = event;
    assert.deepEqual(others, {
        version: '1.0', resource: '/users/{id}/{path+}', path: '/dev/users/a b/c/ü', httpMethod: 'POST',
        queryStringParameters: { x: 'ü', y: '2 3' }, multiValueQueryStringParameters: { x: ['1', 'ü'], y: ['2 3'] },
        pathParameters: { id: 'a b', path: 'c/ü' }, stageVariables: null, body: '{"name":"Ada"}', isBase64Encoded: false });
    const { 'X-Amzn-Trace-Id': trace, ...known } = headers;
    assert.match(trace, /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    assert.deepEqual(known, { 'User-Agent': 'test', 'x-tag': 'b', Host: 'shop.example', 'Content-Type': 'application/json',
        'Content-Length': '14', 'X-Forwarded-For': '127.0.0.1', 'X-Forwarded-Port': '443', 'X-Forwarded-Proto': 'https' });
    assert.deepEqual(multiValueHeaders['x-tag'], ['a', 'b']);
    assert.partialDeepStrictEqual(requestContext, { stage: 'dev', httpMethod: 'POST', path: '/dev/users/a b/c/ü',
        domainName: 'test.execute-api.eu-central-1.amazonaws.com', resourcePath: '/users/{id}/{path+}',
        resourceId: 'POST /users/{id}/{path+}', identity: { sourceIp: '127.0.0.1', userAgent: 'test' } });
    assert.match(requestContext.requestTime, /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
});

test('a request without anything has nulls', async () => {
    const event = await eventOf('GET /x', 'GET', '/x');
    assert.deepEqual([event.body, event.isBase64Encoded, event.queryStringParameters, event.multiValueQueryStringParameters,
        event.pathParameters], [null, false, null, null, null]);
});

test('a body is text or base64 by its type, as at API Gateway', async () => {
    for (const [body, type, ...expected] of [
        ['text', undefined, 'text', false], ['{}', 'application/json; charset=utf-8', '{}', false],
        ['text', 'application/x-www-form-urlencoded', 'dGV4dA==', true], [Buffer.from('text'), undefined, 'dGV4dA==', true],
        [Buffer.from('text'), 'text/csv', 'text', false], [Buffer.from([0xff]), 'text/plain', '/w==', true]]) {
        const event = await eventOf('PUT /x', 'PUT', '/x', { body, ...(type && { headers: { 'content-type': type } }) });
        assert.deepEqual([event.body, event.isBase64Encoded], expected, `${body} as ${type}`);
    }
});

test('the path has the stage of the API, or of the application, or none', async () => {
    for (const [api, application, path] of [['prod', 'dev', '/prod/x'], [undefined, 'beta', '/beta/x'], [undefined, undefined, '/dev/x'],
        ['$default', undefined, '/x']]) {
        const app = new Nimbus({ projectName: 'shop', ...(application && { stage: application }) });
        app.API({ name: 'web', ...(api && { stage: api }) }).route('GET', '/x', (event) => text(event.path));
        assert.equal((await app.invoke('GET', '/x')).body, path);
    }
});

test('each API can be asked for itself', async () => {
    const app = new Nimbus({ projectName: 'shop' });
    const [web, admin] = ['web', 'admin'].map((name) => app.API({ name }).route('GET', '/x', () => text(name)));
    assert.deepEqual([(await web.invoke('GET', '/x')).body, (await admin.invoke('GET', '/x')).body], ['web', 'admin']);
});

test('an answer has its status, headers and body', async () => {
    const answer = await applicationWith({ 'GET /x': async () => ({
        statusCode: 201, headers: { 'X-Number': 7, 'Set-Cookie': 'a=1' }, multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
        body: Buffer.from('{"ü":1}').toString('base64'), isBase64Encoded: true }) }).invoke('GET', '/x');
    assert.deepEqual([answer.status, answer.headers.get('x-number'), answer.headers.getSetCookie(), answer.body, answer.json()],
        [201, '7', ['a=1', 'b=2'], '{"ü":1}', { ü: 1 }]);
    assert.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8');
});

test('handlers of all styles answer', async () => {
    const app = applicationWith({
        'GET /callback': (event, context, callback) => { setImmediate(() => callback(null, text('called'))); },
        'GET /succeed': (event, context) => { context.succeed(text(context.getRemainingTimeInMillis() > 0)); },
    });
    assert.equal((await app.invoke('GET', '/callback')).body, 'called');
    assert.equal((await app.invoke('GET', '/succeed')).body, 'true');
});

test('what a handler throws is a 500, is written, and is there for the test', async (context) => {
    const written = context.mock.method(console, 'error', () => {});
    const error = new RangeError('on purpose');
    const answer = await applicationWith({ 'GET /x': () => { throw error; } }).invoke('GET', '/x');
    assert.deepEqual([answer.status, answer.json(), answer.error], [500, { message: 'Internal Server Error' }, error]);
    assert.deepEqual(written.mock.calls.map(({ arguments: [what] }) => what), [error]);
});

test('an answer that is no response is a 500, and says why', async (context) => {
    const written = context.mock.method(console, 'error', () => {});
    for (const wrong of [undefined, 'text', { body: 'x' }, { statusCode: 200, body: {} }, { statusCode: 99 }]) {
        assert.equal((await applicationWith({ 'GET /x': () => wrong }).invoke('GET', '/x')).status, 500);
    }
    assert.match(written.mock.calls[1].arguments[0], /it must be an object with a statusCode, not string/);
});

test('a timer is fired at the time that the test says', async () => {
    const app = new Nimbus({ projectName: 'shop', region: 'eu-central-1' });
    app.Timer({ name: 'cleanup', schedule: 'rate(5 minutes)', handler: async (event) => [event.time, event['detail-type'], event.resources] });
    app.Timer({ name: 'broken', schedule: 'rate(5 minutes)', handler: () => { throw new RangeError('no luck'); } });
    assert.deepEqual(await app.invokeTimer('cleanup', { time: new Date('2026-11-29T10:05:00.5Z') }), [
        '2026-11-29T10:05:00Z', 'Scheduled Event', ['arn:aws:scheduler:eu-central-1:123456789012:schedule/shop-dev/cleanup']]);
    await assert.rejects(app.invokeTimer('broken'), /^RangeError: no luck$/);
    await assert.rejects(app.invokeTimer('nothing'), /^RangeError: The application declares no timer "nothing"$/);
});

test('a secret has the value that the test sets', async () => {
    const app = new Nimbus({ projectName: 'shop' });
    const key = app.Secret({ name: 'stripe-key' });
    app.overrideSecret('stripe-key', '{"key":"sk_test"}');
    assert.deepEqual([await key.value(), await key.json()], ['{"key":"sk_test"}', { key: 'sk_test' }]);
    app.overrideSecret('stripe-key', undefined);
    await assert.rejects(key.value(), { name: 'SecretNotFound' });
    assert.throws(() => app.overrideSecret('other', 'x'), /^RangeError: The application declares no secret "other"$/);
});
