import assert from 'node:assert/strict';
import { test } from 'node:test';
import { application, serve } from './support.mjs';

const answer = (value) => `return { statusCode: 200, body: ${value} };`;

test('events are answered one after the other, and the module keeps its state', async () => {
    const { received } = await serve(application(answer('`${event.path} ${++count} ${context.awsRequestId}`'), 'let count = 0;'),
        [{ path: 'ä' }, { path: 'b'.repeat(100_000) }]);
    assert.deepEqual(received.map(({ path }) => path), ['invocation/request-1/response', 'invocation/request-2/response']);
    assert.deepEqual(received[0].body, { statusCode: 200, body: 'ä 1 request-1' });
    assert.equal(received[1].body.body, `${'b'.repeat(100_000)} 2 request-2`);
});

const scheduled = {
    version: '0', id: '17793124-05d4-b198-2fde-7ededc63b103', 'detail-type': 'Scheduled Event', source: 'aws.scheduler',
    account: '000000000000', time: '2027-01-02T03:00:00Z', region: 'us-east-1',
    resources: ['arn:aws:scheduler:us-east-1:000000000000:schedule/demo-dev/cleanup'], detail: {},
};

const allKinds = `import Nimbus from '@hillock-tech/nimbus-js';
const app = new Nimbus({ projectName: 'demo', region: 'us-east-1' });
app.API({ name: 'demo-api' }).route('GET', '/x', (event) => event.body as any);
app.Timer({ name: 'cleanup', schedule: 'rate(5 minutes)', handler: (event) => event.resources.length ? event.time : event });
app.Timer({ name: 'odd', schedule: 'rate(5 minutes)', handler: () => 1n });
app.Function({ name: 'plain', handler: async (event, context) => [event, context.awsRequestId] });
export default app;`;

test('timers and functions by themselves are served like routes', async () => {
    const timer = await serve(allKinds, [scheduled], 'index.cleanup');
    assert.deepEqual(timer.received.map(({ path, body }) => [path, body]), [['invocation/request-1/response', scheduled.time]]);
    const plain = await serve(allKinds, ['anything', null], 'plain');
    assert.deepEqual(plain.received.map(({ body }) => body), [['anything', 'request-1'], [null, 'request-2']]);
});

test('a program written for nimbus-js runs unchanged', async () => {
    const { received } = await serve(`import { Nimbus, type LambdaHandler, type HttpMethod } from '@hillock-tech/nimbus-js';
const nimbus = new Nimbus({ projectName: 'my-app', region: 'us-east-1', stage: process.env.STAGE || 'dev' });
nimbus.SQL({ name: 'main-db' });
const method: HttpMethod = 'GET';
const handler: LambdaHandler = async (event) => {
    const { runtime } = await import('@hillock-tech/nimbus-js');
    const { size } = runtime.parseJson(event.body, { size: 1 });
    return { statusCode: 200, body: JSON.stringify([event.pathParameters?.id, size,
        runtime.env('LEVEL', 'info'), runtime.requireEnv('AWS_LAMBDA_FUNCTION_NAME')]) };
};
nimbus.api({ name: 'my-api', description: 'Mine', stage: 'v1' })
    .route(method, '/users/:id', handler, { cors: false, timeout: 10, memorySize: 512, environment: { A: 'b' },
        permissions: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }] });
export default nimbus;`, [{ pathParameters: { id: '7' }, body: '{"size":2}' }, { body: 'none' }], 'get-users-id');
    assert.deepEqual(received.map(({ body }) => JSON.parse(body.body)), [
        ['7', 2, 'info', 'demo-get-x'], [null, 1, 'info', 'demo-get-x']]);
});

test('an answer is judged by what sent the event', async () => {
    const request = { httpMethod: 'GET', requestContext: {}, body: 'no response' };
    const { received, lines } = await serve(allKinds, [request, { body: 'no request either' }]);
    assert.deepEqual(received.map(({ body }) => body), ['no response', 'no request either']);
    const complaints = lines.filter((line) => line.includes('is no response'));
    assert.equal(complaints.length, 1);
    assert.match(complaints[0], /\trequest-1\tERROR\t.* it must be an object with a statusCode, not string$/);
});

