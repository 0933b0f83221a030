import type { Description, Place } from './description.js';
import type { Kind } from './kinds/kind.js';
import type { SharedFunction } from './kinds/shared_function.js';

/** What an application has declared, as the runtime reads it. */
export interface Declaration {
    /** The application's options, as they were given. */
    readonly options: unknown;
    /** All that there are: they know what the events of their sources are like. */
    readonly kinds: readonly Kind[];
    /** By the names of their functions, which are unique in the application. */
    readonly handlers: Map<string, unknown>;
    /** Those functions that the application named for several to share, by name. */
    readonly sharedFunctions: Map<string, SharedFunction>;
    /** Only when the application is asked what it declares: an instance has no time for it. */
    readonly description?: Description;
}

/** Registered, because a bundle may hold this package twice: for `import` and for `require`. */
const key = Symbol.for('nimbus.declaration');

export function attach(application: object, declaration: Declaration): void {
    Object.defineProperty(application, key, { value: declaration });
}

export function declarationOf(application: object): Declaration {
    return (application as { [key]: Declaration })[key];
}

export function isApplication(value: unknown): value is object {
    return value instanceof Object && key in value;
}

/** Gives what one kind keeps of each application, for itself. */
export function keptOf<Kept>(make: () => Kept): (declaration: Declaration) => Kept {
    const all = new WeakMap<Declaration, Kept>();
    return (declaration) => {
        const kept = all.get(declaration) ?? make();
        all.set(declaration, kept);
        return kept;
    };
}

/** The place that called `callee`. */
export function placeBefore(callee: Function): Place {
    const place: Place = {};
    Error.captureStackTrace(place, callee);
    return place;
}
