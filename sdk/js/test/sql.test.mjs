import assert from 'node:assert/strict';
import { channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Project, application, describe } from './support.mjs';

const require = createRequire(import.meta.url);
const pg = require('pg');
const { connectToken } = require('../dist/cjs/aws/sigv4.js');

/** A server of databases, with whom the author's pg speaks: its pool is the real one. */
class Server {
    /** All that was asked, as `connection: statement`. */
    asked = [];
    connections = [];
    /** What a connection attempt ends with, in order; then all succeed. */
    refusals = [];

    /** `answer(text, parameters)` gives the rows, a whole result, or an error. */
    constructor(answer = () => []) {
        this.answer = answer;
    }

    get statements() {
        return this.asked.map((each) => each.replace(/^\d+: /, ''));
    }

    connect(client) {
        const refusal = this.refusals.shift();
        if (!refusal) {
            client.number = this.connections.push(client);
        }
        return refusal ?? null;
    }

    async run(client, text, parameters) {
        this.asked.push(`${client.number}: ${text}`);
        await new Promise((resolve) => setImmediate(resolve));
        const answer = client.isLost ? new Error('Connection terminated unexpectedly') : this.answer(text, parameters);
        if (client.isLost) {
            client.emit('error', answer);
        }
        if (answer instanceof Error) {
            throw answer;
        }
        const command = text.split(' ')[0];
        return Array.isArray(answer) ? { command, rows: answer, rowCount: answer.length } : { command, rows: [], rowCount: null, ...answer };
    }
}

let server;

class FakeClient extends EventEmitter {
    _queryable = true;
    _ending = false;

    constructor(config) {
        super();
        this.config = config;
    }

    connect(callback) {
        setImmediate(() => callback(server.connect(this)));
    }

    query(config, parameters, callback) {
        const result = server.run(this, config.text ?? config, parameters);
        return callback ? void result.then((rows) => callback(null, rows), callback) : result;
    }

    end(callback) {
        this.ended = true;
        setImmediate(() => callback?.());
    }

    ref() {}
    unref() {}
}

require.cache[require.resolve('pg')].exports = { Pool: pg.Pool, Client: FakeClient };
const { Nimbus } = require('../dist/cjs/index.js');
const { makePool } = require('../dist/cjs/sql/pool.js');
const { pgOptions, postgresJsOptions, settingsChanged } = require('../dist/cjs/sql/settings.js');

