import type { NimbusOptions } from '../app.js';
import { declarationOf, keptOf, placeBefore } from '../declaration.js';
import type { Declaration } from '../declaration.js';
import { acceptedOptions, addMistake, addPart, isPlainObject, kindOf, unavailable } from '../description.js';
import type { Description, OptionRules, Part, Place } from '../description.js';
import type { InvokedRoute } from '../testing/invoke.js';
import type { InvokeAnswer, InvokeOptions } from '../testing/types.js';
import type { Adapter, AnyAdapter, CallbackHandler, Handler, TakesCallback } from './api_event.js';
import { describeFunction, unavailableSettings } from './function.js';
import type { Architecture, FunctionSettings, LambdaHandler, LogRetention } from './function.js';
import type { EventSource, Kind } from './kind.js';
import { SharedFunction } from './shared_function.js';
import type { SharingRoute } from './shared_function.js';

/** Lambda allows 128 characters for `index.<name>`. */
const longestName = 112;

/** An HTTP API. */
export interface ApiOptions {
    /** A lower-case letter, then lower-case letters, digits and dashes; at most 32 characters. */
    name: string;
    description?: string;
    /** The first segment of the URL's path: lower-case letters, digits and dashes, at most 16; or
     * `$default` for none, as applications with a router of their own want it. By default the
     * application's stage. */
    stage?: string;
    /** The name of the function of all routes that name no other, as in RouteOptions. By default
     * each route has a function of its own. */
    function?: string;
    /** Of the functions of its routes, as in RouteOptions. By default the application's. */
    architecture?: Architecture;
    /** Of the functions of its routes, as in RouteOptions. By default the application's. */
    logRetention?: LogRetention;
}

/** How the Lambda function behind a route is set up. */
export interface RouteOptions extends FunctionSettings {
    description?: string;
    /** The name of a function that all routes with this name share: letters, digits, dashes and
     * underscores. The other options belong to that function: a route may leave them out, and two
     * must not differ in one. By default a function of the route's own. */
    function?: string;
}

/** `ANY` takes every method that no other route of the path takes. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS' | 'ANY';

/** An HTTP API of the application. */
export interface Api {
    /**
     * Has `handler` answer `method` on `path`: `/users`, `/users/{id}` or `/users/:id`,
     * `/files/{path+}`, or `$default` (with `ANY`) for what matches nothing else. The handler keeps
     * all that it refers to: the module's variables and imports.
     */
    route<const Path extends string>(
        method: Method, path: Path, handler: Handler<Path>, options?: RouteOptions): this;
    /** The same for handlers that give their answer to a callback. */
    route<const Path extends string, Made extends CallbackHandler<Path>>(
        method: Method, path: Path, handler: Made & TakesCallback<Made>, options?: RouteOptions): this;
    /** The same for what an adapter makes of a router: serverless-http of Express, for example. */
    route<Made extends AnyAdapter>(
        method: Method, path: string, handler: Made & Adapter<Made>, options?: RouteOptions): this;

    /** As `app.invoke`, on this API's routes alone. */
    invoke(method: Method, pathAndQuery: string, options?: InvokeOptions): Promise<InvokeAnswer>;

    /** @deprecated Not available in Nimbus yet: a deploy refuses it. */
    authorizer(options: object): this;
}

export interface ApiMethods {
    /** Declares an HTTP API. */
    API(options: ApiOptions): Api;
    /** Another name of `API`. */
    api(options: ApiOptions): Api;
    /**
     * For tests: runs the handler that API Gateway would choose, in this process, with the event that it would
     * send, and answers as it would: 404 where there is no such route, and 500 for what the handler throws, which
     * is written to the console and is the answer's `error`. The path is without the stage.
     */
    invoke(method: Method, pathAndQuery: string, options?: InvokeOptions): Promise<InvokeAnswer>;
}

const apiRules: OptionRules = {
    unavailable: {
        authorizers: '', cors: '', customDomain: '', tracing: '', waf: '',
        init: unavailableSettings.init,
        routes: 'api.route(…) declares each',
    },
};

const routeRules: OptionRules = {
    unavailable: { ...unavailableSettings, authorizer: '', cors: '' },
    reserved: ['name'],
};

/** `/users/:id` as `/users/{id}`. */
function pathInBraces(path: unknown): unknown {
    return typeof path === 'string' && path.includes('/:') ? path.replace(/(?<=\/):([^/]+)/g, '{$1}') : path;
}

/** Unique among the application's functions. */
function functionName(handlers: Declaration['handlers'], method: unknown, path: unknown): string {
    const base = `${method} ${path}`.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
        .slice(0, longestName) || 'route';
    let name = base;
    for (let suffix = 2; handlers.has(name); ++suffix) {
        name = `${base}-${suffix}`;
    }
    return name;
}

/** Events of payload format 1.0. */
const apiGateway: EventSource = {
    sends: (event) => isPlainObject(event) && 'httpMethod' in event && 'requestContext' in event,
    answer(response) {
        const mistake = mistakeIn(response);
        if (mistake) {
            console.error(`The handler's answer is no response, and becomes a 500: ${mistake}`);
        }
        return response;
    },
};

/** What API Gateway will not take; the caller is told nothing but "Internal Server Error". */
function mistakeIn(response: unknown): string | undefined {
    const { statusCode, body } = Object(response) as { statusCode?: unknown; body?: unknown };
    if (typeof response !== 'object' || response === null) {
        return `it must be an object with a statusCode, not ${response === null ? 'null' : typeof response}`;
    }
    if (!Number.isInteger(statusCode) || (statusCode as number) < 200 || (statusCode as number) > 599) {
        return `its statusCode must be a number from 200 to 599, not ${JSON.stringify(statusCode)}`;
    }
    if (body !== undefined && body !== null && typeof body !== 'string') {
        return `its body must be text, not ${Array.isArray(body) ? 'an array' : typeof body}: JSON.stringify makes one`;
    }
    return undefined;
}

