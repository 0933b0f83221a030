import { isDeepStrictEqual } from 'node:util';
import { addMistake, addPart } from '../description.js';
import type { Description, Place } from '../description.js';
import { settledSettings } from './function.js';
import type { LambdaHandler } from './function.js';

/** One of the routes that share a function. */
export interface SharingRoute {
    /** The API's name. */
    readonly api: string;
    readonly method: string;
    readonly path: string;
    readonly handler: LambdaHandler;
}

/** A function that several routes share: it chooses among their handlers. */
export class SharedFunction {
    readonly #name: string;
    readonly #routes = new Map<string, SharingRoute>();
    readonly #settings: Record<string, unknown>;
    /** The first route that gave it, for each setting. */
    readonly #givenBy = new Map<string, string>();

    constructor(name: string) {
        this.#name = name;
        this.#settings = { name };
    }

    add(route: SharingRoute): void {
        this.#routes.set(`${route.method} ${route.path}`, route);
    }

    /** The Lambda handler. */
    readonly handle: LambdaHandler = (event, context, callback) =>
        this.#routeOf(event).handler(event, context, callback);

    /**
     * API Gateway has chosen among the paths, and names the route's as `resource`: what is left is
     * that a method goes before ANY. A function of one route takes whatever comes.
     */
    #routeOf(event: unknown): SharingRoute {
        const { httpMethod, resource } = Object(event) as { httpMethod?: unknown; resource?: unknown };
        const [only, ...others] = this.#routes.values();
        const route = others.length > 0
            ? this.#routes.get(`${httpMethod} ${resource}`) ?? this.#routes.get(`ANY ${resource}`) : only;
        if (!route) {
            const known = [...this.#routes.keys()].join(', ');
            throw Object.assign(
                new Error(`The function ${this.#name} has the routes ${known}; the event is for none of these, ` +
                    `but for httpMethod ${JSON.stringify(httpMethod)} and resource ${JSON.stringify(resource)}`),
                { name: 'Runtime.InvalidEvent' });
        }
        return route;
    }

    /** Tells how the manifest lists the function, as far as `route`, which is not added yet, says it. */
    describe(description: Description, subject: string, route: SharingRoute, settings: unknown, place: Place): void {
        if (this.#routes.size === 0) {
            addPart(description, 'functions', { place, members: this.#settings });
        }
        for (const earlier of this.#routes.values()) {
            if (cannotBeToldApart(earlier, route)) {
                addMistake(description, place,
                    `${subject} of the API ${route.api} shares the function ${this.#name} with ${earlier.method} ` +
                    `${earlier.path} of the API ${earlier.api}, but events do not tell which API they are of: ` +
                    'give one of the two another function, or both the same handler');
            }
        }
        const settled = settledSettings(description, subject, route.handler, settings, place);
        for (const [given, value] of Object.entries(settled)) {
            this.#settle(description, subject, given === 'memory' ? 'memorySize' : given, value, place);
        }
    }

    #settle(description: Description, subject: string, setting: string, value: unknown, place: Place): void {
        const earlier = this.#givenBy.get(setting);
        if (earlier === undefined) {
            this.#givenBy.set(setting, subject);
            this.#settings[setting] = value;
        } else if (!isDeepStrictEqual(value, this.#settings[setting])) {
            addMistake(description, place,
                `${subject} has another ${JSON.stringify(setting)} than ${earlier}, and they share the function ` +
                `${this.#name}, which the options belong to: give it once, or the same everywhere`);
        }
    }
}

/** An event names its API by an id that the program does not know. */
function cannotBeToldApart(a: SharingRoute, b: SharingRoute): boolean {
    return a.api !== b.api && a.path === b.path && a.handler !== b.handler
        && (a.method === b.method || a.method === 'ANY' || b.method === 'ANY');
}
