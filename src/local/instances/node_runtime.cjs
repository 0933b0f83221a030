'use strict';

// Node's side of a function of a nodejs runtime: loads the handler that _HANDLER names from the code,
// and serves it over the Runtime API. It stands in for the runtime that Lambda brings along; sources:
// Lambda Developer Guide, "Define Lambda function handler in Node.js", "Using the Lambda runtime API
// for custom runtimes", "AWS Lambda context object in Node.js" and "Log and monitor Node.js Lambda
// functions".

const fs = require('node:fs');
const http = require('node:http');
const { createRequire } = require('node:module');
const path = require('node:path');
const { pathToFileURL } = require('node:url');
const { format } = require('node:util');

const { AWS_LAMBDA_RUNTIME_API = '', LAMBDA_TASK_ROOT = process.cwd(), _HANDLER = '' } = process.env;
const base = '/2018-06-01/runtime';
const separator = AWS_LAMBDA_RUNTIME_API.lastIndexOf(':');
const runtimeApi = {
    host: AWS_LAMBDA_RUNTIME_API.slice(0, separator),
    port: Number(AWS_LAMBDA_RUNTIME_API.slice(separator + 1)),
    // A connection that is kept and not in use does not keep the process from running out of work.
    agent: new http.Agent({ keepAlive: true, maxSockets: 1 }),
};

/** The id of the invocation that runs, or ran last: what a handler left running writes in its name. */
let requestId;
/** Who waits for this process: nobody yet knows it, it waits for an event itself, or it has one. */
let state = 'loading';
/** What is to be done when nothing is left to run and the handler has not settled. */
let whenIdle;
let isFailing = false;

// --- errors -----------------------------------------------------------------------------------------

function named(name, message) {
    return Object.assign(new Error(message), { name });
}

function errorDocument(error) {
    if (error instanceof Object && 'name' in error && 'message' in error && 'stack' in error) {
        return { errorType: error.name, errorMessage: error.message, trace: String(error.stack ?? '').split('\n') };
    }
    return { errorType: typeof error, errorMessage: format(error), trace: [] };
}

function loggedError(error) {
    const { errorType, errorMessage, trace } = errorDocument(error);
    const others = error instanceof Object ? { ...error } : {};
    delete others.name;
    try {
        return JSON.stringify({ errorType, errorMessage, ...others, stack: trace });
    } catch {
        return JSON.stringify({ errorType, errorMessage, stack: trace });
    }
}

// --- the log ----------------------------------------------------------------------------------------

/** In one line, so that a message stays one event of the log. */
function installConsole() {
    const writer = (level) => (...values) => {
        const line = [new Date().toISOString(), String(requestId), level, format(...values)].join('\t');
        process.stdout.write(`${line.replaceAll('\n', '\r')}\n`);
    };
    console.log = console.info = writer('INFO');
    console.debug = writer('DEBUG');
    console.warn = writer('WARN');
    console.error = writer('ERROR');
    console.trace = (...values) => {
        const trace = { name: 'Trace', message: format(...values) };
        Error.captureStackTrace(trace, console.trace);
        writer('TRACE')(trace.stack);
    };
}

// --- the Runtime API ----------------------------------------------------------------------------------

function call(method, resource, { body = '', errorType } = {}) {
    return new Promise((resolve, reject) => {
        const headers = { 'content-type': 'application/json' };
        if (method === 'POST') {
            headers['content-length'] = Buffer.byteLength(body);
        }
        if (errorType !== undefined) {
            headers['lambda-runtime-function-error-type'] = String(errorType).replace(/[^\x21-\x7e]/g, '_');
        }
        const request = http.request({ ...runtimeApi, method, path: `${base}/${resource}`, headers }, (response) => {
            const parts = [];
            response.on('data', (part) => parts.push(part));
            response.on('error', reject);
            response.on('end', () => resolve({
                status: response.statusCode,
                headers: response.headers,
                body: Buffer.concat(parts).toString('utf8'),
            }));
        });
        request.on('error', reject);
        request.end(body);
    });
}

async function nextInvocation() {
    const { status, headers, body } = await call('GET', 'invocation/next');
    if (status !== 200) {
        throw new Error(`the Runtime API answered ${status} when asked for an event: ${body.slice(0, 200)}`);
    }
    return { id: headers['lambda-runtime-aws-request-id'], headers, event: body };
}

/**
 * Tells whoever waits for this process what nobody caught, and ends it: at once when nobody does,
 * lest it is given the next event.
 */
async function fail(what, error, document, exitCode) {
    if (!isFailing) {
        isFailing = true;
        if (state === 'waiting') {
            // Before anybody can read of it in the log and call again.
            runtimeApi.agent.destroy();
        }
        console.error(`${what} \t${loggedError(error)}`);
        const resource = state === 'loading' ? 'init/error' : `invocation/${requestId}/error`;
        try {
            if (state !== 'waiting') {
                await call('POST', resource, { body: JSON.stringify(document), errorType: document.errorType });
            }
        } finally {
            process.exit(exitCode);
        }
    }
    return new Promise(() => undefined);
}

// --- the handler --------------------------------------------------------------------------------------

