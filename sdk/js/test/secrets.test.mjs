import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { application, serve } from './support.mjs';

const require = createRequire(import.meta.url);
const { signedHeaders } = require('../dist/cjs/aws/sigv4.js');
const { SecretStore } = require('../dist/cjs/secrets/secret_store.js');

const minute = 60_000;
const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:demo/dev/stripe-key-AbCdEf';

/** Secrets Manager as far as functions know it: gives these answers one after the other, then the last one again. */
class SecretsManager {
    constructor(...answers) {
        this.answers = answers;
        this.requests = [];
        this.server = createServer((request, response) => this.#handle(request, response));
    }

    async #handle(request, response) {
        let body = '';
        for await (const part of request) {
            body += part;
        }
        this.requests.push({ ...request.headers, method: request.method, url: request.url, body: JSON.parse(body) });
        const answer = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
        if (answer === 'hang up') {
            request.socket.destroy();
        } else if (typeof answer === 'string') {
            response.writeHead(200).end(JSON.stringify({ ARN: arn, SecretString: answer }));
        } else {
            const { status = 400, code, message, SecretBinary } = answer;
            response.writeHead(status).end(JSON.stringify({ __type: code, message, SecretBinary }));
        }
    }

    /** Serves an application with a secret, whose handler has this body. */
    async serve(handlerBody, events = [{}], variables = {}) {
        this.server.listen(0, '127.0.0.1');
        await once(this.server, 'listening');
        try {
            return await serve(
                application(handlerBody, `import { runtime } from '@hillock-tech/nimbus-js';\nconst read = async () => secret.value();`)
                    .replace("app.API(", "const secret = app.Secret({ name: 'stripe-key' });\napp.API("),
                events, 'get-x', {
                    AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret',
                    AWS_SESSION_TOKEN: 'token', SECRET_STRIPE_KEY_ARN: arn,
                    AWS_ENDPOINT_URL: `http://127.0.0.1:${this.server.address().port}`, ...variables,
                });
        } finally {
            this.server.close();
        }
    }
}

const respond = (expression) => `return { statusCode: 200, body: JSON.stringify(${expression}) };`;
const bodies = ({ received }) => received.map(({ body }) => JSON.parse(body.body));

test('a request is signed as AWS\'s own clients sign it', () => {
    // What botocore makes of the same request.
    const headers = signedHeaders({
        url: new URL('http://127.0.0.1:4566/'),
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' },
        body: '{"SecretId":"arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/dev/stripe-key-AbCdEf"}',
    }, 'secretsmanager', 'eu-central-1', {
        accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', sessionToken: 'session/token==',
    }, new Date('2027-01-02T03:04:05.678Z'));
    assert.equal(headers['x-amz-date'], '20270102T030405Z');
    assert.equal(headers['x-amz-security-token'], 'session/token==');
    assert.equal(headers.authorization, 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20270102/eu-central-1/secretsmanager/aws4_request, ' +
        'SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, ' +
        'Signature=20158d7c55503e80004151e6ab0d64e21ff337b31f19424d270c2df2ccf1eba7');
});

test('a function reads the value of its secret, once', async () => {
    const service = new SecretsManager('sk_live_1');
    const result = await service.serve(respond('[await secret.value(), await runtime.secrets.get("stripe-key")]'), [{}, {}]);
    assert.deepEqual(bodies(result), [['sk_live_1', 'sk_live_1'], ['sk_live_1', 'sk_live_1']]);
    assert.equal(service.requests.length, 1);
    const [request] = service.requests;
    assert.deepEqual([request.method, request.url, request['x-amz-target'], request.body],
        ['POST', '/', 'secretsmanager.GetSecretValue', { SecretId: arn }]);
    assert.equal(request['content-type'], 'application/x-amz-json-1.1');
    // The Region is the secret's own.
    assert.match(request.authorization, /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/secretsmanager\/aws4_request/);
});

test('the endpoint may be that of Secrets Manager only', async () => {
    const service = new SecretsManager('sk_live_1');
    service.server.once('listening', () => {
        variables.AWS_ENDPOINT_URL_SECRETS_MANAGER = `http://127.0.0.1:${service.server.address().port}`;
    });
    const variables = { get AWS_ENDPOINT_URL() { return 'http://127.0.0.1:1'; } };
    assert.deepEqual(bodies(await service.serve(respond('await read()'), [{}], variables)), ['sk_live_1']);
});

