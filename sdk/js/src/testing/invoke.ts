import { randomUUID } from 'node:crypto';
import type { ApiResponse } from '../kinds/api_event.js';
import type { EventSource } from '../kinds/kind.js';
import { resultOf } from '../runtime/handler_styles.js';
import type { AnyHandler } from '../runtime/handler_styles.js';
import { requestEvent } from './request_event.js';
import type { Surroundings } from './request_event.js';
import { chooseRoute } from './routing.js';
import type { RoutePattern } from './routing.js';
import type { InvokeAnswer, InvokeOptions } from './types.js';

/** A route that can be invoked. */
export interface InvokedRoute extends RoutePattern {
    readonly handler: AnyHandler;
    readonly surroundings: Surroundings;
}

/** Answers as API Gateway does with these routes, whose source is `source`. */
export async function invokeRoute(routes: readonly InvokedRoute[], source: EventSource, method: string, target: string,
                                  options: InvokeOptions = {}): Promise<InvokeAnswer> {
    const [path = '', query = ''] = target.split(/\?(.*)/s);
    const chosen = chooseRoute(routes, method, path);
    if (!chosen) {
        return gatewayAnswer(404, 'Not Found');
    }
    const { route, values } = chosen;
    const event = requestEvent({ method, path, query, options }, route.surroundings, route, values);
    try {
        return answerOf(source.answer(await runHandler(route.handler, event)));
    } catch (error) {
        console.error(error);
        return { ...gatewayAnswer(500, 'Internal Server Error'), error };
    }
}

/** What a handler of any style answers to an event, with what it throws. Both go through JSON, as on Lambda. */
export async function runHandler(handler: AnyHandler, event: unknown): Promise<unknown> {
    const deadline = Date.now() + 30_000;
    const result = await resultOf(handler, jsonOf(event), {
        awsRequestId: randomUUID(),
        functionName: '', functionVersion: '$LATEST', invokedFunctionArn: '', memoryLimitInMB: '256',
        logGroupName: '', logStreamName: '',
        getRemainingTimeInMillis: () => deadline - Date.now(),
        // A test has more to run than the handler, so nothing is waited for.
        callbackWaitsForEmptyEventLoop: false,
    }, () => undefined);
    return jsonOf(result);
}

function jsonOf(value: unknown): unknown {
    return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function invokeAnswer(status: number, headers: Headers, body: string): InvokeAnswer {
    return { status, headers, body, json: () => JSON.parse(body) };
}

function gatewayAnswer(status: number, message: string): InvokeAnswer {
    return invokeAnswer(status, new Headers({ 'content-type': 'application/json' }), JSON.stringify({ message }));
}

/** The handler's own, unless it is no response. */
function answerOf(response: unknown): InvokeAnswer {
    const { statusCode, headers = {}, multiValueHeaders = {}, body, isBase64Encoded } = Object(response) as ApiResponse;
    if (!Number.isInteger(statusCode) || statusCode < 200 || statusCode > 599 || typeof (body ?? '') !== 'string') {
        return gatewayAnswer(500, 'Internal Server Error');
    }
    const all = new Headers();
    for (const [name, values] of Object.entries(multiValueHeaders)) {
        values.forEach((value) => all.append(name, String(value)));
    }
    for (const [name, value] of Object.entries(headers)) {
        if (value !== null && !(multiValueHeaders[name] ?? []).includes(value)) {
            all.append(name, String(value));
        }
    }
    if (body && !all.has('content-type')) {
        all.set('content-type', 'text/plain; charset=utf-8');
    }
    return invokeAnswer(statusCode, all, isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : body ?? '');
}