test('a timer whose result is no JSON is not called again for that', async () => {
    const { received, lines } = await serve(allKinds, [scheduled], 'odd');
    assert.deepEqual([received[0].path, received[0].body], ['invocation/request-1/response', null]);
    assert.ok(lines.some((line) => line.includes('WARN\tWhat the handler returned is no JSON')));
});

test('handlers need not be async, and _HANDLER may have the form that Lambda knows', async () => {
    const source = `import { Nimbus } from '@hillock-tech/nimbus-js';
        const app = new Nimbus({ projectName: 'demo', region: 'us-east-1' });
        app.API({ name: 'demo-api' }).route('GET', '/x', () => ({ statusCode: 204 }));
        export default app;`;
    const { received } = await serve(source, [{}], 'index.get-x');
    assert.deepEqual(received[0].body, { statusCode: 204 });
});

test('handlers may give their answers to a callback or to the context, in Lambda\'s older styles', async () => {
    for (const [style, body] of Object.entries({
        callback: 'callback(null, { statusCode: 200, body: event.n });',
        'a callback that is called later': 'setTimeout(() => callback(null, { statusCode: 200, body: event.n }), 5);',
        'a callback that need not wait': `context.callbackWaitsForEmptyEventLoop = false; setInterval(() => {}, 1000);
            callback(null, { statusCode: 200, body: event.n });`,
        succeed: 'setInterval(() => {}, 1000); context.succeed({ statusCode: 200, body: event.n });',
        done: 'context.done(null, { statusCode: 200, body: event.n });',
    })) {
        const { received } = await serve(styled(body), [{ n: '1' }, { n: '2' }]);
        assert.deepEqual(received.map((each) => each.body), [
            { statusCode: 200, body: '1' }, { statusCode: 200, body: '2' }], style);
    }
});

test('errors are given to a callback or to the context in the same ways', async () => {
    for (const body of ["callback(new TypeError('no'));", "context.fail(new TypeError('no'));", "context.done(new TypeError('no'));"]) {
        const { received } = await serve(styled(body), [{}]);
        assert.equal(received[0].type, 'TypeError', body);
        assert.equal(received[0].body.errorMessage, 'no', body);
    }
});

test('a handler that never calls its callback is answered for when nothing is left to run', async () => {
    const { received } = await serve(styled('setTimeout(() => {}, 5);'), [{}, {}]);
    assert.deepEqual(received.map((each) => each.body), [null, null]);
});

/** An application whose handler takes a callback, and returns nothing. */
function styled(body) {
    return application('return { statusCode: 200 };').replace(/async \(event, context\) => \{[^]*?\n\}/,
        `(event: any, context: any, callback: any) => { ${body} }`);
}

test('applications may be CommonJS', async () => {
    const source = `const { Nimbus } = require('@hillock-tech/nimbus-js');
        const app = new Nimbus({ projectName: 'demo', region: 'us-east-1' });
        app.API({ name: 'demo-api' }).route('GET', '/x', () => ({ statusCode: 204 }));
        module.exports = app;`;
    assert.deepEqual((await serve(source, [{}])).received[0].body, { statusCode: 204 });
});

test('the context tells what Lambda says', async () => {
    const { received } = await serve(application(answer(
        'JSON.stringify([context.functionName, context.getRemainingTimeInMillis() > 2000, process.env._X_AMZN_TRACE_ID])')), [{}]);
    assert.deepEqual(JSON.parse(received[0].body.body), ['demo-get-x', true, 'Root=1-1']);
});