const variables = {
    SQL_MAIN_DB_ENDPOINT: 'abcdefghijklmnopqrstuvwxyz.dsql.eu-central-1.on.aws', SQL_MAIN_DB_SCHEMA: 'shop',
    SQL_MAIN_DB_DB_ROLE: 'lambda_shop', AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

/** A test of a database at a server with these answers. */
function databaseTest(name, answer, body) {
    test(name, async (context) => {
        Object.assign(process.env, variables);
        server = new Server(answer);
        try {
            await body(new Nimbus({ projectName: 'shop' }).SQL({ name: 'main-db' }), context);
        } finally {
            for (const variable of [...Object.keys(variables), 'NIMBUS_MANIFEST_OUT']) {
                delete process.env[variable];
            }
        }
    });
}

const refusal = (code, message = 'no', more = {}) =>
    Object.assign(new Error(message), { severity: 'ERROR', code, ...more });

/** Answers with `answers`, one after the other, to all but what begins and ends transactions. */
function inOrder(...answers) {
    return (text) => (/^(BEGIN|COMMIT|ROLLBACK|SELECT 1)$/.test(text) ? { command: text } : answers.shift() ?? []);
}

test('a token is made as AWS\'s own clients make it', () => {
    const token = (session, seconds) => connectToken('abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws', 'us-east-1', {
        accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', sessionToken: session,
    }, new Date('2026-10-01T12:00:00Z'), seconds);
    // What botocore makes of the same.
    assert.equal(token(undefined, 900), 'abcdefghijklmnopqrstuvwxyz.dsql.us-east-1.on.aws/?Action=DbConnect&' +
        'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20261001%2Fus-east-1%2Fdsql%2Faws4_request&' +
        'X-Amz-Date=20261001T120000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&' +
        'X-Amz-Signature=6dc6b6fbe346432784db81c39d39cccd062feec33de3fe86eeee47f09b84177c');
    assert.match(token('IQoJb3JpZ2luX2VjEXAMPLE+/token==', 3600),
        /&X-Amz-Signature=6b27d23cf7df8226b065945bf241abef44b32fbe3f7af9f23c15f8dddb0f0561$/);
});

databaseTest('a connection has a token, verified TLS and the search path', undefined, async (db) => {
    await db.query('SELECT 2');
    const { password, ...config } = server.connections[0].config;
    assert.partialDeepStrictEqual(config, {
        host: variables.SQL_MAIN_DB_ENDPOINT, port: 5432, database: 'postgres', user: 'lambda_shop',
        ssl: { rejectUnauthorized: true }, options: '-c search_path="shop"',
    });
    // The Region is the cluster's own.
    assert.match(await password(), /^abc.*\.on\.aws\/\?Action=DbConnect&.*%2Feu-central-1%2Fdsql%2Faws4_request&/);
});

databaseTest('rows come as a list, as the only one, as none, as a value and as a count',
    inOrder([{ id: 1 }, { id: 2 }], [{ id: 1 }], [], [{ count: '7', more: 1 }], { command: 'UPDATE', rowCount: 3 }, [{}]),
    async (db) => {
        assert.deepEqual(await db.query('SELECT all'), [{ id: 1 }, { id: 2 }]);
        assert.deepEqual(await db.queryOne('SELECT one'), { id: 1 });
        assert.equal(await db.queryOptional('SELECT none'), undefined);
        assert.equal(await db.queryValue('SELECT value'), '7');
        assert.equal(await db.execute('UPDATE'), 3);
        assert.equal(await db.execute('SELECT'), 0);
        assert.equal(server.connections.length, 1);
    });

databaseTest('a row too many or too few is an error', inOrder([{}, {}], []), async (db) => {
    await assert.rejects(db.queryOne('SELECT'), { name: 'SqlError', message: 'queryOne: the statement returned 2 rows instead of one' });
    await assert.rejects(db.queryValue('SELECT'), { message: 'queryValue: the statement returned no row' });
});

databaseTest('a transaction commits, and others wait for it', undefined, async (db) => {
    const [given] = await Promise.all([
        db.transaction(async (tx) => {
            await tx.execute('INSERT');
            await tx.query('SELECT inside');
            return 'given';
        }),
        db.query('SELECT outside'),
    ]);
    assert.equal(given, 'given');
    assert.deepEqual(server.asked, ['1: BEGIN', '1: INSERT', '1: SELECT inside', '1: COMMIT', '1: SELECT outside']);
});

databaseTest('what the function throws rolls back and is thrown', undefined, async (db) => {
    const error = new RangeError('mine');
    const { stack } = error;
    await assert.rejects(db.transaction(async () => { throw error; }), (thrown) => thrown === error && thrown.stack === stack);
    assert.deepEqual(server.statements, ['BEGIN', 'ROLLBACK']);
});

databaseTest('a conflict runs the transaction again, which knows the number of its attempt',
    inOrder([], refusal('40001', 'change conflicts with another transaction (OC000)'),
        [], refusal('40001', 'schema has been updated by another transaction (OC001)')), async (db) => {
        const attempts = [];
        await db.transaction(async (tx) => {
            attempts.push(tx.attempt);
            await tx.query('SELECT');
            await tx.query('UPDATE');
        }, { baseDelay: 1 });
        assert.deepEqual(attempts, [1, 2, 3]);
        assert.deepEqual(server.statements.filter((each) => each === 'ROLLBACK').length, 2);
        assert.equal(server.connections.length, 1);
    });

databaseTest('a conflict at COMMIT counts, too, and the last attempt\'s is thrown',
    (text) => (text === 'COMMIT' ? refusal('40001') : { command: text }), async (db) => {
        await assert.rejects(db.transaction(async () => {}, { maxAttempts: 4, baseDelay: 1 }), { code: '40001' });
        assert.equal(server.statements.filter((each) => each === 'BEGIN').length, 4);
    });

databaseTest('the waits between attempts grow, up to a limit, and are random', () => refusal('40001'), async (db, context) => {
    const waits = [];
    const { setTimeout } = globalThis;
    context.mock.method(globalThis, 'setTimeout', (act, milliseconds, ...more) => {
        waits.push(milliseconds);
        return setTimeout(act, 0, ...more);
    });
    context.mock.method(Math, 'random', () => 0.5);
    await assert.rejects(db.transaction(async () => {}, { maxAttempts: 5, baseDelay: 10, maxDelay: 30 }));
    assert.deepEqual(waits, [15, 30, 45, 45]);
});

databaseTest('a statement by itself is sent again on a conflict, and not on another error',
    inOrder(refusal('40001'), [{ id: 1 }], refusal('23505')), async (db) => {
        assert.deepEqual(await db.query('UPDATE'), [{ id: 1 }]);
        await assert.rejects(db.query('INSERT'), { code: '23505' });
        assert.deepEqual(server.asked, ['1: UPDATE', '1: UPDATE', '1: INSERT']);
    });

databaseTest('the database is not used inside its own transaction, and a transaction not after its end', undefined, async (db) => {
    let kept, end, later;
    await db.transaction(async (tx) => {
        kept = tx;
        later = new Promise((resolve) => { end = resolve; }).then(() => db.query('SELECT later'));
        await assert.rejects(db.query('SELECT'), { name: 'SqlError', message: /main-db: the database is used inside its own transaction/ });
        await assert.rejects(db.transaction(async () => {}), { message: /a transaction is begun inside a transaction/ });
    });
    await assert.rejects(kept.query('SELECT'), { message: 'main-db: the transaction is over' });
    await db.query('SELECT after');
    end();
    await later;
});

databaseTest('a failure that the function keeps to itself is no success',
    (text) => (text === 'COMMIT' ? { command: 'ROLLBACK' } : text === 'BAD' ? refusal('42601') : { command: text }), async (db) => {
        await assert.rejects(db.transaction((tx) => tx.query('BAD').catch(() => 'fine')), {
            name: 'SqlError', code: '25P02', message: /nothing was committed: a statement of the transaction failed/ });
    });

databaseTest('a statement that begins or ends a transaction is refused before it is sent', undefined, async (db) => {
    for (const text of ['BEGIN', 'start transaction', 'COMMIT', 'END', 'ROLLBACK', 'ROLLBACK AND CHAIN', 'abort',
        'PREPARE TRANSACTION \'a\'', '-- now\n/* a /* b */ */ commit', ';;COMMIT', 'INSERT; COMMIT', 'SELECT \'a\'\';\'; commit work',
        'SELECT E\'\\\'\'; COMMIT', 'SELECT $x$ \' $x$; COMMIT', 'BEGIN; INSERT; COMMIT',
        'CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END; COMMIT']) {
        const refusal = { name: 'SqlError', message: /^main-db: the statement [A-Z]+ would begin or end a transaction, .* db\.transaction/ };
        await assert.rejects(db.query(text), refusal, text);
        await assert.rejects(db.transaction((tx) => tx.query(text)), refusal, text);
    }
    assert.deepEqual(new Set(server.statements), new Set(['BEGIN', 'ROLLBACK']));
});

databaseTest('a statement that only looks like the end of a transaction is sent', undefined, async (db) => {
    const texts = ['SELECT 1 AS commit', 'SELECT \';COMMIT\'', 'SELECT $$;COMMIT$$ -- ;COMMIT', 'SELECT 1 /* ; COMMIT */', 'SELECT "a;COMMIT"',
        'ROLLBACK TO a', 'ROLLBACK WORK TO SAVEPOINT a', 'PREPARE a AS SELECT 1', 'SELECT E\'\\\';COMMIT\'', 'SELECT 1; SELECT 2 AS end',
        'CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN t.end THEN 1 END; SELECT 2; END'];
    await db.transaction(async (tx) => {
        for (const text of texts) {
            await tx.query(text);
        }
    });
    assert.deepEqual(server.statements, ['BEGIN', ...texts, 'COMMIT']);
});

databaseTest('options without effect are refused, by name', undefined, async (db) => {
    const wanted = 'a whole number from 1 on: the first attempt counts';
    for (const [options, message] of [
        [{ maxAttempts: 0 }, `main-db: the option maxAttempts of db.transaction(…) is 0, and must be ${wanted}`],
        [{ maxAttempts: NaN }, `main-db: the option maxAttempts of db.transaction(…) is NaN, and must be ${wanted}`],
        [{ maxAttempts: '3' }, /maxAttempts/], [{ maxAttempts: 1.5 }, /maxAttempts/], [{ baseDelay: -1 }, /baseDelay .* is -1, and must be milliseconds/],
        [{ maxDelay: NaN }, /maxDelay/],
        [{ maxAttempt: 3 }, 'main-db: db.transaction(…) has no option maxAttempt: it has maxAttempts, baseDelay, maxDelay']]) {
        await assert.rejects(db.transaction(async () => assert.fail('it ran'), options), { name: 'SqlError', message });
    }
    await db.transaction(async () => {}, { maxAttempts: undefined, baseDelay: 0, maxDelay: 0.5 });
    assert.throws(() => db.pool({ host: 'a', max: 2, connectionString: 'b' }), {
        name: 'SqlError', message: /^db\.pool\(…\) of the database main-db takes no host, no connectionString: / });
    const pool = db.pool({ max: 2, host: undefined, application_name: 'mine' });
    await pool.query('SELECT');
    assert.deepEqual([pool.options.max, server.connections.at(-1).config.application_name], [2, 'mine']);
    assert.throws(() => db.options('pg'), { name: 'SqlError', message: /db\.options\("pg"\)/ });
});

databaseTest('a transaction on a lost connection begins on another one', undefined, async (db) => {
    await db.query('SELECT');
    server.connections[0].isLost = true;
    await db.transaction((tx) => tx.query('INSERT'));
    assert.deepEqual(server.asked.slice(1), ['1: BEGIN', '2: BEGIN', '2: INSERT', '2: COMMIT']);
});

databaseTest('a connection that ends while nobody uses it is replaced', undefined, async (db) => {
    await db.query('SELECT');
    server.connections[0].emit('error', new Error('Connection terminated unexpectedly'));
    await db.query('SELECT');
    assert.deepEqual(server.asked, ['1: SELECT', '2: SELECT']);
});

databaseTest('a connection lost in a statement is told, and the next statement has another one', undefined, async (db) => {
    await db.query('SELECT');
    server.connections[0].isLost = true;
    await assert.rejects(db.query('INSERT'), { name: 'SqlError', message:
        'The connection to the database main-db was lost while a statement ran, and whether the statement was done ' +
        'is not known: Connection terminated unexpectedly' });
    await db.query('SELECT');
    assert.deepEqual(server.asked, ['1: SELECT', '1: INSERT', '2: SELECT']);
});

databaseTest('what no server was asked is no lost connection', (text, parameters) => {
    if (parameters?.[0] === 5n) {
        return new TypeError('Do not know how to serialize a BigInt');
    }
    return [];
}, async (db) => {
    const parameters = { name: 'SqlError', message: 'main-db: the parameters of a statement must be an array, as in [value]' };
    const statement = { name: 'SqlError', message: 'main-db: the statement must be a string, not undefined' };
    await assert.rejects(db.query('SELECT $1::int', 5), parameters);
    await assert.rejects(db.query(undefined), statement);
    await assert.rejects(db.transaction((tx) => tx.query('SELECT $1::int', 5)), parameters);
    await assert.rejects(db.transaction((tx) => tx.query(undefined)), statement);
    assert.deepEqual(server.statements, ['BEGIN', 'ROLLBACK', 'BEGIN', 'ROLLBACK']);
    await assert.rejects(db.query('SELECT $1', [5n]), { name: 'SqlError', message:
        'main-db: a parameter of the statement cannot be sent: Do not know how to serialize a BigInt' });
});

databaseTest('a connection that was idle for long is asked whether it lives', undefined, async (db, context) => {
    context.mock.timers.enable({ apis: ['Date'] });
    await db.query('SELECT first');
    context.mock.timers.tick(9_000);
    await db.query('SELECT second');
    context.mock.timers.tick(11_000);
    await db.query('SELECT third');
    server.connections[0].isLost = true;
    context.mock.timers.tick(11_000);
    await db.query('SELECT fourth');
    assert.deepEqual(server.asked, ['1: SELECT first', '1: SELECT second', '1: SELECT 1', '1: SELECT third', '1: SELECT 1',
        '2: SELECT fourth']);
});

databaseTest('a connection is left before the hour that DSQL gives it', undefined, async (db, context) => {
    context.mock.timers.enable({ apis: ['Date'] });
    for (const minutes of [0, 50, 5]) {
        context.mock.timers.tick(minutes * 60_000);
        await db.query('SELECT');
    }
    assert.deepEqual(server.asked, ['1: SELECT', '1: SELECT 1', '1: SELECT', '2: SELECT']);
    assert.ok(server.connections[0].ended);
});

databaseTest('another schema has a connection of its own', undefined, async (db) => {
    await db.query('SELECT');
    process.env.SQL_MAIN_DB_SCHEMA = 'shop_test_1';
    await db.query('SELECT');
    assert.deepEqual(server.connections.map(({ config }) => config.options), ['-c search_path="shop"', '-c search_path="shop_test_1"']);
});

databaseTest('a cluster that asks for patience gets it', undefined, async (db) => {
    const says = (code, message) => Object.assign(new Error(message), { severity: 'FATAL', code });
    server.refusals = [says('08006', 'unable to accept connection, waking up cluster, please retry later'),
        says('53400', 'Unable to accept connection, rate exceeded.')];
    await db.query('SELECT');
    assert.deepEqual(server.asked, ['1: SELECT']);
});

databaseTest('the error of a connection says which database, why, and what to do', undefined, async (db) => {
    const denied = (hint) => Object.assign(new Error('unable to accept connection, access denied'), { severity: 'FATAL', code: '28000', hint });
    server.refusals = [denied(), denied('Signature expired'), Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })];
    const start = `There is no connection to the database main-db at ${variables.SQL_MAIN_DB_ENDPOINT}: `;
    for (const [code, message] of [
        ['28000', 'unable to accept connection, access denied (the function\'s IAM role is not mapped to the database role ' +
            'lambda_shop: deploy again)'],
        ['28000', 'unable to accept connection, access denied (Signature expired)'],
        ['ECONNREFUSED', 'connect ECONNREFUSED']]) {
        await assert.rejects(db.query('SELECT'), { name: 'SqlError', code, message: start + message });
    }
});

