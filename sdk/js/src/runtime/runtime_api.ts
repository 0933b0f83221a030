import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { HttpAnswers } from './http_answers.js';
import type { HttpAnswer } from './http_answers.js';
import type { ErrorDocument } from './errors.js';

/** One event, and what the Runtime API says about it. */
export interface Invocation {
    readonly requestId: string;
    /** Milliseconds since the epoch. */
    readonly deadline: number;
    readonly functionArn: string;
    readonly traceId: string | undefined;
    readonly event: string;
}

/** What became of an invocation: the handler's answer as JSON, or an error. */
export type Outcome = { readonly answer: string } | { readonly error: ErrorDocument };

const base = '/2018-06-01/runtime';

/**
 * The Runtime API (Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes"), over
 * one connection. It keeps the process alive while it waits for an event, and not while a handler
 * runs: a handler that waits for nothing at all is noticed.
 */
export class RuntimeApi {
    readonly #host: string;
    readonly #socket: Socket;
    readonly #answers = new HttpAnswers();
    readonly #waiting: { resolve(answer: HttpAnswer): void; reject(error: Error): void }[] = [];

    /** `address` is AWS_LAMBDA_RUNTIME_API: host:port. */
    constructor(address: string) {
        this.#host = address;
        const colon = address.lastIndexOf(':');
        const [host, port] = colon < 0 ? [address, '80'] : [address.slice(0, colon), address.slice(colon + 1)];
        this.#socket = connect({ host, port: Number(port), noDelay: true });
        this.#socket.on('data', (bytes: Buffer) => this.#received(bytes));
        this.#socket.on('error', (error) => this.#lost(error));
        this.#socket.on('close', () => this.#lost(new Error('it closed the connection')));
    }

    /** The next event, after what became of the one before: both go out in one write. */
    async next(previous?: { requestId: string; outcome: Outcome }): Promise<Invocation> {
        this.#socket.ref();
        const question = `GET ${base}/invocation/next HTTP/1.1\r\nHost: ${this.#host}\r\n\r\n`;
        this.#socket.write(previous ? this.#report(previous.requestId, previous.outcome) + question : question);
        if (previous) {
            this.#answer();
        }
        const { status, headers, body } = await this.#answer();
        if (status !== 200) {
            throw new Error(`it answered ${status} when asked for an event: ${body.slice(0, 200)}`);
        }
        this.#socket.unref();
        return {
            requestId: headers.get('lambda-runtime-aws-request-id') ?? '',
            deadline: Number(headers.get('lambda-runtime-deadline-ms') ?? 0),
            functionArn: headers.get('lambda-runtime-invoked-function-arn') ?? '',
            traceId: headers.get('lambda-runtime-trace-id'),
            event: body,
        };
    }

    /** For the last invocation of a process that is about to end. */
    async report(requestId: string, outcome: Outcome): Promise<void> {
        this.#socket.ref();
        this.#socket.write(this.#report(requestId, outcome));
        await this.#answer();
    }

    /** Waits for no event any more: none is sent to a process that is about to end. */
    leave(): void {
        this.#socket.destroy();
    }

    async reportStartError(error: ErrorDocument): Promise<void> {
        this.#socket.ref();
        this.#socket.write(this.#post('init/error', JSON.stringify(error), error.errorType));
        await this.#answer();
    }

    #report(requestId: string, outcome: Outcome): string {
        return 'answer' in outcome
            ? this.#post(`invocation/${requestId}/response`, outcome.answer)
            : this.#post(`invocation/${requestId}/error`, JSON.stringify(outcome.error), outcome.error.errorType);
    }

    #post(path: string, body: string, errorType?: string): string {
        const type = errorType === undefined ? ''
            : `Lambda-Runtime-Function-Error-Type: ${errorType.replace(/[^\x21-\x7e]/g, '_')}\r\n`;
        return `POST ${base}/${path} HTTP/1.1\r\nHost: ${this.#host}\r\nContent-Type: application/json\r\n${type}` +
            `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    }

    #answer(): Promise<HttpAnswer> {
        return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
    }

    #received(bytes: Buffer): void {
        this.#answers.add(bytes);
        try {
            for (let answer = this.#answers.next(); answer; answer = this.#answers.next()) {
                this.#waiting.shift()?.resolve(answer);
            }
        } catch (error) {
            this.#lost(error as Error);
        }
    }

    #lost(error: Error): void {
        for (const { reject } of this.#waiting.splice(0)) {
            reject(error);
        }
    }
}
