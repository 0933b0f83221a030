import { writeSync } from 'node:fs';
import { format } from 'node:util';

const standardOutput = 1;

/**
 * Has the console's methods write as they do on Lambda: time, request id, level and message between
 * tabs (Lambda Developer Guide, "Log and monitor Node.js Lambda functions"), in one line, so that a
 * message stays one event of the log: its own line feeds become carriage returns.
 */
export function installConsole(requestId: () => string | undefined): void {
    const writer = (level: string) => (...values: unknown[]) => {
        writeLine([new Date().toISOString(), String(requestId()), level, format(...values)].join('\t'));
    };
    console.log = console.info = writer('INFO');
    console.debug = writer('DEBUG');
    console.warn = writer('WARN');
    console.error = writer('ERROR');
    console.trace = (...values: unknown[]) => {
        const trace: { name: string; message: string; stack?: string } = { name: 'Trace', message: format(...values) };
        Error.captureStackTrace(trace, console.trace);
        writer('TRACE')(trace.stack);
    };
}

/** Synchronous: what a handler wrote is there even if the process ends with the next statement. */
export function writeLine(text: string): void {
    const bytes = Buffer.from(`${text.replaceAll('\n', '\r')}\n`);
    try {
        for (let done = 0; done < bytes.length;) {
            done += writeSync(standardOutput, bytes, done);
        }
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EPIPE') {
            process.stdout.write(bytes); // somebody made it non-blocking, and it is full
        }
    }
}
