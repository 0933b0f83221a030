import { SqlError } from './sql_error.js';
import type { TransactionOptions } from './types.js';

const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 1;
const isDelay = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0;

/** What each option takes. */
const options: Readonly<Record<keyof TransactionOptions, readonly [takes: (value: unknown) => boolean, wanted: string]>> = {
    maxAttempts: [(value) => isCount(value) || value === Infinity, 'a whole number from 1 on: the first attempt counts'],
    baseDelay: [isDelay, 'milliseconds, 0 or more'],
    maxDelay: [isDelay, 'milliseconds, 0 or more'],
};

/** Throws for an option that would have no effect. */
export function checkTransactionOptions(database: string, given: TransactionOptions): void {
    for (const [name, value] of Object.entries(given)) {
        if (!Object.hasOwn(options, name)) {
            throw new SqlError(`${database}: db.transaction(…) has no option ${name}: it has ` +
                `${Object.keys(options).join(', ')}`);
        }
        const [takes, wanted] = options[name as keyof TransactionOptions];
        if (value !== undefined && !takes(value)) {
            throw new SqlError(`${database}: the option ${name} of db.transaction(…) is ${String(value)}, and must be ${wanted}`);
        }
    }
}
