import type { Callback, Context } from '../kinds/context.js';

/** A context as the Runtime API tells it. */
export type BareContext = Omit<Context, 'done' | 'succeed' | 'fail'>;

/** A handler in any of Lambda's styles. */
export type AnyHandler = (event: unknown, context: Context, callback: Callback) => unknown;

/** Has something done when nothing is left to run; undefined: what was said before is void. */
export type WhenIdle = (act: (() => void) | undefined) => void;

/**
 * What a handler returns, promises, hands to its callback or to `context.succeed` (Lambda Developer Guide,
 * "Define Lambda function handler in Node.js", and its older "AWS Lambda context object in Node.js").
 *
 * The callback's result counts when nothing is left to run, unless `callbackWaitsForEmptyEventLoop` is
 * false; what `context.succeed`, `fail` and `done` are given counts at once. A handler that returns
 * nothing and takes neither context nor callback has nothing else to say.
 */
export function resultOf(handler: AnyHandler, event: unknown, bare: BareContext, whenIdle: WhenIdle): Promise<unknown> {
    return new Promise((resolve, reject) => {
        const context = bare as Context;
        const settle: Callback = (error, result) => (isGiven(error) ? reject(error) : resolve(result));
        const callback: Callback = (error, result) => {
            if (context.callbackWaitsForEmptyEventLoop) {
                whenIdle(() => settle(error, result));
            } else {
                settle(error, result);
            }
        };
        context.done = settle;
        context.succeed = (result) => settle(null, result);
        context.fail = (error) => settle(error ?? 'handled');
        whenIdle(() => resolve(undefined));
        const returned = handler(event, context, callback);
        if (isPromise(returned)) {
            whenIdle(undefined);
            returned.then(resolve, reject);
        } else if (saysAll(handler, returned)) {
            resolve(returned);
        }
    });
}

/** Is what a handler returned all that it has to say? Else it has a callback, or a context with methods. */
export function saysAll(handler: AnyHandler, returned: unknown): boolean {
    return returned !== undefined || handler.length < 2;
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
    return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
}

export function isGiven(error: unknown): boolean {
    return error !== undefined && error !== null;
}