test('JSON is read as what it stands for, and what only looks like a number stays text', async () => {
    const service = new SecretsManager('{"host":"db"}', '12345678901234567890', '[ not JSON', '"text"');
    const read = ['get', 'get', 'get', 'getJson'].map((name) => `await runtime.secrets.${name}("stripe-key", { cache: false })`);
    assert.deepEqual(bodies(await service.serve(respond(`[${read}]`))), [[{ host: 'db' }, '12345678901234567890', '[ not JSON', 'text']]);
});

test('a value that should be JSON and is none is not quoted', async () => {
    const { received, stdout } = await new SecretsManager('sk_live_1').serve(respond('await secret.json()'));
    assert.equal(received[0].body.errorMessage, 'The value of the secret "stripe-key" is no JSON');
    assert.ok(!stdout.includes('sk_live'));
});

const failures = {
    'without a value': [[{ code: 'ResourceNotFoundException', message: 'Secrets Manager can\'t find the specified secret value for staging label: AWSCURRENT' }],
        'ResourceNotFoundException', 'The secret "stripe-key" has no value yet. Set one: nimbus secret set stripe-key'],
    'that the function may not read': [[{ code: 'AccessDeniedException', message: 'User: arn:aws:sts::1:assumed-role/r is not authorized' }],
        'AccessDeniedException', 'This function may not read the secret "stripe-key": name it in the function\'s "uses", and deploy ' +
            '(User: arn:aws:sts::1:assumed-role/r is not authorized)'],
    'that is about to be deleted': [[{ code: 'InvalidRequestException', message: 'You can\'t perform this operation on the secret because it was marked for deletion.' }],
        'InvalidRequestException', 'The secret "stripe-key" cannot be read: You can\'t perform this operation on the secret because it was marked for deletion (InvalidRequestException)'],
    'whose value is binary': [[{ status: 200, SecretBinary: '//4=' }],
        'SecretNotText', 'The value of the secret "stripe-key" is binary, and only text is read here. ' +
            'AWS\'s SDK reads it by the ARN in SECRET_STRIPE_KEY_ARN'],
    'of a service that is down': [[{ status: 503, code: 'ServiceUnavailable' }],
        'ServiceUnavailable', 'The secret "stripe-key" cannot be read now: ServiceUnavailable'],
};

for (const [what, [answers, name, message]] of Object.entries(failures)) {
    test(`the error of a secret ${what} says what to do`, async () => {
        const { received } = await new SecretsManager(...answers).serve(respond('await read()'));
        assert.deepEqual([received[0].type, received[0].body.errorMessage], [name, message]);
    });
}

test('the error of a secret that the function does not have says how it gets it', async () => {
    const { received } = await new SecretsManager('x').serve(respond('await runtime.secrets.getString("other-key")'));
    assert.equal(received[0].body.errorMessage, 'This function has no secret "other-key": declare it with app.Secret({ name: "other-key" }), ' +
        'name it in the function\'s "uses" if it has them, and deploy');
});

test('what passes is tried again, and what does not is not', async () => {
    const passing = new SecretsManager('hang up', { code: 'ThrottlingException', message: 'Rate exceeded' }, 'sk_live_1');
    assert.deepEqual(bodies(await passing.serve(respond('await read()'))), ['sk_live_1']);
    assert.equal(passing.requests.length, 3);
    const lasting = new SecretsManager({ code: 'AccessDeniedException', message: 'no' }, 'sk_live_1');
    assert.equal((await lasting.serve(respond('await read()'))).received[0].type, 'AccessDeniedException');
    assert.equal(lasting.requests.length, 1);
});

test('functions cannot set secrets, and what is not there yet says so when it is called', async () => {
    const { received } = await new SecretsManager('x').serve(
        'const { parameters } = runtime; return event.body ? runtime.secrets.set("stripe-key", "new") : parameters.get("/a");',
        [{ body: 'set' }, {}]);
    assert.deepEqual(received.map(({ body }) => body.errorMessage), [
        'Functions cannot set secrets. Set it from the command line: nimbus secret set stripe-key',
        'runtime.parameters.get is not available in Nimbus yet',
    ]);
});