test('the console writes time, request, level and message in one line', async () => {
    const { lines } = await serve(application(
        `console.log('two\\nlines', { a: 1 }); console.error('bad'); console.debug('d'); ${answer('""')}`, 'console.warn("early");'), [{}]);
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
    const fields = lines.filter((line) => line.includes('\t')).map((line) => line.split('\t'));
    assert.ok(fields.every(([first]) => time.test(first)));
    assert.deepEqual(fields.map(([, ...rest]) => rest), [
        ['undefined', 'WARN', 'early'],
        ['request-1', 'INFO', 'two\rlines { a: 1 }'],
        ['request-1', 'ERROR', 'bad'],
        ['request-1', 'DEBUG', 'd'],
    ]);
});

test('what a handler throws is reported and logged with the line in the source', async () => {
    const { received, lines } = await serve(application(
        `const value: string | undefined = event.body;\n    throw Object.assign(new TypeError('no ' + value), { code: 'E1' });`),
    [{ body: 'x' }, { body: 'y' }]);
    assert.equal(received[0].path, 'invocation/request-1/error');
    assert.equal(received[0].type, 'TypeError');
    assert.equal(received[0].body.errorMessage, 'no x');
    assert.match(received[0].body.trace[1], / at .*index\.ts:6:\d+/);
    assert.equal(received[1].path, 'invocation/request-2/error');
    const logged = lines.find((line) => line.includes('Invoke Error'));
    const document = JSON.parse(logged.split('Invoke Error \t')[1]);
    assert.deepEqual([document.errorType, document.errorMessage, document.code], ['TypeError', 'no x', 'E1']);
    assert.match(document.stack[1], /index\.ts:6:/);
});

test('anything can be thrown', async () => {
    const { received } = await serve(application('throw event.body;'), [{ body: 'text' }, {}]);
    assert.deepEqual(received.map(({ body }) => [body.errorType, body.errorMessage]), [['string', 'text'], ['undefined', 'undefined']]);
});

test('an answer that is no JSON is an error, and the next one is not', async () => {
    const { received } = await serve(application(
        'const self: any = {}; self.self = event.body ? self : 1; return self;'), [{ body: 'x' }, {}]);
    assert.deepEqual(received.map(({ path }) => path), ['invocation/request-1/error', 'invocation/request-2/response']);
    assert.deepEqual(received[1].body, { self: 1 });
});

test('a rejection that nobody handles fails its own request and ends the process', async () => {
    const { received, code, lines } = await serve(application(`Promise.reject(new Error('lost')); ${answer('""')}`), [{}, {}]);
    assert.equal(code, 128);
    assert.equal(received.length, 1);
    assert.equal(received[0].path, 'invocation/request-1/error');
    assert.equal(received[0].type, 'Runtime.UnhandledPromiseRejection');
    assert.equal(received[0].body.errorMessage, 'Error: lost');
    assert.ok(lines.some((line) => line.includes('request-1\tERROR\tUnhandled Promise Rejection')));
});

test('so does an exception in a callback', async () => {
    const { received, code } = await serve(application(
        'setTimeout(() => { throw new Error("late") }, 1); await new Promise(() => setTimeout(() => {}, 5000));'), [{}]);
    assert.equal(code, 129);
    assert.deepEqual([received[0].path, received[0].body.errorMessage], ['invocation/request-1/error', 'late']);
});

test('a handler that leaves leaves', async () => {
    const { received, code } = await serve(application('process.exit(3);'), [{}]);
    assert.equal(code, 3);
    assert.deepEqual(received, []);
});

test('a handler that waits for nothing is answered for at once', async () => {
    const { received, code } = await serve(application('await new Promise(() => {}); return { statusCode: 200 };'), [{}]);
    assert.equal(code, 13);
    assert.equal(received[0].type, 'Runtime.NodeJsExit');
});

test('what goes wrong while the module is loaded is reported as such', async () => {
    const failing = await serve(application(answer('""'), 'const nothing: any = undefined;\nnothing.at.all;'), [{}]);
    assert.equal(failing.received[0].path, 'init/error');
    assert.match(failing.received[0].body.trace[1], /index\.ts:3:/);
    assert.equal(failing.code, 1);
    const missing = await serve(application(answer('""')), [{}], 'get-y');
    assert.equal(missing.received[0].type, 'Runtime.HandlerNotFound');
});
