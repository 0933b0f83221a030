import type { Declaration } from '../declaration.js';

/** A kind of what applications declare: all that this package knows of it is in its own file. */
export interface Kind<Methods extends object> {
    /** The lists of the manifest that it fills. */
    readonly sections: readonly string[];
    /** What calls its functions with events of a form of their own. */
    readonly source?: EventSource;
    /** The methods of an application that declare it. */
    methods(declaration: Declaration): Methods;
}

/** What calls functions. Events that no source knows, such as those of an SDK's, pass as they are. */
export interface EventSource {
    /** Is `event` one of its events? */
    sends(event: unknown): boolean;
    /** What it gets for the handler's result. The log says what it will not take. */
    answer(result: unknown): unknown;
}