test('a function that reads no secret loads nothing for it', async () => {
    const loaded = '(process as any).moduleLoadList.filter((name: string) => /NativeModule (https|crypto|http)$/.test(name))';
    const { received } = await new SecretsManager('x').serve(respond(loaded));
    assert.deepEqual(JSON.parse(received[0].body.body), []);
});

/** A store whose answers and whose time are the test's. */
function storeAt(start = 1_000_000) {
    const state = { now: start, questions: [] };
    state.store = new SecretStore((name) => new Promise((resolve, reject) => {
        state.questions.push({ name, resolve, reject });
    }), () => state.now);
    /** Answers the question that is open, and gives those who wait their turn. */
    state.answer = async (value) => {
        const { resolve, reject } = state.questions.shift();
        value instanceof Error ? reject(value) : resolve(value);
        await new Promise((next) => setImmediate(next));
    };
    state.read = async (value, options) => {
        const [reading] = await Promise.allSettled([state.store.read('a', options), state.answer(value)]);
        if (reading.status === 'rejected') {
            throw reading.reason;
        }
        return reading.value;
    };
    return state;
}

test('those who ask at the same time share one request', async () => {
    const state = storeAt();
    const readings = [state.store.read('a'), state.store.read('a'), state.store.read('b')];
    assert.deepEqual(state.questions.map(({ name }) => name), ['a', 'b']);
    await state.answer('1');
    await state.answer('2');
    assert.deepEqual(await Promise.all(readings), ['1', '1', '2']);
});

test('a value is good for 5 minutes, then renewed behind the caller\'s back', async () => {
    const state = storeAt();
    await state.read('old');
    state.now += 5 * minute - 1;
    assert.equal(await state.store.read('a'), 'old');
    assert.equal(state.questions.length, 0);
    state.now += 1;
    assert.deepEqual(await Promise.all([state.store.read('a'), state.store.read('a')]), ['old', 'old']);
    assert.equal(state.questions.length, 1);
    await state.answer('new');
    assert.equal(await state.store.read('a'), 'new');
});

test('a value older than that by more than a minute is given to nobody', async () => {
    const state = storeAt();
    await state.read('old');
    state.now += 6 * minute;
    assert.equal(await state.read('new'), 'new');
});

test('a renewal that was frozen with its instance is not what callers wait for', async () => {
    const state = storeAt();
    await state.read('old');
    state.now += 5 * minute;
    assert.equal(await state.store.read('a'), 'old'); // asks, and the instance is frozen
    state.now += 60 * minute;
    const reading = state.store.read('a');
    await state.answer('an hour old');
    await state.answer('new');
    assert.equal(await reading, 'new');
    assert.equal(await state.store.read('a'), 'new');
});

test('callers choose how old a value may be, and may ask in any case', async () => {
    const state = storeAt();
    await state.read('1');
    state.now += 2_000;
    assert.equal(await state.store.read('a', { ttl: 3_000 }), '1');
    assert.equal(await state.read('2', { ttl: 1_000 }), '2');
    assert.equal(await state.read('3', { cache: false }), '3');
    assert.equal(await state.store.read('a'), '3');
    assert.equal(await state.read('4', { ttl: 0 }), '4');
    await assert.rejects(state.store.read('a', { ttl: 'soon' }), /^RangeError: "ttl" must be a number of milliseconds, not "soon"$/);
});

test('a renewal that fails leaves the old value, is logged, and is not tried with every call', async (context) => {
    const warn = context.mock.method(console, 'warn', () => {});
    const state = storeAt();
    await state.read('old');
    state.now += 5 * minute;
    await state.store.read('a');
    await state.answer(new Error('it is down'));
    assert.deepEqual(warn.mock.calls.map((call) => call.arguments), [['The secret "a" was not renewed: it is down']]);
    assert.equal(await state.store.read('a'), 'old');
    assert.equal(state.questions.length, 0);
    state.now += 5_000;
    assert.equal(await state.store.read('a'), 'old');
    assert.equal(state.questions.length, 1);
});

test('a failed read is not remembered, and what is cleared is forgotten', async () => {
    const state = storeAt();
    await assert.rejects(state.read(new Error('down')), /down/);
    assert.equal(await state.read('1'), '1');
    state.store.clear();
    assert.equal(await state.read('2'), '2');
});
