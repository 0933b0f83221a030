/**
 * What an application has declared, as the runtime reads it.
 *
 * Options are kept as they were given: the engine checks them, so that its messages and its rules
 * are the same for every language.
 */
export interface Declaration {
    readonly options: unknown;
    readonly place: Place;
    readonly sql: SqlDeclaration[];
    readonly apis: ApiDeclaration[];
    /** What the engine could not see in a manifest, such as a handler that is no function. */
    readonly mistakes: Mistake[];
}

export interface SqlDeclaration {
    readonly options: unknown;
    readonly place: Place;
}

export interface ApiDeclaration {
    readonly options: unknown;
    readonly place: Place;
    readonly routes: RouteDeclaration[];
}

export interface RouteDeclaration {
    readonly method: unknown;
    readonly path: unknown;
    /** The function's name, unique in the application. */
    readonly function: string;
    readonly handler: unknown;
    readonly options: unknown;
    readonly place: Place;
}

export interface Mistake {
    readonly place: Place;
    readonly message: string;
}

/** Where in the author's files something was declared. */
export interface Place {
    /** Its first frame is the caller's; empty unless the application is asked what it declares. */
    readonly stack?: string;
}

/** Registered, because a bundle may hold this package twice: for `import` and for `require`. */
const key = Symbol.for('nimbus.declaration');

export function attach(application: object, declaration: Declaration): void {
    Object.defineProperty(application, key, { value: declaration });
}

/** Nothing when `value` is not an application. */
export function declarationOf(value: unknown): Declaration | undefined {
    return value instanceof Object
        ? (value as { [key]?: Declaration })[key]
        : undefined;
}

/** Is the application asked what it declares? If not, it was asked before, and only serves. */
export const isDescribing = Boolean(process.env.NIMBUS_MANIFEST_OUT);

/** The place that called `callee`. */
export function placeBefore(callee: Function): Place {
    const place: Place = {};
    if (isDescribing) {
        Error.captureStackTrace(place, callee);
    }
    return place;
}
