import type { Callback, Context } from './context.js';

/**
 * What handlers get and give: events of payload format 1.0 and its answers (API Gateway Developer
 * Guide, "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway").
 */

/** The names of the parameters in a route's path: `id` of `/users/{id}` and of `/users/:id`. */
type ParameterNames<Path extends string> =
    Path extends `${infer Segment}/${infer Rest}`
        ? ParameterName<Segment> | ParameterNames<Rest>
        : ParameterName<Path>;

type ParameterName<Segment extends string> =
    Segment extends `{${infer Name}}` | `:${infer Name}`
        ? Name extends `${infer Greedy}+` ? Greedy : Name
        : never;

/** What a route's path makes of `event.pathParameters`: null where there are none. */
export type PathParameters<Path extends string = string> =
    string extends Path ? Record<string, string> | null
        : [ParameterNames<Path>] extends [never] ? null
            : { [Name in ParameterNames<Path>]: string };

export interface RequestContext {
    accountId: string;
    apiId: string;
    domainName: string;
    domainPrefix: string;
    extendedRequestId: string;
    httpMethod: string;
    identity: {
        accessKey: string | null;
        accountId: string | null;
        caller: string | null;
        cognitoAmr: string | null;
        cognitoAuthenticationProvider: string | null;
        cognitoAuthenticationType: string | null;
        cognitoIdentityId: string | null;
        cognitoIdentityPoolId: string | null;
        principalOrgId: string | null;
        sourceIp: string;
        user: string | null;
        userAgent: string | null;
        userArn: string | null;
    };
    path: string;
    protocol: string;
    requestId: string;
    requestTime: string;
    requestTimeEpoch: number;
    resourceId: string;
    resourcePath: string;
    stage: string;
}

export interface ApiEvent<Parameters = PathParameters> {
    version: string;
    /** The route's path: `/users/{id}`. */
    resource: string;
    /** The request's path with the stage: `/dev/users/7`. */
    path: string;
    httpMethod: string;
    headers: Record<string, string | undefined>;
    multiValueHeaders: Record<string, string[] | undefined>;
    queryStringParameters: Record<string, string | undefined> | null;
    multiValueQueryStringParameters: Record<string, string[] | undefined> | null;
    requestContext: RequestContext;
    pathParameters: Parameters;
    stageVariables: Record<string, string | undefined> | null;
    body: string | null;
    /** Bodies that are not text come in base64. */
    isBase64Encoded: boolean;
}

export type HeaderValue = string | number | boolean;

export interface ApiResponse {
    /** 200 to 599. */
    statusCode: number;
    headers?: Record<string, HeaderValue>;
    multiValueHeaders?: Record<string, HeaderValue[]>;
    body?: string;
    /** The body is base64, and is decoded before it is sent. */
    isBase64Encoded?: boolean;
}

/** Runs for each request of a route. What it throws is logged and answered with 500. */
export type Handler<Path extends string = string> =
    (event: ApiEvent<PathParameters<Path>>, context: Context) => ApiResponse | Promise<ApiResponse>;

/** What adapters give that make one handler of a whole application: of Express, Hono and others. */
export type AnyAdapter = (event: any, context: any, callback: any) => unknown;

/** `unknown` for a handler that takes events as they come, and answers in a way of its own; for all
 * others `never`: they are handlers of an event that they know, and are checked. */
export type Adapter<Made extends AnyAdapter> =
    Parameters<Made> extends [] ? never : object extends Parameters<Made>[0] ? unknown : never;

/** Handlers in Lambda's older style: what they answer they give to the callback. */
export type CallbackHandler<Path extends string = string> =
    (event: ApiEvent<PathParameters<Path>>, context: Context, callback: Callback) => void;

/** `never` for what takes no callback. */
export type TakesCallback<Made extends (...given: any) => unknown> = Parameters<Made>['length'] extends 3 ? unknown : never;