function isModulePackage(file) {
    for (let directory = path.dirname(file); ; directory = path.dirname(directory)) {
        try {
            return JSON.parse(fs.readFileSync(path.join(directory, 'package.json'), 'utf8')).type === 'module';
        } catch {
            if (directory === path.dirname(directory) || path.basename(directory) === 'node_modules') {
                return false;
            }
        }
    }
}

function isFile(file) {
    return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** By name as Lambda looks for it: the file, with an extension, or a package of that name. */
async function loadModule(directory, name) {
    const file = path.join(directory, name);
    const found = ['', '.js', '.mjs', '.cjs'].map((extension) => file + extension).find(isFile);
    if (found?.endsWith('.mjs') || (found?.endsWith('.js') && isModulePackage(found))) {
        return import(pathToFileURL(found).href);
    }
    const requireThere = createRequire(path.join(directory, 'index.js'));
    return requireThere(found ?? name);
}

async function loadHandler() {
    if (_HANDLER.includes('..')) {
        throw named('Runtime.MalformedHandlerName', `'${_HANDLER}' is not a valid handler name. ` +
            'Use absolute paths when specifying root directories in handler names.');
    }
    const [, name, exported] = /^([^.]*)\.(.*)$/.exec(path.basename(_HANDLER)) ?? [];
    if (exported === undefined) {
        throw named('Runtime.MalformedHandlerName', 'Bad handler');
    }
    let loaded;
    try {
        loaded = await loadModule(path.resolve(LAMBDA_TASK_ROOT, path.dirname(_HANDLER)), name);
    } catch (error) {
        if (error instanceof SyntaxError) {
            throw Object.assign(named('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`), { stack: error.stack });
        }
        if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
            throw Object.assign(named('Runtime.ImportModuleError', `Error: ${error.message}`), { stack: error.stack });
        }
        throw error;
    }
    const handler = exported.split('.').reduce((object, key) => object?.[key], loaded);
    if (handler === undefined) {
        throw named('Runtime.HandlerNotFound', `${_HANDLER} is undefined or not exported`);
    }
    if (typeof handler !== 'function') {
        throw named('Runtime.HandlerNotFound', `${_HANDLER} is not a function`);
    }
    return handler;
}

function contextOf({ id, headers }) {
    const { env } = process;
    const parsed = (name) => (headers[name] ? JSON.parse(headers[name]) : undefined);
    return {
        awsRequestId: id,
        callbackWaitsForEmptyEventLoop: true,
        clientContext: parsed('lambda-runtime-client-context'),
        functionName: env.AWS_LAMBDA_FUNCTION_NAME,
        functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
        identity: parsed('lambda-runtime-cognito-identity'),
        invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
        logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
        logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
        memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
        getRemainingTimeInMillis: () => Number(headers['lambda-runtime-deadline-ms']) - Date.now(),
    };
}

/** What the handler returns, promises or hands to its callback. */
function resultOf(handler, event, context) {
    return new Promise((resolve, reject) => {
        const settle = (error, result) => (error ? reject(error) : resolve(result));
        const callback = (error, result) => {
            if (context.callbackWaitsForEmptyEventLoop) {
                whenIdle = () => settle(error, result);
            } else {
                settle(error, result);
            }
        };
        context.done = settle;
        context.succeed = (result) => settle(null, result);
        context.fail = (error) => settle(error ?? 'handled');
        whenIdle = () => resolve(null);
        const returned = handler(event, context, callback);
        if (typeof returned?.then === 'function') {
            whenIdle = () => reject(named('Runtime.NodeJsExit',
                'The handler waits for a promise that nothing can settle any more'));
            returned.then(resolve, reject);
        }
    });
}

async function outcomeOf(handler, invocation) {
    try {
        const result = await resultOf(handler, JSON.parse(invocation.event), contextOf(invocation));
        try {
            return { body: JSON.stringify(result) ?? 'null' };
        } catch {
            throw new Error('Unable to stringify response body');
        }
    } catch (error) {
        console.error(`Invoke Error \t${loggedError(error)}`);
        const document = errorDocument(error);
        return { body: JSON.stringify(document), errorType: document.errorType };
    } finally {
        whenIdle = undefined;
    }
}

async function serve() {
    const handler = await loadHandler();
    for (;;) {
        state = 'waiting';
        const invocation = await nextInvocation();
        state = 'running';
        requestId = invocation.id;
        process.env._X_AMZN_TRACE_ID = invocation.headers['lambda-runtime-trace-id'] ?? '';
        const outcome = await outcomeOf(handler, invocation);
        // What the handler left unhandled is noticed before its answer is out.
        await new Promise((resolve) => setImmediate(resolve));
        if (isFailing) {
            await new Promise(() => undefined);
        }
        await call('POST', `invocation/${requestId}/${outcome.errorType === undefined ? 'response' : 'error'}`, outcome);
    }
}

installConsole();
process.on('uncaughtException', (error) => void fail('Uncaught Exception', error, errorDocument(error), 129));
process.on('unhandledRejection', (reason) => void fail('Unhandled Promise Rejection', reason, {
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: String(reason),
    trace: errorDocument(reason).trace,
}, 128));
process.on('beforeExit', () => {
    const act = whenIdle;
    whenIdle = undefined;
    act?.();
});
serve().catch((error) => fail('Uncaught Exception', error, errorDocument(error), 1));