/** `options` without those that the manifest has in another place. */
function without(names: readonly string[], options: unknown): unknown {
    return isPlainObject(options)
        ? Object.fromEntries(Object.entries(options).filter(([name]) => !names.includes(name))) : options;
}

/** The options that an API has for the functions of its routes. */
const routeDefaults = ['architecture', 'logRetention'] as const;

/** The options of a route, with what its API says for those that it leaves out. */
function withDefaults(given: RouteOptions | undefined, api: ApiOptions | undefined): RouteOptions | undefined {
    if (given !== undefined && !isPlainObject(given)) {
        return given;
    }
    const open = routeDefaults.filter((name) => given?.[name] === undefined && api?.[name] !== undefined);
    return open.length === 0 ? given : { ...given, ...Object.fromEntries(open.map((name) => [name, api?.[name]])) };
}

/** What there is to say of one route. */
interface RouteDeclaration extends SharingRoute {
    /** How mistakes call it. */
    readonly subject: string;
    readonly options: RouteOptions | undefined;
    readonly place: Place | undefined;
}

/** The options of the route's function. */
function settingsOf(description: Description, { subject, options }: RouteDeclaration, place: Place): unknown {
    if (options !== undefined && !isPlainObject(options)) {
        addMistake(description, place, `${subject}: the options must be an object, not ${kindOf(options)}`);
    }
    return without(['function'], acceptedOptions(description, subject, options, routeRules, place));
}

/** Gives the route a function of its own, and returns its name. */
function addFunction({ handlers, description }: Declaration, route: RouteDeclaration): string {
    const name = functionName(handlers, route.method, route.path);
    handlers.set(name, route.handler);
    if (description && route.place) {
        const settings = settingsOf(description, route, route.place);
        describeFunction(description, route.subject, name, route.handler, settings, route.place);
    }
    return name;
}

/** Makes the route one of those that share the function `name`. */
function shareFunction({ handlers, sharedFunctions, description }: Declaration, name: string,
                       route: RouteDeclaration): void {
    const shared = sharedFunctions.get(name) ?? new SharedFunction(name);
    if (description && route.place) {
        if (handlers.has(name) && !sharedFunctions.has(name)) {
            addMistake(description, route.place, `${route.subject} shares a function ${name}, but that is the ` +
                'name of another function already: choose another name');
        }
        const settings = settingsOf(description, route, route.place);
        shared.describe(description, route.subject, route, settings, route.place);
    }
    shared.add(route);
    sharedFunctions.set(name, shared);
    handlers.set(name, shared.handle);
}

/** A route, and the options of its API. */
interface ApiRoute {
    readonly route: SharingRoute;
    readonly api: ApiOptions | undefined;
}

/** In the order of their declarations. */
const routesOf = keptOf((): ApiRoute[] => []);

/** Of `api` alone, if that is given. Loaded when it is called: instances have no time for it. */
async function invoke(declaration: Declaration, api: ApiOptions | undefined, method: string, pathAndQuery: string,
                      options?: InvokeOptions): Promise<InvokeAnswer> {
    const { invokeRoute } = await import('../testing/invoke.js');
    const all = routesOf(declaration);
    const { stage: own, region = process.env.AWS_REGION ?? 'us-east-1' } = Object(declaration.options) as NimbusOptions;
    const stage = own ?? all.find((each) => each.api?.stage && each.api.stage !== '$default')?.api?.stage ?? 'dev';
    const routes = all.filter((each) => !api || each.api === api).map((each): InvokedRoute =>
        ({ ...each.route, surroundings: { stage: each.api?.stage ?? stage, region } }));
    return invokeRoute(routes, apiGateway, method, pathAndQuery, options);
}

function addApi(declaration: Declaration, options: ApiOptions, callee: Function): Api {
    const { description } = declaration;
    const routes: Part[] = [];
    if (description) {
        const place = placeBefore(callee);
        const members = without(['function', ...routeDefaults],
            acceptedOptions(description, 'API', options, apiRules, place));
        addPart(description, 'apis', { place, members, parts: { routes } });
    }
    const result: Api = {
        route(method: Method, path: string, handler: unknown, given?: RouteOptions) {
            const inBraces = pathInBraces(path) as string;
            const place = description && placeBefore(result.route);
            const route = { api: options?.name, method, path: inBraces, handler: handler as LambdaHandler,
                subject: `route ${method} ${inBraces}`, options: withDefaults(given, options), place };
            routesOf(declaration).push({ route, api: options });
            const shared = given?.function ?? options?.function;
            if (shared !== undefined) {
                shareFunction(declaration, shared, route);
            }
            const name = shared ?? addFunction(declaration, route);
            if (place) {
                routes.push({ place, members: { method, path: inBraces, function: name } });
            }
            return result;
        },
        invoke: (method, pathAndQuery, how) => invoke(declaration, options, method, pathAndQuery, how),
        authorizer() {
            if (description) {
                addMistake(description, placeBefore(result.authorizer), unavailable('api.authorizer'));
            }
            return result;
        },
    };
    return result;
}

export const api: Kind<ApiMethods> = {
    sections: ['apis'],
    source: apiGateway,
    methods: {
        API(options) {
            return addApi(declarationOf(this), options, api.methods.API);
        },
        api(options) {
            return addApi(declarationOf(this), options, api.methods.api);
        },
        invoke(method, pathAndQuery, options) {
            return invoke(declarationOf(this), undefined, method, pathAndQuery, options);
        },
    },
};
