import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** The bundle that runs, and how its source map names the author's files. */
export interface Bundle {
    /** The bundle's own path; its map is beside it. */
    readonly file: string;
    /** From the bundle's directory to the author's, as the map's sources begin. */
    readonly root: string;
}

interface Position {
    readonly source: string;
    readonly line: number;
    readonly column: number;
}

/**
 * Has errors name the author's files: `index.ts:12:5`, relative to the project.
 *
 * Node's own --enable-source-maps cannot be asked for on Lambda before the bundle is loaded, and
 * reads and parses the map at every start; this reads it when the first error's stack is looked at.
 */
export function installSourceMap(bundle: Bundle): void {
    let map: SourceMap | null | undefined;
    const positionOf = (line: number, column: number): Position | undefined => {
        map ??= readMap(bundle.file);
        const entry = map?.findEntry(line - 1, column - 1);
        if (!entry || !('originalSource' in entry) || !entry.originalSource) {
            return undefined;
        }
        const source = entry.originalSource;
        return {
            source: source.startsWith(bundle.root) ? source.slice(bundle.root.length) : source,
            line: entry.originalLine + 1,
            column: entry.originalColumn + 1,
        };
    };
    Error.prepareStackTrace = (error, frames) => {
        const lines = frames.map((frame) => `\n    at ${describe(frame, bundle.file, positionOf)}`);
        return title(error) + lines.join('');
    };
}

function readMap(file: string): SourceMap | null {
    try {
        return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
    } catch {
        return null; // not worth failing for: the error at hand is told with the bundle's lines
    }
}

function describe(frame: NodeJS.CallSite, file: string,
                  positionOf: (line: number, column: number) => Position | undefined): string {
    const text = frame.toString();
    const line = frame.getLineNumber();
    const column = frame.getColumnNumber();
    if (frame.getFileName() !== file || line === null || column === null) {
        return text;
    }
    const position = positionOf(line, column);
    return position
        ? text.replace(`${file}:${line}:${column}`, `${position.source}:${position.line}:${position.column}`)
        : text;
}

function title(error: unknown): string {
    try {
        return Error.prototype.toString.call(error);
    } catch {
        return 'Error';
    }
}
