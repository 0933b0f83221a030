/** Lambda's own account of the invocation (Lambda Developer Guide, "Using the Lambda context object
 * to retrieve Node.js function information"). */
export interface Context {
    readonly awsRequestId: string;
    readonly functionName: string;
    readonly functionVersion: string;
    readonly invokedFunctionArn: string;
    readonly memoryLimitInMB: string;
    readonly logGroupName: string;
    readonly logStreamName: string;
    /** Milliseconds until the function is stopped. */
    getRemainingTimeInMillis(): number;
    /** Whether what the callback is given waits until nothing is left to run. By default true. */
    callbackWaitsForEmptyEventLoop: boolean;
    /** Ends the invocation with a result or an error, at once. */
    done: Callback;
    /** Ends the invocation with a result, at once. */
    succeed: (result?: any) => void;
    /** Ends the invocation with an error, at once. */
    fail: (error?: unknown) => void;
}

/** The third argument of handlers: takes an error, or null and the result. */
export type Callback = (error?: any, result?: any) => void;
