import { randomUUID } from 'node:crypto';
import type { ApiEvent } from '../kinds/api_event.js';
import { percentDecoded } from './routing.js';
import type { PathValues, RoutePattern } from './routing.js';
import type { InvokeOptions } from './types.js';

/** A request as it comes to API Gateway. */
export interface Request {
    readonly method: string;
    /** As in a URL, without the stage. */
    readonly path: string;
    readonly query: string;
    readonly options: InvokeOptions;
}

/** What API Gateway knows of the API, of which a test says little. */
export interface Surroundings {
    readonly stage: string;
    readonly region: string;
}

const accountId = '123456789012';
const apiId = 'test';

/** The event of payload format 1.0 (API Gateway Developer Guide, "Create AWS Lambda proxy integrations for
 * HTTP APIs in API Gateway"). */
export function requestEvent(request: Request, { stage, region }: Surroundings, route: RoutePattern,
                             values: PathValues): ApiEvent {
    const { type, bytes } = bodyOf(request.options);
    const domainName = `${apiId}.execute-api.${region}.amazonaws.com`;
    const headers = headersOf(request.options, type, bytes.length, domainName);
    const query = [...new URLSearchParams(request.query)];
    const path = `${stage === '$default' ? '' : `/${stage}`}${percentDecoded(request.path)}`;
    const isText = isTextType(lastOf(headers, 'Content-Type') ?? '') && Buffer.from(bytes.toString()).equals(bytes);
    return {
        version: '1.0',
        resource: route.path,
        path,
        httpMethod: request.method,
        headers: lastValues(headers),
        multiValueHeaders: allValues(headers),
        queryStringParameters: query.length > 0 ? lastValues(query) : null,
        multiValueQueryStringParameters: query.length > 0 ? allValues(query) : null,
        requestContext: contextOf(request, route, path, stage, domainName, lastOf(headers, 'User-Agent') ?? null),
        pathParameters: Object.keys(values).length > 0 ? values : null,
        stageVariables: null,
        body: bytes.length === 0 ? null : bytes.toString(isText ? 'utf8' : 'base64'),
        isBase64Encoded: bytes.length > 0 && !isText,
    };
}

type Fields = [name: string, value: string][];

function lastValues(fields: Fields): Record<string, string> {
    return Object.fromEntries(fields);
}

function allValues(fields: Fields): Record<string, string[]> {
    const all: Record<string, string[]> = {};
    for (const [name, value] of fields) {
        (all[name] ??= []).push(value);
    }
    return all;
}

function lastOf(fields: Fields, name: string): string | undefined {
    return fields.findLast(([each]) => each === name)?.[1];
}

/** As fetch has it, where the type is not given. */
function bodyOf({ body = '' }: InvokeOptions): { type: string | undefined; bytes: Buffer } {
    if (typeof body === 'string') {
        return { type: body ? 'text/plain;charset=UTF-8' : undefined, bytes: Buffer.from(body) };
    }
    return body instanceof Uint8Array
        ? { type: undefined, bytes: Buffer.from(body) }
        : { type: 'application/json', bytes: Buffer.from(JSON.stringify(body)) };
}

/** The headers that API Gateway writes in capitals; all others come in lower case. */
const capitalized = new Map(['Content-Length', 'Content-Type', 'Host', 'User-Agent', 'X-Amzn-Trace-Id', 'X-Forwarded-For',
    'X-Forwarded-Port', 'X-Forwarded-Proto'].map((name) => [name.toLowerCase(), name]));

function headersOf({ headers = {} }: InvokeOptions, type: string | undefined, length: number, host: string): Fields {
    const given: Fields = Object.entries(headers).flatMap(([name, values]) =>
        [values].flat().map((value): Fields[number] => [capitalized.get(name.toLowerCase()) ?? name.toLowerCase(), value]));
    const time = Math.floor(Date.now() / 1000).toString(16);
    const otherwise: Fields = [
        ...(type ? [['Content-Type', type]] as Fields : []),
        ['Content-Length', String(length)], ['Host', host],
        ['X-Amzn-Trace-Id', `Root=1-${time}-${randomUUID().replaceAll('-', '').slice(0, 24)}`],
        ['X-Forwarded-For', '127.0.0.1'], ['X-Forwarded-Port', '443'], ['X-Forwarded-Proto', 'https'],
    ];
    return [...given, ...otherwise.filter(([name]) => lastOf(given, name) === undefined)];
}

/** What API Gateway does not take for binary data. */
function isTextType(type: string): boolean {
    return /^(text\/.*|application\/(json|xml|javascript)\s*(;.*)?)$/i.test(type.trim());
}

function contextOf(request: Request, route: RoutePattern, path: string, stage: string, domainName: string,
                   userAgent: string | null): ApiEvent['requestContext'] {
    const now = new Date();
    const requestId = randomUUID();
    return {
        accountId, apiId, domainName, domainPrefix: apiId, extendedRequestId: requestId, httpMethod: request.method,
        identity: {
            accessKey: null, accountId: null, caller: null, cognitoAmr: null, cognitoAuthenticationProvider: null,
            cognitoAuthenticationType: null, cognitoIdentityId: null, cognitoIdentityPoolId: null, principalOrgId: null,
            sourceIp: '127.0.0.1', user: null, userAgent, userArn: null,
        },
        path, protocol: 'HTTP/1.1', requestId, requestTime: commonLogTime(now), requestTimeEpoch: now.getTime(),
        resourceId: `${route.method} ${route.path}`, resourcePath: route.path, stage,
    };
}

/** `30/Nov/2026:13:05:00 +0000` */
function commonLogTime(date: Date): string {
    const [, day, month, year, time] = date.toUTCString().split(' ');
    return `${day}/${month}/${year}:${time} +0000`;
}
