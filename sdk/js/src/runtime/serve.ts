import type { Declaration } from '../declaration.js';
import type { Context } from '../kinds/context.js';
import type { Kind } from '../kinds/kind.js';
import { installConsole, writeLine } from './console.js';
import { errorDocument, loggedError } from './errors.js';
import type { ErrorDocument } from './errors.js';
import { isGiven, isPromise, resultOf, saysAll } from './handler_styles.js';
import type { AnyHandler, BareContext, WhenIdle } from './handler_styles.js';
import { RuntimeApi } from './runtime_api.js';
import type { Invocation, Outcome } from './runtime_api.js';

/** The handlers of all functions, by name, for Lambda's own runtime. */
export function handlersOf({ handlers, kinds }: Declaration): Record<string, AnyHandler> {
    return Object.fromEntries([...handlers].map(([name, handler]) => [name, forLambda(handler as AnyHandler, kinds)]));
}

/** Lambda's own runtime takes results from promises, callbacks and its context, and no others. */
function forLambda(handler: AnyHandler, kinds: readonly Kind[]): AnyHandler {
    return (event, context, callback) => {
        const answer = (result: unknown) => answerTo(event, result, kinds);
        const returned = handler(event, context, (error, result) =>
            (isGiven(error) ? callback(error) : callback(null, answer(result))));
        if (isPromise(returned)) {
            return returned.then(answer);
        }
        return saysAll(handler, returned) ? Promise.resolve(answer(returned)) : undefined;
    };
}

/** The same before the application is loaded: there is a handler of each name. */
export function handlersOnceLoaded(loading: Promise<Declaration>): Record<string, AnyHandler> {
    const handlers = loading.then(handlersOf);
    handlers.catch(() => undefined); // told by the first invocation
    return new Proxy({}, {
        get: (_, name) => {
            if (typeof name !== 'string' || name === 'then') { // which would make a promise of it
                return undefined;
            }
            return async (event: unknown, context: Context) => {
                const handler = (await handlers)[name];
                if (!handler) {
                    throw noSuchFunction(name);
                }
                context.callbackWaitsForEmptyEventLoop = false;
                return resultOf(handler, event, context, () => undefined);
            };
        },
    });
}

function noSuchFunction(name: string): Error {
    return Object.assign(new Error(`The application has no function ${JSON.stringify(name)}`),
        { name: 'Runtime.HandlerNotFound' });
}

/** What the sender of `event` gets for the handler's result. */
function answerTo(event: unknown, result: unknown, kinds: readonly Kind[]): unknown {
    for (const { source } of kinds) {
        if (source?.sends(event)) {
            return source.answer(result);
        }
    }
    return result;
}

/** Serves the function that _HANDLER names until the process is ended, as Lambda's Node does it. */
export async function serve(address: string, handler: string, load: () => Promise<Declaration>): Promise<never> {
    const api = new RuntimeApi(address);
    const worker = new Worker(api);
    const name = handler.replace(/^index\./, '');
    let serving: Serving;
    try {
        const { handlers, kinds } = await load();
        const found = handlers.get(name) as AnyHandler | undefined;
        if (!found) {
            throw noSuchFunction(name);
        }
        serving = async (event, context, whenIdle) =>
            answerTo(event, await resultOf(found, event, context, whenIdle), kinds);
    } catch (error) {
        return worker.fail('Uncaught Exception', error, errorDocument(error), 1);
    }
    try {
        return await worker.run(serving);
    } catch (error) {
        writeLine(`The Runtime API cannot be used: ${(error as Error).message}`);
        process.exit(1);
    }
}

/** A handler, whatever its style. */
type Serving = (event: unknown, context: BareContext, whenIdle: WhenIdle) => Promise<unknown>;

class Worker {
    readonly #api: RuntimeApi;
    #invocation: Invocation | undefined;
    /** Of the last invocation: what a handler left running writes in its name, as on Lambda. */
    #requestId: string | undefined;
    #isWaiting = false;
    #whenIdle: (() => void) | undefined;
    #failing = false;

    constructor(api: RuntimeApi) {
        this.#api = api;
        installConsole(() => this.#requestId);
        process.on('uncaughtException', (error) => {
            void this.fail('Uncaught Exception', error, errorDocument(error), 129);
        });
        process.on('unhandledRejection', (reason) => {
            const document = {
                errorType: 'Runtime.UnhandledPromiseRejection',
                errorMessage: String(reason),
                trace: errorDocument(reason).trace,
            };
            void this.fail('Unhandled Promise Rejection', reason, document, 128);
        });
        process.on('beforeExit', () => {
            if (this.#whenIdle) {
                const act = this.#whenIdle;
                this.#whenIdle = undefined;
                act();
                return;
            }
            const error = Object.assign(
                new Error('The handler waits for a promise that nothing can settle any more'),
                { name: 'Runtime.NodeJsExit' });
            void this.fail('Invoke Error', error, errorDocument(error), 13);
        });
    }

    async run(handler: Serving): Promise<never> {
        let invocation = await this.#next();
        for (;;) {
            this.#invocation = invocation;
            this.#requestId = invocation.requestId;
            const outcome = await this.#invoke(handler, invocation);
            // What the handler left unhandled is noticed before its answer is out, or after it, but
            // never in another's time.
            await new Promise((resolve) => setImmediate(resolve));
            if (this.#failing) {
                await new Promise(() => undefined);
            }
            this.#invocation = undefined;
            invocation = await this.#next({ requestId: invocation.requestId, outcome });
        }
    }

    async #next(previous?: { requestId: string; outcome: Outcome }): Promise<Invocation> {
        this.#isWaiting = true;
        const invocation = await this.#api.next(previous);
        this.#isWaiting = false;
        return invocation;
    }

    /**
     * Reports what nobody caught to whoever waits for this process, and ends it: at once when nobody
     * does, lest it is given the next event.
     */
    async fail(what: string, error: unknown, document: ErrorDocument, exitCode: number): Promise<never> {
        if (!this.#failing) {
            this.#failing = true;
            if (this.#isWaiting) {
                this.#api.leave();
            }
            console.error(`${what} \t${loggedError(error)}`);
            try {
                if (this.#invocation) {
                    await this.#api.report(this.#invocation.requestId, { error: document });
                } else if (!this.#isWaiting) {
                    await this.#api.reportStartError(document);
                }
            } finally {
                process.exit(exitCode);
            }
        }
        return new Promise(() => undefined);
    }

    async #invoke(handler: Serving, invocation: Invocation): Promise<Outcome> {
        if (invocation.traceId) {
            process.env._X_AMZN_TRACE_ID = invocation.traceId;
        }
        try {
            const whenIdle: WhenIdle = (act) => this.#whenIdle = act;
            const result = await handler(JSON.parse(invocation.event), contextOf(invocation), whenIdle);
            return { answer: JSON.stringify(result) ?? 'null' };
        } catch (error) {
            console.error(`Invoke Error \t${loggedError(error)}`);
            return { error: errorDocument(error) };
        } finally {
            this.#whenIdle = undefined;
        }
    }
}

function contextOf(invocation: Invocation): BareContext {
    const { env } = process;
    return {
        awsRequestId: invocation.requestId,
        functionName: env.AWS_LAMBDA_FUNCTION_NAME ?? '',
        functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION ?? '',
        invokedFunctionArn: invocation.functionArn,
        memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? '',
        logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME ?? '',
        logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME ?? '',
        getRemainingTimeInMillis: () => invocation.deadline - Date.now(),
        callbackWaitsForEmptyEventLoop: true,
    };
}
