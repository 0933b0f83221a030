import { declarationOf, isApplication } from '../declaration.js';
import type { Declaration } from '../declaration.js';

/** The author's module does not export an application. */
export class MissingApplication extends Error {
    override readonly name = 'Runtime.NoApplication';
}

/** What the module `loaded` exports; `name` is its file. */
export function applicationIn(loaded: unknown, name: string): Declaration {
    const hasDefault = loaded instanceof Object && 'default' in loaded;
    const application = hasDefault ? loaded.default : loaded;
    if (isApplication(application)) {
        return declarationOf(application);
    }
    throw new MissingApplication(hasDefault
        ? `${name} exports something else than an application by default: export what new Nimbus(…) gave`
        : `${name} has no default export: end it with "export default app;"`);
}
