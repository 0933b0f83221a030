import { SqlError } from './sql_error.js';
import type { SqlParameter, SqlQueries } from './types.js';

/** As much of `pg`'s result of a statement as is used here. */
export interface StatementResult {
    readonly command: string;
    readonly rowCount: number | null;
    readonly rows: any[];
}

/** Sends a statement. */
export type Run = (text: string, parameters?: readonly SqlParameter[]) => Promise<StatementResult>;

/**
 * The result of `act`, whose errors have the stack of the author's call: by the time that the server answers, it is
 * gone, unless each function on the way awaits. `callee` is what was called.
 */
async function calledAs<Result>(callee: Function, act: () => Promise<Result>): Promise<Result> {
    const call: { stack?: string } = {};
    Error.captureStackTrace(call, callee);
    try {
        return await act();
    } catch (error) {
        if (error instanceof Error) {
            const frames = call.stack?.slice(call.stack.indexOf('\n    at ')) ?? '';
            error.stack = `${error.name}: ${error.message}${frames}`;
        }
        throw error;
    }
}

async function atMostOne(run: Promise<StatementResult>, method: string): Promise<any> {
    const { rows } = await run;
    if (rows.length > 1) {
        throw new SqlError(`${method}: the statement returned ${rows.length} rows instead of one`);
    }
    return rows[0];
}

async function justOne(run: Promise<StatementResult>, method: string): Promise<any> {
    const row = await atMostOne(run, method);
    if (row === undefined) {
        throw new SqlError(`${method}: the statement returned no row`);
    }
    return row;
}

export function queriesOf(run: Run): SqlQueries {
    const queries: SqlQueries = {
        query: (text, parameters) =>
            calledAs(queries.query, async () => (await run(text, parameters)).rows),
        queryOne: (text, parameters) =>
            calledAs(queries.queryOne, () => justOne(run(text, parameters), 'queryOne')),
        queryOptional: (text, parameters) =>
            calledAs(queries.queryOptional, () => atMostOne(run(text, parameters), 'queryOptional')),
        queryValue: (text, parameters) =>
            calledAs(queries.queryValue, async () =>
                Object.values(await justOne(run(text, parameters), 'queryValue'))[0] as any),
        execute: (text, parameters) =>
            calledAs(queries.execute, async () => {
                const { command, rowCount } = await run(text, parameters);
                return command === 'SELECT' ? 0 : rowCount ?? 0;
            }),
    };
    return queries;
}
