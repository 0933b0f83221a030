// Bundles applications as the engine does, and stands in for Lambda's Runtime API.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageDirectory = dirname(dirname(fileURLToPath(import.meta.url)));
const platform = `@esbuild/linux-${process.arch === 'arm64' ? 'arm64' : 'x64'}`;
const esbuild = createRequire(import.meta.url).resolve(`${platform}/bin/esbuild`);

/** A project in a directory of its own, with this package installed. */
export class Project {
    constructor(source, name = 'index.ts') {
        this.name = name;
        this.directory = mkdtempSync(join(tmpdir(), 'nimbus-js-'));
        this.bundle = join(this.directory, 'build', 'bundle', 'index.js');
        mkdirSync(join(this.directory, 'node_modules', '@hillock-tech'), { recursive: true });
        mkdirSync(join(this.directory, 'build'));
        symlinkSync(packageDirectory, join(this.directory, 'node_modules', '@hillock-tech', 'nimbus-js'));
        this.write(name, source);
        this.write('build/entry.cjs', `module.exports = require("@hillock-tech/nimbus-js/runtime").start({
            file: __filename, root: "../../", isMain: !!require.main && require.main.filename === __filename,
            name: ${JSON.stringify(name)}, load: () => require("../${name}") });`);
    }

    write(name, text) {
        writeFileSync(join(this.directory, name), text);
    }

    /** `more`: further options of esbuild. */
    build(...more) {
        execFileSync(esbuild, [...more, 'build/entry.cjs', '--bundle', '--platform=node', '--target=node20', '--format=cjs',
            `--outfile=${this.bundle}`, '--sourcemap=linked', '--sources-content=false', '--minify-whitespace',
            '--minify-syntax', '--keep-names', '--log-level=error'], { cwd: this.directory });
        return this;
    }

    /** Runs the bundle to its end. */
    async run(environment) {
        const child = spawn(process.execPath, [this.bundle], {
            cwd: this.directory, env: { PATH: process.env.PATH, ...environment }, stdio: ['ignore', 'pipe', 'pipe'],
        });
        let stdout = '', stderr = '';
        child.stdout.on('data', (data) => stdout += data);
        child.stderr.on('data', (data) => stderr += data);
        const [code, signal] = await once(child, 'close');
        return { code, signal, stdout, stderr };
    }

    remove() {
        rmSync(this.directory, { recursive: true, force: true });
    }
}

/** What the application says of itself: its manifest and places, unless it was refused. */
export async function describe(source, name) {
    const project = new Project(source, name);
    try {
        const out = join(project.directory, 'manifest.json');
        const ended = await project.build().run({ NIMBUS_MANIFEST_OUT: out });
        const read = (file) => JSON.parse(readFileSync(file));
        return ended.code === 0 ? { ...ended, manifest: read(out), places: read(`${out}.places`) } : ended;
    } finally {
        project.remove();
    }
}

/** Lambda's side of the Runtime API: hands out events, and collects what comes back. */
export class RuntimeApi {
    constructor(events) {
        this.events = [...events];
        this.received = [];
        this.given = 0;
        this.server = createServer((request, response) => this.#handle(request, response));
    }

    async start() {
        this.server.listen(0, '127.0.0.1');
        await once(this.server, 'listening');
        return `127.0.0.1:${this.server.address().port}`;
    }

    stop() {
        this.server.close();
        this.server.closeAllConnections();
    }

    async #handle(request, response) {
        let body = '';
        for await (const part of request) {
            body += part;
        }
        if (request.url.endsWith('/invocation/next')) {
            if (this.events.length === 0) {
                request.socket.destroy(); // which ends the function
                return;
            }
            const number = ++this.given;
            response.writeHead(200, {
                'Lambda-Runtime-Aws-Request-Id': `request-${number}`,
                'Lambda-Runtime-Deadline-Ms': Date.now() + 3000,
                'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:000000000000:function:f',
                'Lambda-Runtime-Trace-Id': `Root=1-${number}`,
            }); // no length: it comes in chunks
            const text = JSON.stringify(this.events.shift());
            response.write(text.slice(0, 3));
            response.end(text.slice(3));
            return;
        }
        this.received.push({
            path: request.url.replace('/2018-06-01/runtime/', ''),
            type: request.headers['lambda-runtime-function-error-type'],
            body: JSON.parse(body),
        });
        response.writeHead(202).end('{"status":"OK"}');
    }
}

/** Serves `handler` of the application until all events are answered or the process ends. */
export async function serve(source, events, handler = 'get-x', variables = {}) {
    const project = new Project(source);
    const api = new RuntimeApi(events);
    try {
        const address = await api.start();
        const ended = await project.build().run({
            AWS_LAMBDA_RUNTIME_API: address, _HANDLER: handler, AWS_LAMBDA_FUNCTION_NAME: 'demo-get-x', ...variables });
        return { ...ended, received: api.received, lines: ended.stdout.split('\n') };
    } finally {
        api.stop();
        project.remove();
    }
}

/** An application with one route, whose handler has this body. */
export function application(handlerBody, before = '') {
    return `import Nimbus from '@hillock-tech/nimbus-js';
${before}
const app = new Nimbus({ projectName: 'demo', region: 'us-east-1' });
app.API({ name: 'demo-api' }).route('GET', '/x', async (event, context) => {
    ${handlerBody}
});
export default app;
`;
}
