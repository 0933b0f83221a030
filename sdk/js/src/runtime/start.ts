import { applicationIn } from './application.js';
import { isPromise } from './handler_styles.js';
import { handlersOf, handlersOnceLoaded, serve } from './serve.js';
import { installSourceMap } from './source_maps.js';
import type { Bundle } from './source_maps.js';

/** What the entry of a bundle hands over; the engine generates it. */
export interface Entry extends Bundle {
    /** Does the bundle run by itself, and not within Lambda's own Node runtime? */
    readonly isMain: boolean;
    /** The application's file, as messages call it: "index.ts". */
    readonly name: string;
    /** Loads the application's module: at once, or as a promise where it has a top-level await. */
    readonly load: () => unknown;
}

/**
 * Runs a bundle in the mode that its environment asks for, and returns what it exports: the handler
 * of each function, for Lambda's own Node runtime, where Handler is `index.<function>`.
 */
export function start(entry: Entry): Record<string, unknown> {
    installSourceMap(entry);
    if (!entry.isMain) {
        const loaded = entry.load();
        return isPromise(loaded)
            ? handlersOnceLoaded(Promise.resolve(loaded).then((module) => applicationIn(module, entry.name)))
            : handlersOf(applicationIn(loaded, entry.name));
    }
    const load = async () => applicationIn(await entry.load(), entry.name);
    const { NIMBUS_MANIFEST_OUT, AWS_LAMBDA_RUNTIME_API, _HANDLER } = process.env;
    if (NIMBUS_MANIFEST_OUT) {
        // Loaded here: the start of an instance has no part in it.
        const { describe } = require('./describe.js') as typeof import('./describe.js');
        void describe(load, NIMBUS_MANIFEST_OUT);
        return {};
    }
    if (AWS_LAMBDA_RUNTIME_API && _HANDLER) {
        void serve(AWS_LAMBDA_RUNTIME_API, _HANDLER, load);
        return {};
    }
    process.stderr.write(`This is ${entry.name}, bundled for Lambda. 'nimbus deploy' deploys it.\n`);
    process.exit(2);
}
