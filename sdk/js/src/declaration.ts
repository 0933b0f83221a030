import type { EventSource } from './kinds/kind.js';

/**
 * What an application has declared, as the runtime reads it.
 *
 * Options are kept as they were given: the engine checks them, so that its messages and its rules
 * are the same for every language.
 */
export class Declaration {
    /** By their names in the manifest. */
    readonly sections: Sections = {};
    readonly functions: FunctionDeclaration[] = [];
    /** What the engine could not see in a manifest, such as a handler that is no function. */
    readonly mistakes: Mistake[] = [];

    constructor(public options: unknown, readonly place: Place, readonly sources: readonly EventSource[]) {}

    add(section: string, part: Part): void {
        (this.sections[section] ??= []).push(part);
    }

    addFunction(declared: FunctionDeclaration): void {
        this.functions.push(declared);
        this.add('functions', declared);
    }

    hasFunction(name: string): boolean {
        return this.functions.some((declared) => declared.name === name);
    }

    mistake(place: Place, message: string): void {
        this.mistakes.push({ place, message });
    }
}

/** Lists of the manifest, by their names. */
export type Sections = Record<string, Part[]>;

/** One thing that was declared: an item of a list of the manifest. */
export interface Part {
    readonly place: Place;
    /** Its members in the manifest, but for those in `parts`. */
    readonly members: unknown;
    /** Its own lists, such as an API's routes. */
    readonly parts?: Sections;
}

export interface FunctionDeclaration extends Part {
    /** Unique in the application; also what _HANDLER says. */
    readonly name: string;
    readonly handler: unknown;
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
