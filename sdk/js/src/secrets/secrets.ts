/** How a secret is read. */
export interface ReadOptions {
    /** Milliseconds for which a value that was read is good. By default 5 minutes. */
    ttl?: number;
    /** `false` asks Secrets Manager, whatever was read before. */
    cache?: boolean;
}

/** The values of the application's secrets, by the names that it declares them with. */
export interface Secrets {
    /** What the value stands for when it is a JSON object or array, else the value itself. */
    get(name: string, options?: ReadOptions): Promise<any>;
    getString(name: string, options?: ReadOptions): Promise<string>;
    /** What the value, which must be JSON, stands for. */
    getJson<T = any>(name: string, options?: ReadOptions): Promise<T>;
    /** Forgets the values that were read. */
    clearCache(): void;
    /** @deprecated Functions read secrets and do not set them: a call throws. */
    set(name: string, value: unknown): Promise<never>;
}

type Store = import('./secret_store.js').SecretStore;

/** Values that tests have set, by name. */
const overridden = new Map<string, string>();

/** For tests: the secret has this value, and nothing is asked. Undefined: it has its own again. */
export function overrideSecret(name: string, value: string | undefined): void {
    if (value === undefined) {
        overridden.delete(name);
    } else {
        overridden.set(name, value);
    }
}

/** Loaded when a secret is read: functions without one start as if it were not there. */
let loading: Promise<Store> | undefined;

function store(): Promise<Store> {
    loading ??= import('./secret_store.js').then((module) => new module.SecretStore(module.fetchSecret));
    return loading;
}

export const secrets: Secrets = {
    async get(name, options) {
        const text = await secrets.getString(name, options);
        return /^\s*[[{]/.test(text) ? parsed(text) ?? text : text;
    },
    async getString(name, options) {
        return overridden.get(name) ?? (await store()).read(name, options);
    },
    async getJson(name, options) {
        const value = parsed(await secrets.getString(name, options));
        if (value === undefined) {
            throw new SyntaxError(`The value of the secret ${JSON.stringify(name)} is no JSON`);
        }
        return value;
    },
    clearCache() {
        void loading?.then((loaded) => loaded.clear());
    },
    set(name) {
        throw new Error(`Functions cannot set secrets. Set it from the command line: nimbus secret set ${name}`);
    },
};

/** Nothing when the text is no JSON. The parser's own message would quote it. */
function parsed(text: string): any {
    try {
        return JSON.parse(text);
    } catch {
        return undefined;
    }
}
