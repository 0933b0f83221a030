// A debugger for Node.js, as far as tests need one: breakpoint.mjs PORT FILE LINE EXPRESSION attaches to
// the inspector, sets a breakpoint at that line of a TypeScript source, through the source map, and says
// "ready"; where a call stops, it says what the expression is there, and goes on when a line comes in.

import { readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';

const [port, file, line, expression] = process.argv.slice(2);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

/** The inspector listens once the program has been started. */
async function target() {
    for (;;) {
        try {
            const [first] = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
            return first.webSocketDebuggerUrl;
        } catch {
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
    }
}

/** The line of the script that the source's line became, from 0; undefined when it has no part in it. */
async function generatedLine(url) {
    const script = fileURLToPath(url);
    const payload = JSON.parse(await readFile(`${script}.map`, 'utf8'));
    const map = new SourceMap(payload);
    const lines = (await readFile(script, 'utf8')).split('\n');
    const found = lines.findIndex((text, number) => {
        const { originalSource, originalLine } = map.findEntry(number, text.length - text.trimStart().length);
        return originalLine === Number(line) - 1 && originalSource !== undefined &&
            new URL(originalSource, `file://${payload.sourceRoot}`).pathname === file;
    });
    return found < 0 ? undefined : found;
}

const socket = new WebSocket(await target());
const answers = new Map();
let last = 0;
const send = (method, params = {}) => new Promise((resolve) => {
    answers.set(++last, resolve);
    socket.send(JSON.stringify({ id: last, method, params }));
});

let beginning;

/** By script: the breakpoint is looked up, and set. */
const settings = new Map();

async function setBreakpoint(url) {
    const lineNumber = await generatedLine(url);
    if (lineNumber !== undefined) {
        await send('Debugger.setBreakpointByUrl', { url, lineNumber });
        say('ready');
    }
}

const events = {
    'Debugger.scriptParsed'({ sourceMapURL, url }) {
        if (sourceMapURL && url.startsWith('file:')) {
            settings.set(url, setBreakpoint(url));
        }
    },
    async 'Debugger.paused'({ hitBreakpoints, callFrames: [{ callFrameId }] }) {
        if (hitBreakpoints.includes(beginning)) {
            await Promise.all(settings.values());
            return send('Debugger.resume');
        }
        say((await send('Debugger.evaluateOnCallFrame', { callFrameId, expression })).result.value);
        const input = createInterface({ input: process.stdin });
        await input.question('');
        input.close();
        await send('Debugger.resume');
        say('resumed');
    },
};
socket.onmessage = ({ data }) => {
    const { id, result, method, params } = JSON.parse(data);
    answers.get(id)?.(result);
    void events[method]?.(params);
};
socket.onclose = () => say('closed');
await new Promise((resolve) => { socket.onopen = resolve; });
await send('Debugger.enable');
// A program that has not begun yet stops in its first line until the breakpoint is set.
beginning = (await send('Debugger.setBreakpointByUrl', { urlRegex: '^file:.*/index\\.js$', lineNumber: 0 })).breakpointId;
await send('Runtime.runIfWaitingForDebugger');
