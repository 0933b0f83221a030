/** What a test sends to a route. */
export interface InvokeOptions {
    /** An object goes as JSON. Bytes arrive in base64, as at API Gateway, unless their Content-Type is that of
     * a text. */
    body?: string | Uint8Array | object;
    /** By their names, in any case. Without Content-Type, a text has `text/plain`, and JSON its own. */
    headers?: Record<string, string | string[]>;
}

/** What a test gets from a route: what the client of API Gateway would get. */
export interface InvokeAnswer {
    readonly status: number;
    readonly headers: Headers;
    readonly body: string;
    /** What the body, which must be JSON, stands for. */
    json<Value = any>(): Value;
    /** What the handler threw, which the client sees as 500. */
    readonly error?: unknown;
}

/** How a test fires a timer. */
export interface InvokeTimerOptions {
    /** The moment that the schedule names. By default now. */
    time?: Date;
}