databaseTest('the stack of an error leads to the call, also where nobody awaits it', () => refusal('23505', 'twice'), async (db) => {
    const insert = async () => db.query('INSERT');
    for (const call of [insert, async () => db.transaction(async (tx) => tx.execute('INSERT'))]) {
        await assert.rejects(call, ({ stack }) => /^Error: twice\n    at .*sql\.test\.mjs/.test(stack));
    }
});

databaseTest('a table that is not there has a hint, unless the server has one', inOrder(refusal('42P01'), refusal('42P01', 'no', { hint: 'other' })),
    async (db) => {
        await assert.rejects(db.query('SELECT'), { code: '42P01', hint: /Has the migration/ });
        await assert.rejects(db.query('SELECT'), { hint: 'other' });
    });

databaseTest('where the database is not told of, the error says what tells it', undefined, async (db) => {
    delete process.env.SQL_MAIN_DB_SCHEMA;
    await assert.rejects(db.query('SELECT'), { name: 'SqlError', message: /^The database main-db cannot be used: SQL_MAIN_DB_SCHEMA is not set\. "nimbus deploy"/ });
    process.env.NIMBUS_MANIFEST_OUT = 'x';
    await assert.rejects(db.query('SELECT'), { message: /while the module is loaded: .* Use it in a handler$/ });
});

