// Compiles sources with the project's own @swc/core, for the engine: `node swc.js LIST`.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

/** What LIST holds, as JSON. */
interface List {
    /** The directory of the project. */
    readonly project: string;
    /** As `useDefineForClassFields` of tsconfig.json. */
    readonly definesFields: boolean;
    readonly files: readonly { readonly source: string; readonly output: string }[];
}

interface Compiler {
    transformSync(text: string, options: object): { code: string };
}

const { project, definesFields, files } = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as List;
const compiler = createRequire(join(project, 'index.js'))('@swc/core') as Compiler;

for (const { source, output } of files) {
    const { code } = compiler.transformSync(readFileSync(source, 'utf8'), {
        filename: source,
        sourceFileName: relative(dirname(output), source),
        configFile: false,
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
            target: 'es2022',
            keepClassNames: true,
            parser: { syntax: 'typescript', decorators: true, tsx: source.endsWith('x') },
            transform: {
                legacyDecorator: true,
                decoratorMetadata: true,
                useDefineForClassFields: definesFields,
                react: { runtime: 'preserve' },
            },
        },
    });
    mkdirSync(dirname(output), { recursive: true });
    writeFileSync(output, code);
}
