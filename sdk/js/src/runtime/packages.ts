import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

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

/** A place of the project, which finds the packages that are installed for it. */
interface Project {
    readonly filename: string;
    readonly paths: string[];
}

/** What looks for a module, and how it is found from another file instead. */
interface Search {
    readonly request: string;
    readonly parent: string;
    readonly fromParent: () => string;
    readonly fromProject: () => string;
}

/** Notes which package is found. Until it is beside the bundle, it is found where the project has it. */
function found({ request, parent, fromParent, fromProject }: Search, names: Set<string>): string {
    const name = packageIn(request);
    if (name === undefined || Module.isBuiltin(request)) {
        return fromParent();
    }
    let file: string;
    try {
        file = fromParent();
    } catch (error) {
        try {
            file = fromProject();
        } catch {
            throw error; // which names the file that looked for it
        }
    }
    if (packageOf(file) && !declares(parent, name)) {
        names.add(name);
    }
    return file;
}

function watchRequire(project: Project, names: Set<string>): void {
    const resolve = internals._resolveFilename;
    internals._resolveFilename = function (request, parent, ...rest) {
        return found({
            request,
            parent: parent?.filename ?? '',
            fromParent: () => resolve.call(this, request, parent, ...rest),
            fromProject: () => resolve.call(this, request, project),
        }, names);
    };
}

interface ResolveContext {
    readonly conditions: readonly string[];
    readonly parentURL?: string | undefined;
}

interface Resolved {
    readonly url: string;
}

type Resolve = (request: string, context: ResolveContext) => Resolved;

/** Node.js documentation, "Customization hooks": from 22.15 and 23.5 on. */
const { registerHooks } = Module as unknown as {
    registerHooks?: (hooks: { resolve(request: string, context: ResolveContext, next: Resolve): Resolved }) => void;
};

/** `import(name)`, which bundlers leave to Node; an older one does not tell. */
function watchImport(project: Project, names: Set<string>): void {
    registerHooks?.({
        resolve(request, context, next) {
            if (!context.conditions.includes('import')) {
                return next(request, context); // which watchRequire sees
            }
            let resolved: Resolved | undefined;
            const from = (parentURL: string | undefined) => {
                resolved = next(request, { ...context, parentURL });
                return pathOf(resolved.url);
            };
            found({
                request,
                parent: pathOf(context.parentURL ?? ''),
                fromParent: () => from(context.parentURL),
                fromProject: () => from(pathToFileURL(project.filename).href),
            }, names);
            return resolved as unknown as Resolved;
        },
    });
}

/** "" for what is no file. */
function pathOf(url: string): string {
    return url.startsWith('file:') ? fileURLToPath(url) : '';
}

/**
 * Notes which packages are looked for from now on by names that no bundler sees: they have to go
 * beside the bundle. Until they are there, they are found in the node_modules of `directory`, the
 * project's. Returns what gives their names.
 */
export function watchPackages(directory: string): () => string[] {
    const names = new Set<string>();
    const project = { filename: join(directory, 'index.js'), paths: internals._nodeModulePaths(directory) };
    watchRequire(project, names);
    watchImport(project, names);
    return () => [...names];
}
