import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { schemaPerTest } from '@hillock-tech/nimbus-js/testing';
import app from './index.js';

test('says hello to the name in the path', async () => {
    const answer = await app.invoke('GET', '/hello/Ada');

    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json(), { hello: 'Ada' });
});

describe('with a database', () => {
    schemaPerTest({ beforeEach, afterEach });

    test('adds a note and answers with it', async () => {
        const added = await app.invoke('POST', '/notes', { body: { text: 'Tea is ready' } });

        assert.equal(added.status, 201);
        const listed = await app.invoke('GET', '/notes');
        assert.deepEqual(listed.json(), [added.json()]);
    });

    test('begins without notes', async () => {
        const listed = await app.invoke('GET', '/notes');

        assert.deepEqual(listed.json(), []);
    });
});

for (const body of [undefined, 'tea', {}, { text: '' }, { text: 1 }]) {
    test(`refuses the body ${JSON.stringify(body)}, without asking the database`, async () => {
        const answer = await app.invoke('POST', '/notes', { body });

        assert.equal(answer.status, 400);
    });
}