databaseTest('a pool is the author\'s, and its connections are made as the database\'s', undefined, async () => {
    const pool = makePool('main-db', { max: 2 });
    assert.ok(pool instanceof pg.Pool);
    const results = await Promise.all([pool.query('SELECT a'), pool.query('SELECT b'), pool.query('SELECT c')]);
    assert.equal(results.length, 3);
    assert.equal(server.connections.length, 2);
    assert.equal(server.connections[0].config.options, '-c search_path="shop"');
    process.env.SQL_MAIN_DB_SCHEMA = 'other';
    await new Promise((resolve, reject) => pool.query('SELECT d', (error) => (error ? reject(error) : resolve())));
    assert.equal(server.connections.at(-1).config.options, '-c search_path="other"');
    delete process.env.SQL_MAIN_DB_SCHEMA;
    await assert.rejects(pool.connect(), { name: 'SqlError' });
    assert.ok(await new Promise((resolve) => pool.query('SELECT', resolve)) instanceof Error);
});

databaseTest('options are those of pg and of postgres.js', undefined, async () => {
    const both = { host: variables.SQL_MAIN_DB_ENDPOINT, port: 5432, database: 'postgres', user: 'lambda_shop', ssl: { rejectUnauthorized: true } };
    const { password, ...others } = pgOptions('main-db');
    assert.deepEqual(others, { ...both, options: '-c search_path="shop"', application_name: 'nimbus-js', maxLifetimeSeconds: 3300 });
    const { password: same, ...ofPostgresJs } = postgresJsOptions('main-db');
    assert.deepEqual(ofPostgresJs, { ...both, connection: { search_path: '"shop"', application_name: 'nimbus-js' }, max_lifetime: 3300 });
    for (const token of [password, same]) {
        assert.match(await token(), /X-Amz-Signature=[0-9a-f]{64}$/);
    }
    delete process.env.SQL_MAIN_DB_ENDPOINT;
    assert.equal(pgOptions('main-db').host, 'SQL_MAIN_DB_ENDPOINT.is-not-set.invalid');
    delete process.env.AWS_ACCESS_KEY_ID;
    await assert.rejects(password(), { name: 'SqlError', message: /no AWS credentials/ });
});

