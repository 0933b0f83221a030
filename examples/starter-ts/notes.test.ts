import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlParameter, SqlQueries } from '@hillock-tech/nimbus-js';
import app from './index.js';
import { addNote } from './notes.js';

test('says hello to the name in the path', async () => {
    const answer = await app.invoke('GET', '/hello/Ada');

    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json(), { hello: 'Ada' });
});

test('adds a note and answers with it', async () => {
    const asked: unknown[] = [];
    const db = {
        async queryOne(text: string, parameters: SqlParameter[]) {
            asked.push(parameters);
            return { id: '1', text: 'Tea is ready' };
        },
    } as unknown as SqlQueries;
    const answer = await addNote(db, '{"text": "Tea is ready"}');

    assert.deepEqual(asked, [['Tea is ready']]);
    assert.equal(answer.statusCode, 201);
    assert.deepEqual(JSON.parse(answer.body ?? ''), { id: '1', text: 'Tea is ready' });
});

for (const body of [undefined, 'tea', {}, { text: '' }, { text: 1 }]) {
    test(`refuses the body ${JSON.stringify(body)}, without asking the database`, async () => {
        const answer = await app.invoke('POST', '/notes', { body });

        assert.equal(answer.status, 400);
    });
}
