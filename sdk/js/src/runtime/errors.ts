/** An error as Lambda's Node runtime reports it. */
export interface ErrorDocument {
    errorType: string;
    errorMessage: string;
    trace: string[];
}

export function errorDocument(error: unknown): ErrorDocument {
    if (error instanceof Error || isErrorLike(error)) {
        return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
    }
    return { errorType: typeof error, errorMessage: text(error), trace: [] };
}

/** As it is written to the log: with whatever else the error has, such as a code. */
export function loggedError(error: unknown): string {
    const { errorType, errorMessage, trace } = errorDocument(error);
    const others = error instanceof Object ? { ...error } : {};
    try {
        return JSON.stringify({ errorType, errorMessage, ...others, stack: trace });
    } catch { // something in it refers to itself, or is no JSON
        return JSON.stringify({ errorType, errorMessage, stack: trace });
    }
}

/** Errors of another realm (node:vm), too. */
function isErrorLike(value: unknown): value is Error {
    return typeof value === 'object' && value !== null && 'name' in value && 'message' in value && 'stack' in value;
}

function text(value: unknown): string {
    try {
        return String(value);
    } catch {
        return Object.prototype.toString.call(value);
    }
}
