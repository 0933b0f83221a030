import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addNote, hello } from './notes.js';

test('says hello to the name in the path', () => {
    assert.deepEqual(JSON.parse(hello('Ada').body ?? ''), { hello: 'Ada' });
});

test('adds a note and answers with it', async () => {
    const asked: unknown[] = [];
    const answer = await addNote(async (text, values) => {
        asked.push(values);
        return [{ id: '1', text: 'Tea is ready' }];
    }, '{"text": "Tea is ready"}');

    assert.deepEqual(asked, [['Tea is ready']]);
    assert.equal(answer.statusCode, 201);
    assert.deepEqual(JSON.parse(answer.body ?? ''), { id: '1', text: 'Tea is ready' });
});

for (const body of [null, 'tea', '{}', '{"text": ""}', '{"text": 1}']) {
    test(`refuses the body ${body}, without asking the database`, async () => {
        const answer = await addNote(() => assert.fail('the database is asked'), body);

        assert.equal(answer.statusCode, 400);
    });
}