databaseTest('postgres.js, whose host is fixed, is led to where the variables lead, and leaves all else in tests', undefined, async () => {
    process.env.NIMBUS_TEST_ENDPOINT = 'http://127.0.0.1';
    try {
        process.env.SQL_MAIN_DB_ENDPOINT = 'first.invalid';
        const { socket } = postgresJsOptions('main-db');
        const first = socket();
        first.on('error', () => undefined);
        process.env.SQL_MAIN_DB_ENDPOINT = 'second.invalid';
        const second = socket();
        second.on('error', () => undefined);
        assert.deepEqual([first.host, second.host], ['first.invalid', 'second.invalid']);
        const over = [];
        channel(settingsChanged).publish(over);
        await Promise.all(over);
        assert.deepEqual([over.length, first.closed], [1, true]);
        second.destroy();
    } finally {
        delete process.env.NIMBUS_TEST_ENDPOINT;
    }
});

const withPool = application('return { statusCode: 200 };').replace('app.API', "const pool = app.SQL({ name: 'main-db' }).pool();\napp.API");

test('a module makes its pool while it is loaded, also when it is asked what it declares', async () => {
    const { code, manifest } = await describe(withPool);
    assert.deepEqual([code, manifest.sql], [0, [{ name: 'main-db' }]]);
});

test('a pool without pg is refused at deploy, with its line', async () => {
    const project = new Project(withPool);
    try {
        const { code, stderr } = await project.build('--external:pg').run({ NIMBUS_MANIFEST_OUT: 'manifest.json' });
        assert.equal(code, 3);
        assert.match(stderr, /SqlError: The database main-db is used with the package pg, which is not installed: npm install pg\n/);
        assert.match(stderr, / at index\.ts.*index\.ts:4:/);
    } finally {
        project.remove();
    }
});
