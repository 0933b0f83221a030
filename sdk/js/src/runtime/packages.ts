import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { join } from 'node:path';

interface Parent {
    readonly filename?: string | null;
}

/** How Node finds modules: undocumented, and the same since its first versions. */
const internals = Module as unknown as {
    _resolveFilename(request: string, parent: Parent | undefined, ...rest: unknown[]): string;
    _nodeModulePaths(directory: string): string[];
};

/** `@scope/name` of `@scope/name/file`; nothing for what is no package's name. */
function packageIn(request: string): string | undefined {
    return /^(@[^/]+\/[^/]+|[^@./#][^/]*)/.exec(request)?.[0];
}

/** The directory of the package that a file belongs to. */
function packageOf(file: string): string | undefined {
    return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

/** Does the package that `file` belongs to say that it needs `name`, so that both are shipped? */
function declares(file: string, name: string): boolean {
    const directory = packageOf(file);
    if (directory === undefined) {
        return false;
    }
    try {
        const description = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
        return name === description.name
            || ['dependencies', 'optionalDependencies', 'peerDependencies'].some((list) => name in (description[list] ?? {}));
    } catch {
        return false;
    }
}

/**
 * Notes which packages are looked for from now on by names that no bundler sees: they have to go
 * beside the bundle. Until they are there, they are found in the node_modules of `project`. Returns
 * what gives their names.
 */
export function watchPackages(project: string): () => string[] {
    const names = new Set<string>();
    const resolve = internals._resolveFilename;
    const inProject = { filename: join(project, 'index.js'), paths: internals._nodeModulePaths(project) };
    internals._resolveFilename = function (request, parent, ...rest) {
        const name = packageIn(request);
        if (name === undefined || Module.isBuiltin(request)) {
            return resolve.call(this, request, parent, ...rest);
        }
        let found: string;
        try {
            found = resolve.call(this, request, parent, ...rest);
        } catch (error) {
            try {
                found = resolve.call(this, request, inProject);
            } catch {
                throw error; // which names the file that looked for it
            }
        }
        if (packageOf(found) && !declares(parent?.filename ?? '', name)) {
            names.add(name);
        }
        return found;
    };
    return () => [...names];
}
