/** For tests that run under `nimbus test -- npm test`: databases that no other test sees. */
import { channel } from 'node:diagnostics_channel';
import { settingsChanged } from '../sql/settings.js';
import type { SqlQueries, SqlTransaction, TransactionOptions } from '../sql/types.js';

/** There is no database for the test: `nimbus test` does not run it, or could not make one. */
export class NoTestDatabase extends Error {
    override readonly name = 'NoTestDatabase';
}

/** Databases that nobody else has, with all migrations applied and no other rows. */
export interface TestSchema {
    readonly name: string;
    /** Deletes them. The variables of the process are as before. */
    remove(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

/** As much of a test runner as a schema for each test needs: node:test and Vitest have it, and others. */
export interface Hooks {
    beforeEach(act: () => Promise<void>): unknown;
    afterEach(act: () => Promise<void>): unknown;
}

/**
 * Makes new databases. The variables of the process (`SQL_<NAME>_…`) lead to them, and what `app.SQL(…)` gave uses
 * them from now on: one at a time in a process.
 */
export async function newSchema(): Promise<TestSchema> {
    const { name, variables } = await ask('POST', '/schemas', 201) as { name: string; variables: Record<string, string> };
    const before = Object.fromEntries(Object.keys(variables).map((variable) => [variable, process.env[variable]]));
    await setVariables(variables);
    const remove = async () => {
        await setVariables(before);
        await ask('DELETE', `/schemas/${encodeURIComponent(name)}`, 204);
    };
    return { name, remove, [Symbol.asyncDispose]: remove };
}

/** Resolves when no client uses a connection that the variables do not lead to. */
async function setVariables(values: Record<string, string | undefined>): Promise<void> {
    for (const [variable, value] of Object.entries(values)) {
        if (value === undefined) {
            delete process.env[variable];
        } else {
            process.env[variable] = value;
        }
    }
    const over: Promise<void>[] = [];
    channel(settingsChanged).publish(over);
    await Promise.all(over);
}

/** Gives each test of the file a schema of its own: `schemaPerTest({ beforeEach, afterEach })`, with those of
 * node:test or Vitest. */
export function schemaPerTest({ beforeEach, afterEach }: Hooks): void {
    let schema: TestSchema | undefined;
    beforeEach(async () => {
        schema = await newSchema();
    });
    afterEach(async () => {
        await schema?.remove();
        schema = undefined;
    });
}

/** What can be rolled back: what `app.SQL(…)` gave. */
interface Transacting extends SqlQueries {
    transaction<Result>(work: (transaction: SqlTransaction) => Promise<Result>, options?: TransactionOptions): Promise<Result>;
}

/** Runs `work` in a transaction, and rolls back what it did, whether it returns or throws: for tests that share a
 * schema. Handlers have transactions of their own, which this does not undo. */
export async function rolledBack(database: Transacting, work: (transaction: SqlTransaction) => Promise<void>): Promise<void> {
    const over = new Error('All is as it was');
    try {
        await database.transaction(async (transaction) => {
            await work(transaction);
            throw over;
        }, { maxAttempts: 1 });
    } catch (error) {
        if (error !== over) {
            throw error;
        }
    }
}

/** Asks `nimbus test`; gives what it answers. */
async function ask(method: string, path: string, expected: number): Promise<unknown> {
    const { NIMBUS_TEST_ENDPOINT, NIMBUS_TEST_TOKEN } = process.env;
    if (!NIMBUS_TEST_ENDPOINT || !NIMBUS_TEST_TOKEN) {
        throw new NoTestDatabase('There is no database for this test: run your tests with "nimbus test -- npm test"');
    }
    let response: Response;
    try {
        response = await fetch(NIMBUS_TEST_ENDPOINT + path, { method, headers: { Authorization: `Bearer ${NIMBUS_TEST_TOKEN}` } });
    } catch (error) {
        throw new NoTestDatabase(`"nimbus test" does not answer at ${NIMBUS_TEST_ENDPOINT}: has it ended?`, { cause: error });
    }
    const text = await response.text();
    if (response.status !== expected) {
        throw new NoTestDatabase(`"nimbus test" answered ${method} ${path} with ${response.status}: ${messageIn(text)}`);
    }
    return text && JSON.parse(text);
}

function messageIn(text: string): string {
    try {
        return String(JSON.parse(text).message ?? text);
    } catch {
        return text;
    }
}
