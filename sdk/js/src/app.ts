import { attach, isDescribing, placeBefore } from './declaration.js';
import type { ApiDeclaration, Declaration, Place } from './declaration.js';
import type { Handler } from './event.js';
import type { ApiOptions, FunctionOptions, Method, NimbusOptions, SqlOptions } from './options.js';

/** Lambda allows 128 characters for `index.<name>`. */
const longestName = 112;

/** A SQL database of the application. Functions find it through their environment:
 * `SQL_<NAME>_ENDPOINT` and so on. */
export interface SqlDatabase {
    readonly name: string;
    readonly schema: string;
}

/** An HTTP API of the application. */
export interface Api {
    /**
     * Has `handler` answer `method` on `path`: `/users`, `/users/{id}`, `/files/{path+}`, or
     * `$default` (with `ANY`) for what matches nothing else. The handler keeps all that it refers
     * to: the module's variables and imports.
     */
    route<const Path extends string>(
        method: Method, path: Path, handler: Handler<Path>, options?: FunctionOptions): this;
}

/**
 * An application: what it needs, and its handlers. Export it by default.
 *
 * What is wrong with the options is reported, all at once, when the application is planned or
 * deployed.
 */
export class Nimbus {
    readonly #declaration: Declaration;
    readonly #functions = new Set<string>();

    constructor(options: NimbusOptions) {
        this.#declaration = { options, place: placeBefore(Nimbus), sql: [], apis: [], mistakes: [] };
        attach(this, this.#declaration);
        this.#refuse(options, ['version', 'project', 'runtime', 'architecture', 'sql', 'apis', 'functions'],
            'new Nimbus', this.#declaration.place);
        if (isDescribing && !(isPlainObject(options) && 'projectName' in options)) {
            this.#mistake(this.#declaration.place, 'new Nimbus: the option "projectName" is missing');
        }
    }

    /** Declares a SQL database, which all functions can use unless they say what they use. */
    SQL(options: SqlOptions): SqlDatabase {
        this.#declaration.sql.push({ options, place: placeBefore(this.SQL) });
        return { name: options?.name, schema: options?.schema };
    }

    /** Declares an HTTP API. */
    API(options: ApiOptions): Api {
        const api: ApiDeclaration = { options, place: placeBefore(this.API), routes: [] };
        this.#declaration.apis.push(api);
        this.#refuse(options, ['routes'], 'API', api.place);
        const result: Api = {
            route: (method, path, handler, given) => {
                this.#route(api, placeBefore(result.route), method, path, handler, given);
                return result;
            },
        };
        return result;
    }

    #route(api: ApiDeclaration, place: Place, method: unknown, path: unknown, handler: unknown,
           options: unknown): void {
        const name = isDescribing ? `route ${method} ${path}` : '';
        if (typeof handler !== 'function') {
            this.#mistake(place, `${name}: the handler must be a function, not ${kindOf(handler)}`);
        }
        if (options !== undefined && !isPlainObject(options)) {
            this.#mistake(place, `${name}: the options must be an object, not ${kindOf(options)}`);
        }
        this.#refuse(options, ['name'], name, place);
        api.routes.push({ method, path, function: this.#functionName(method, path), handler, options, place });
    }

    #functionName(method: unknown, path: unknown): string {
        const base = `${method} ${path}`.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '')
            .slice(0, longestName) || 'route';
        let name = base;
        for (let suffix = 2; this.#functions.has(name); ++suffix) {
            name = `${base}-${suffix}`;
        }
        this.#functions.add(name);
        return name;
    }

    /** Names that mean something in the manifest, but are not an author's to set. */
    #refuse(options: unknown, names: string[], subject: string, place: Place): void {
        for (const name of isDescribing ? names : []) {
            if (isPlainObject(options) && name in options) {
                this.#mistake(place, `${subject}: there is no option ${JSON.stringify(name)}`);
            }
        }
    }

    #mistake(place: Place, message: string): void {
        this.#declaration.mistakes.push({ place, message });
    }
}

function isPlainObject(value: unknown): value is object {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
    if (value === undefined || value === null) {
        return String(value);
    }
    if (value instanceof Promise) {
        return 'a promise (was it called instead of passed?)';
    }
    return Array.isArray(value) ? 'an array' : /^[aeiou]/.test(typeof value) ? `an ${typeof value}` : `a ${typeof value}`;
}
