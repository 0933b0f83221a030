/** A kind of what applications declare: all that this package knows of it is in its own file. */
export interface Kind<Methods extends object = object> {
    /** The lists of the manifest that it fills. */
    readonly sections: readonly string[];
    /** The methods of applications that declare it: `this` is the application. */
    readonly methods: Methods & ThisType<object>;
    /** What calls its functions with events of a form of their own. */
    readonly source?: EventSource;
}

/** What calls functions. Events that no source knows, such as an SDK's, pass as they are. */
export interface EventSource {
    /** Is `event` one of its events? */
    sends(event: unknown): boolean;
    /** What it gets for the handler's result. The log says what it will not take. */
    answer(result: unknown): unknown;
}
