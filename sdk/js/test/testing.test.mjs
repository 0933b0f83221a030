import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const { NoTestDatabase, newSchema, rolledBack, schemaPerTest } = createRequire(import.meta.url)('../dist/cjs/testing/index.js');

/** `nimbus test`, as far as tests know it. */
class TestCommand {
    made = 0;
    removed = [];
    server = createServer((request, response) => {
        const answer = (status, document) => response.writeHead(status).end(document && JSON.stringify(document));
        if (request.headers.authorization !== 'Bearer secret') {
            answer(401, { message: 'The token is another one' });
        } else if (request.method === 'POST' && request.url === '/schemas') {
            const name = `schema_${++this.made}`;
            answer(201, { name, variables: { SQL_MAIN_DB_SCHEMA: name, SQL_MAIN_DB_DB_ROLE: 'tester' } });
        } else {
            this.removed.push(request.url);
            answer(204);
        }
    });
}

/** A test under `nimbus test`, whose variables lead to a schema `common`. */
function testUnderCommand(name, body) {
    test(name, async () => {
        const command = new TestCommand();
        command.server.listen(0, '127.0.0.1');
        await once(command.server, 'listening');
        process.env.NIMBUS_TEST_ENDPOINT = `http://127.0.0.1:${command.server.address().port}`;
        process.env.NIMBUS_TEST_TOKEN = 'secret';
        process.env.SQL_MAIN_DB_SCHEMA = 'common';
        try {
            await body(command);
        } finally {
            for (const variable of ['NIMBUS_TEST_ENDPOINT', 'NIMBUS_TEST_TOKEN', 'SQL_MAIN_DB_SCHEMA']) {
                delete process.env[variable];
            }
            command.server.close();
            command.server.closeAllConnections();
        }
    });
}

testUnderCommand('the variables lead to a new schema until it is removed', async (command) => {
    const schema = await newSchema();
    assert.deepEqual([schema.name, process.env.SQL_MAIN_DB_SCHEMA, process.env.SQL_MAIN_DB_DB_ROLE], ['schema_1', 'schema_1', 'tester']);
    await schema.remove();
    assert.deepEqual([process.env.SQL_MAIN_DB_SCHEMA, process.env.SQL_MAIN_DB_DB_ROLE], ['common', undefined]);
    assert.deepEqual(command.removed, ['/schemas/schema_1']);
});

testUnderCommand('each test has a schema of its own', async (command) => {
    const hooks = {};
    schemaPerTest({ beforeEach: (act) => { hooks.before = act; }, afterEach: (act) => { hooks.after = act; } });
    for (const expected of ['schema_1', 'schema_2']) {
        await hooks.before();
        assert.equal(process.env.SQL_MAIN_DB_SCHEMA, expected);
        await hooks.after();
    }
    assert.deepEqual(command.removed, ['/schemas/schema_1', '/schemas/schema_2']);
    await hooks.after(); // of a test whose beforeEach failed
});

testUnderCommand('what the command says is in the error', async (command) => {
    process.env.NIMBUS_TEST_TOKEN = 'other';
    await assert.rejects(newSchema(), { name: 'NoTestDatabase', message: '"nimbus test" answered POST /schemas with 401: The token is another one' });
    command.server.closeAllConnections();
    await new Promise((closed) => command.server.close(closed));
    await assert.rejects(newSchema(), { name: 'NoTestDatabase', message: /^"nimbus test" does not answer at http:\/\/127\.0\.0\.1:\d+: has it ended\?$/ });
});

test('outside of the command, the error names it', async () => {
    await assert.rejects(newSchema(), (error) => error instanceof NoTestDatabase
        && error.message === 'There is no database for this test: run your tests with "nimbus test -- npm test"');
});

test('what was rolled back has failed for the database, and not for the test', async () => {
    const seen = [];
    const database = {
        async transaction(work, options) {
            try {
                await work('tx');
                seen.push('committed');
            } catch (error) {
                seen.push('rolled back', options);
                throw error;
            }
        },
    };
    await rolledBack(database, async (tx) => { seen.push(tx); });
    assert.deepEqual(seen, ['tx', 'rolled back', { maxAttempts: 1 }]);
    await assert.rejects(rolledBack(database, async () => { throw new RangeError('mine'); }), /^RangeError: mine$/);
});
