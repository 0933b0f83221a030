import { readFileSync } from 'node:fs';
import type { SourceMap } from './source_map.js';

/** The bundle that runs, and how its source map names the author's files. */
export interface Bundle {
    /** The bundle's own path; its map is beside it, as are other files of it. */
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
 * reads and parses the maps at every start; this reads one when the first error's stack is looked at.
 */
export function installSourceMap(bundle: Bundle): void {
    const directory = bundle.file.slice(0, bundle.file.lastIndexOf('/') + 1);
    const maps = new Map<string, SourceMap | undefined>();
    const mapOf = (file: string): SourceMap | undefined => {
        if (!maps.has(file)) {
            maps.set(file, file.startsWith(directory) ? readMap(file) : undefined);
        }
        return maps.get(file);
    };
    const positionOf = (file: string, line: number, column: number): Position | undefined => {
        const entry = mapOf(file.replace(/^file:\/\//, ''))?.find(line - 1, column - 1);
        if (!entry) {
            return undefined;
        }
        const source = decoded(entry.source);
        return {
            source: source.startsWith(bundle.root) ? source.slice(bundle.root.length) : source,
            line: entry.line + 1,
            column: entry.column + 1,
        };
    };
    const describe = (frame: NodeJS.CallSite): string => {
        const text = frame.toString();
        const [file, line, column] = [frame.getFileName(), frame.getLineNumber(), frame.getColumnNumber()];
        const position = file && line && column ? positionOf(file, line, column) : undefined;
        return position
            ? text.replace(`${file}:${line}:${column}`, `${position.source}:${position.line}:${position.column}`)
            : text;
    };
    Error.prepareStackTrace = (error, frames) =>
        title(error) + frames.map((frame) => `\n    at ${describe(frame)}`).join('');
}

/** In a map, names are as in a URL. */
function decoded(source: string): string {
    try {
        return decodeURIComponent(source);
    } catch {
        return source;
    }
}

/** Nothing for files without a map, and for maps that cannot be read: that is not worth failing for. */
function readMap(file: string): SourceMap | undefined {
    try {
        // Here, because loading it takes a part of every start, and most instances see no error.
        const { SourceMap } = require('./source_map.js') as typeof import('./source_map.js');
        return new SourceMap(readFileSync(`${file}.map`, 'utf8'));
    } catch {
        return undefined;
    }
}

function title(error: unknown): string {
    try {
        return Error.prototype.toString.call(error);
    } catch {
        return 'Error';
    }
}
