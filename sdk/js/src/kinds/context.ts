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
}
