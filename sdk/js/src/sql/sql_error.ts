/** What goes wrong with a database other than what the server says of a statement. */
export class SqlError extends Error {
    override readonly name = 'SqlError';
    /** The SQLSTATE, or Node's code of the failure. */
    readonly code: string | undefined;

    constructor(message: string, cause?: unknown) {
        super(message, cause === undefined ? undefined : { cause });
        this.code = codeOf(cause);
    }
}

/** A SQLSTATE, or Node's code. */
export function codeOf(error: unknown): string | undefined {
    const { code } = Object(error) as { code?: unknown };
    return typeof code === 'string' ? code : undefined;
}

export function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

/** Is `error` an answer of the server, after which the connection goes on? */
export function isServerError(error: unknown): boolean {
    return error instanceof Error && 'severity' in error && error.severity === 'ERROR';
}
