import { AsyncLocalStorage } from 'node:async_hooks';
import type { Pool, PoolClient, QueryResult } from 'pg';
import { makePool, pause } from './pool.js';
import { queriesOf } from './queries.js';
import type { Run } from './queries.js';
import { SqlError, codeOf, isServerError, messageOf } from './sql_error.js';
import { transactionControl } from './transaction_control.js';
import { checkTransactionOptions } from './transaction_options.js';
import type { SqlParameter, SqlTransaction, TransactionOptions } from './types.js';

const serializationFailure = '40001';
const failedTransaction = '25P02';

const missing = 'Has the migration, or what makes the tables, run in this schema?';

/** What some errors are likely due to, by their SQLSTATE. */
const hints: Readonly<Record<string, string>> = {
    '42P01': missing,
    '3F000': missing,
    '42501': 'The function\'s database role may use its own schema only',
};

/**
 * A database of the application, over one connection: it is opened by the first statement, serves the next
 * invocations of the instance, and is renewed when it is old or lost. Who asks meanwhile waits for it.
 */
export class Database {
    readonly #name: string;
    #pool: Pool | undefined;
    /** The transaction that the caller is in, which has the connection until it is over. */
    readonly #current = new AsyncLocalStorage<{ isOver: boolean }>();

    constructor(name: string) {
        this.#name = name;
    }

    /** Runs a statement by itself. */
    async run(text: string, parameters?: readonly SqlParameter[]): Promise<QueryResult> {
        this.#requireNoTransaction('the database is used inside its own transaction: use the one that the function is given');
        requireStatement(this.#name, text, parameters);
        this.#refuseControl(text);
        return retryConflicts({}, () => this.#statement(text, parameters));
    }

    async transaction<Result>(work: (transaction: SqlTransaction) => Promise<Result>,
                              options: TransactionOptions = {}): Promise<Result> {
        this.#requireNoTransaction('a transaction is begun inside a transaction: do both in one, or one after the other');
        checkTransactionOptions(this.#name, options);
        return retryConflicts(options, (attempt) => this.#attempt(work, attempt));
    }

    #requireNoTransaction(message: string): void {
        if (this.#current.getStore()?.isOver === false) {
            throw new SqlError(`${this.#name}: ${message}`);
        }
    }

    /** What such a statement did would not be undone by what follows, or be undone by nobody. */
    #refuseControl(text: string): void {
        const word = transactionControl(text);
        if (word) {
            throw new SqlError(`${this.#name}: the statement ${word} would begin or end a transaction, which only ` +
                'db.transaction(…) does: leave it out. db.transaction(…) commits when its function has returned, and ' +
                'rolls back when that throws');
        }
    }

    #connection(): Promise<PoolClient> {
        this.#pool ??= makePool(this.#name, { max: 1 });
        return this.#pool.connect();
    }

    async #statement(text: string, parameters?: readonly SqlParameter[]): Promise<QueryResult> {
        const client = await this.#connection();
        let failure: Error | undefined;
        try {
            return await runOn(client, this.#name, text, parameters);
        } catch (error) {
            failure = isServerError(error) ? undefined : error as Error;
            throw error;
        } finally {
            client.release(failure);
        }
    }

    /** A connection in a transaction. One that was lost unnoticed is told by its first statement, BEGIN, which
     * may be said again. */
    async #begin(): Promise<PoolClient> {
        for (let isFirst = true;; isFirst = false) {
            const client = await this.#connection();
            try {
                await runOn(client, this.#name, 'BEGIN');
                return client;
            } catch (error) {
                client.release(true);
                if (!isFirst || isServerError(error)) {
                    throw error;
                }
            }
        }
    }

    async #attempt<Result>(work: (transaction: SqlTransaction) => Promise<Result>, attempt: number): Promise<Result> {
        const client = await this.#begin();
        const state = { isOver: false };
        let failure: Error | undefined;
        const run: Run = async (text, parameters) => {
            if (state.isOver) {
                throw new SqlError(`${this.#name}: the transaction is over`);
            }
            requireStatement(this.#name, text, parameters);
            this.#refuseControl(text);
            return runOn(client, this.#name, text, parameters);
        };
        try {
            const result = await this.#current.run(state, () => work({ ...queriesOf(run), attempt }));
            state.isOver = true;
            if ((await runOn(client, this.#name, 'COMMIT')).command !== 'COMMIT') {
                throw Object.assign(new SqlError(`${this.#name}: nothing was committed: a statement of the transaction ` +
                    'failed, and its error did not leave the function'), { code: failedTransaction });
            }
            return result;
        } catch (error) {
            state.isOver = true;
            failure = await rollBack(client);
            throw error;
        } finally {
            client.release(failure);
        }
    }
}

/** Gives what went wrong, after which the server ends the transaction together with the connection. */
async function rollBack(client: PoolClient): Promise<Error | undefined> {
    try {
        await client.query('ROLLBACK');
        return undefined;
    } catch (error) {
        return error as Error;
    }
}

/** What pg would refuse by itself, without saying which database it is of. */
function requireStatement(name: string, text: unknown, parameters: unknown): void {
    if (typeof text !== 'string' && (typeof text !== 'object' || text === null)) {
        throw new SqlError(`${name}: the statement must be a string, not ${typeof text}`);
    }
    if (parameters !== undefined && parameters !== null && !Array.isArray(parameters)) {
        throw new SqlError(`${name}: the parameters of a statement must be an array, as in [value]`);
    }
}

async function runOn(client: PoolClient, name: string, text: string,
                     parameters?: readonly SqlParameter[]): Promise<QueryResult> {
    try {
        const results: QueryResult | QueryResult[] = await client.query(text, parameters as unknown[] | undefined);
        // Of several statements in one text, the last one's.
        return Array.isArray(results) ? results[results.length - 1] : results;
    } catch (error) {
        throw explained(name, error);
    }
}

/** The server's own error, with a hint where it has none; a SqlError for what is not the server's. */
function explained(name: string, error: unknown): unknown {
    if (isServerError(error)) {
        const { code = '', hint } = error as { code?: string; hint?: string };
        if (!hint && hints[code]) {
            Object.assign(error as Error, { hint: hints[code] });
        }
        return error;
    }
    if (error instanceof TypeError) { // of a parameter that pg cannot write, before it sends the statement
        return new SqlError(`${name}: a parameter of the statement cannot be sent: ${messageOf(error)}`, error);
    }
    return new SqlError(`The connection to the database ${name} was lost while a statement ran, and whether the ` +
        `statement was done is not known: ${messageOf(error)}`, error);
}

async function retryConflicts<Result>(options: TransactionOptions,
                                      act: (attempt: number) => Promise<Result>): Promise<Result> {
    const { maxAttempts = 3, baseDelay = 10, maxDelay = 1000 } = options;
    for (let attempt = 1;; ++attempt) {
        try {
            return await act(attempt);
        } catch (error) {
            if (codeOf(error) !== serializationFailure || attempt >= maxAttempts) {
                throw error;
            }
        }
        await pause(Math.min(baseDelay * 2 ** (attempt - 1), maxDelay) * (1 + Math.random()));
    }
}
