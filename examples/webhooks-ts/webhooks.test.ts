import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { afterEach, before, beforeEach, test } from 'node:test';
import { schemaPerTest } from '@hillock-tech/nimbus-js/testing';
import app from './index.js';

const key = 'a key for this test';

/** Sends a webhook that is signed with a key. */
function send(text: string, signedWith = key) {
    const signature = createHmac('sha256', signedWith).update(text).digest('hex');
    return app.invoke('POST', '/webhooks', { body: text, headers: { 'x-signature': signature } });
}

async function count(): Promise<number> {
    return (await app.invoke('GET', '/webhooks/count')).json().count;
}

before(() => app.overrideSecret('signing-key', key));
schemaPerTest({ beforeEach, afterEach });
beforeEach(async () => {
    await app.invoke('POST', '/init');
});

test('a signed webhook is kept', async () => {
    assert.equal((await send('paid')).status, 204);
    assert.equal(await count(), 1);
});

test('a webhook that somebody else signed is refused', async () => {
    assert.equal((await send('paid', 'another key')).status, 401);
    assert.equal(await count(), 0);
});

test('after 30 days, a webhook is deleted', async () => {
    await send('paid');
    const days = (number: number) => new Date(Date.now() + number * 24 * 60 * 60 * 1000);

    assert.deepEqual(await app.invokeTimer('clean-up', { time: days(29) }), { deleted: 0 });
    assert.deepEqual(await app.invokeTimer('clean-up', { time: days(31) }), { deleted: 1 });
    assert.equal(await count(), 0);
});
