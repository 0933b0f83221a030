import { declarationOf, placeBefore } from '../declaration.js';
import { acceptedOptions, addMistake, addPart, isPlainObject, kindOf } from '../description.js';
import type { Description, OptionRules, Place } from '../description.js';
import type { Callback, Context } from './context.js';
import type { Kind } from './kind.js';

/** A statement of an IAM policy. */
export interface PolicyStatement {
    Effect: 'Allow' | 'Deny';
    Action: string | string[];
    Resource: string | string[];
}

/** Lambda's names of what functions run on. */
export type Architecture = 'x86_64' | 'arm64';

/** A number of days; or what a function writes never expires. */
export type LogRetention = number | 'infinite';

/** How a Lambda function is set up, whatever calls it. */
export interface FunctionSettings {
    /** Megabytes, 128 to 10,240; processor time grows with it. By default 256. */
    memorySize?: number;
    /** Another name of `memorySize`. */
    memory?: number;
    /** Seconds, 1 to 900; an API gives up after 30. By default 30. */
    timeout?: number;
    /** Variables of the function's own, at most 4 KB with those of databases and secrets. */
    environment?: Record<string, string>;
    /** What the function may do beyond using what it uses. */
    permissions?: PolicyStatement[];
    /** The names of the databases and secrets that the function may use. By default all. */
    uses?: string[];
    /** By default the application's. Compiled addons have to be installed for it. */
    architecture?: Architecture;
    /**
     * For how many days CloudWatch Logs keeps what the function writes: 1, 3, 5, 7, 14, 30, 60, 90, … as it
     * allows. By default the application's; where that says nothing, 30 for a new function, and an existing
     * one keeps what it has.
     */
    logRetention?: LogRetention;
}

/** The names of FunctionSettings. */
export const settingNames: readonly string[] =
    ['memorySize', 'memory', 'timeout', 'environment', 'permissions', 'uses', 'architecture', 'logRetention'];

/** What nimbus-js has for functions. */
export const unavailableSettings = {
    init: 'code at the top level of the module runs once per instance, before the first event',
    tracing: '',
};

/** A handler of events of any form: it returns its result, or a promise of it, or gives it to the
 * callback or to `context.succeed`. */
export type LambdaHandler<Event = any> = (event: Event, context: Context, callback: Callback) => unknown;

/** A function that nothing calls but `nimbus invoke` and AWS's own clients. */
export interface FunctionOptions<Event = any> extends FunctionSettings {
    /** Letters, digits, dashes and underscores; unique among the application's functions. */
    name: string;
    /** Gets the event as it was sent; what it returns is sent back as JSON. */
    handler: LambdaHandler<Event>;
    description?: string;
}

export interface LambdaFunction {
    readonly name: string;
}

export interface FunctionMethods {
    /** Declares a function by itself. */
    Function<Event = any>(options: FunctionOptions<Event>): LambdaFunction;
}

/** Tells how the manifest lists a function. */
export function describeFunction(description: Description, subject: string, name: string, handler: unknown,
                                 settings: unknown, place: Place): void {
    const members = { ...settledSettings(description, subject, handler, settings, place), name };
    addPart(description, 'functions', { place, members });
}

/** The settings as they go into the manifest. Tells what the engine could not see. */
export function settledSettings(description: Description, subject: string, handler: unknown, settings: unknown,
                                place: Place): object {
    if (typeof handler !== 'function') {
        addMistake(description, place, `${subject}: the handler must be a function, not ${kindOf(handler)}`);
    }
    return memorySettled(description, subject, settings, place);
}

/** `memory` goes into the manifest only where it is the one that was given. */
function memorySettled(description: Description, subject: string, settings: unknown, place: Place): object {
    if (!isPlainObject(settings)) {
        return {};
    }
    const { memory, ...others } = settings;
    if (memory === undefined || others.memorySize === undefined) {
        return settings;
    }
    if (memory !== others.memorySize) {
        addMistake(description, place, `${subject}: "memory" is another name of "memorySize": give one of them`);
    }
    return others;
}

const rules: OptionRules = { unavailable: unavailableSettings };

export const lambdaFunction: Kind<FunctionMethods> = {
    sections: ['functions'],
    methods: {
        Function(options) {
            const { handlers, description } = declarationOf(this);
            const name = options?.name;
            handlers.set(name, options?.handler);
            if (description) {
                const place = placeBefore(lambdaFunction.methods.Function);
                const accepted = acceptedOptions(description, 'Function', options, rules, place);
                const { handler, ...settings } = Object(accepted) as FunctionOptions;
                describeFunction(description, 'Function', name, handler, settings, place);
            }
            return { name };
        },
    },
};
