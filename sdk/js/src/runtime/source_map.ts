/** A place in a source; lines and columns count from 0. */
export interface Original {
    readonly source: string;
    readonly line: number;
    readonly column: number;
}

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Of a character code: what the digit stands for; 64 for what is no digit. */
const digits = new Uint8Array(128).fill(64);
for (let i = 0; i < base64.length; ++i) {
    digits[base64.charCodeAt(i)] = i;
}

const comma = 44;
const semicolon = 59;
/** Column in the bundle, source, line, column. */
const fields = 4;

/**
 * The mappings of a source map (ECMA-426, "Mappings structure"). Node's own SourceMap makes several
 * objects of each of them, which takes a tenth of a second for a bundle of a megabyte.
 */
export class SourceMap {
    readonly #sources: readonly string[];
    readonly #segments: Int32Array;
    /** For each line of the bundle, how many segments come before it. */
    readonly #starts: number[] = [0];
    #count = 0;

    /** Throws for what is no map. */
    constructor(text: string) {
        const { sources, mappings } = JSON.parse(text) as { sources: string[]; mappings: string };
        this.#sources = sources;
        // A segment takes four digits at least, and what separates it from the next.
        this.#segments = new Int32Array(Math.ceil((mappings.length + 1) / (fields + 1)) * fields);
        this.#read(mappings);
    }

    /** What the bundle has there, or begins before and goes on there. */
    find(line: number, column: number): Original | undefined {
        let first = this.#starts[line] ?? this.#count;
        let end = this.#starts[line + 1] ?? this.#count;
        while (first < end) {
            const middle = (first + end) >> 1;
            if (this.#field(middle, 0) <= column) {
                first = middle + 1;
            } else {
                end = middle;
            }
        }
        const found = first - 1;
        const source = found < 0 ? undefined : this.#sources[this.#field(found, 1)];
        return source === undefined
            ? undefined
            : { source, line: this.#field(found, 2), column: this.#field(found, 3) };
    }

    #field(segment: number, field: number): number {
        return this.#segments[segment * fields + field] as number;
    }

    /** Each number is the difference to the one before it, that of a column in its line. */
    #read(mappings: string): void {
        const before = [0, 0, 0, 0, 0];
        let field = 0;
        let value = 0;
        let shift = 0;
        const end = () => {
            if (field >= fields) {
                this.#segments.set(before.slice(0, fields), this.#count * fields);
                ++this.#count;
            }
            field = 0;
        };
        for (let i = 0; i < mappings.length; ++i) {
            const code = mappings.charCodeAt(i);
            if (code === comma) {
                end();
            } else if (code === semicolon) {
                end();
                before[0] = 0;
                this.#starts.push(this.#count);
            } else {
                const digit = digits[code] ?? 64;
                if (digit === 64) {
                    throw new Error('The mappings of the source map have a character that is no digit');
                }
                value |= (digit & 31) << shift;
                shift += 5;
                if (digit < 32) { // the last one of the number
                    before[field] = (before[field] ?? 0) + (value & 1 ? -(value >>> 1) : value >>> 1);
                    ++field;
                    value = shift = 0;
                }
            }
        }
        end();
    }
}
