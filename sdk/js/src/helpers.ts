import { unavailable } from './description.js';
import { secrets } from './secrets/secrets.js';
import type { Secrets } from './secrets/secrets.js';

/** What handlers find at run time. */
export interface Runtime {
    readonly secrets: Secrets;
    /** Forgets the secrets that were read. */
    clearCache(): void;
    /** A variable of the environment; `otherwise` when it is not there or empty. */
    env(name: string): string | undefined;
    env(name: string, otherwise: string): string;
    /** A variable of the environment. Throws when it is not there or empty. */
    requireEnv(name: string): string;
    /** What a JSON text stands for. `otherwise` when it is none; without it, throws. */
    parseJson<T = any>(text: string, otherwise?: T): T;
    /** @deprecated Not available in Nimbus yet: a call throws. */
    readonly parameters: any;
    /** @deprecated Not available in Nimbus yet: a call throws. */
    readonly featureFlags: any;
    /** @deprecated Not available in Nimbus yet: a call throws. */
    readonly kv: any;
    /** @deprecated Not available in Nimbus yet: a call throws. */
    readonly storage: any;
    /** @deprecated Not available in Nimbus yet: a call throws. */
    readonly queue: any;
}

/** `runtime.<name>`, whose methods say that they are not there: when they are called, no sooner. */
function notYet(name: string): unknown {
    return new Proxy({}, {
        get: (_, method) => () => {
            throw new Error(unavailable(`runtime.${name}.${String(method)}`));
        },
    });
}

export const runtime: Runtime = {
    secrets,
    clearCache: () => secrets.clearCache(),
    env: (name: string, otherwise?: string) => (process.env[name] || otherwise) as string,
    requireEnv(name) {
        const value = process.env[name];
        if (!value) {
            throw new Error(`The environment variable ${name} is not set: give it in the function's "environment"`);
        }
        return value;
    },
    parseJson(text, otherwise) {
        try {
            return JSON.parse(text);
        } catch {
            if (otherwise !== undefined) {
                return otherwise;
            }
            // The parser's own message quotes the text, which may be a secret.
            throw new SyntaxError('The text is no JSON');
        }
    },
    get parameters() {
        return notYet('parameters');
    },
    get featureFlags() {
        return notYet('featureFlags');
    },
    get kv() {
        return notYet('kv');
    },
    get storage() {
        return notYet('storage');
    },
    get queue() {
        return notYet('queue');
    },
};
