/** One answer of the Runtime API. */
export interface HttpAnswer {
    readonly status: number;
    /** Names in lower case. */
    readonly headers: ReadonlyMap<string, string>;
    readonly body: string;
}

/**
 * Takes HTTP/1.1 answers (RFC 9112) out of the bytes of one connection.
 *
 * Written here because node:http costs a function a fifth of its start and, per invocation, more
 * than everything else in this package: two requests go out and two answers come in for each event.
 */
export class HttpAnswers {
    #bytes: Buffer = Buffer.alloc(0);

    add(bytes: Buffer): void {
        this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    }

    /** The next answer that is complete. Throws when what came is no HTTP. */
    next(): HttpAnswer | undefined {
        const end = this.#bytes.indexOf('\r\n\r\n');
        if (end < 0) {
            return undefined;
        }
        const [first = '', ...lines] = this.#bytes.toString('latin1', 0, end).split('\r\n');
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(first)?.[1]);
        if (!status) {
            throw new Error(`The Runtime API does not speak HTTP/1.1: ${JSON.stringify(first.slice(0, 80))}`);
        }
        const headers = new Map<string, string>();
        for (const line of lines) {
            const colon = line.indexOf(':');
            headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
        }
        const body = headers.get('transfer-encoding')?.toLowerCase() === 'chunked'
            ? this.#chunks(end + 4)
            : this.#plain(end + 4, Number(headers.get('content-length') ?? 0));
        if (!body) {
            return undefined;
        }
        this.#bytes = this.#bytes.subarray(body.end);
        return status < 200 ? this.next() : { status, headers, body: body.text };
    }

    #plain(begin: number, length: number): { text: string; end: number } | undefined {
        const end = begin + length;
        return this.#bytes.length < end ? undefined : { text: this.#bytes.toString('utf8', begin, end), end };
    }

    #chunks(begin: number): { text: string; end: number } | undefined {
        const parts: Buffer[] = [];
        for (let at = begin;;) {
            const lineEnd = this.#bytes.indexOf('\r\n', at);
            if (lineEnd < 0) {
                return undefined;
            }
            const size = parseInt(this.#bytes.toString('latin1', at, lineEnd), 16);
            if (!(size >= 0)) {
                throw new Error('The Runtime API sent a chunk without a size');
            }
            if (size === 0) {
                const last = this.#bytes.indexOf('\r\n', lineEnd + 2); // there are no trailers
                return last < 0 ? undefined : { text: Buffer.concat(parts).toString(), end: last + 2 };
            }
            const end = lineEnd + 2 + size;
            if (this.#bytes.length < end + 2) {
                return undefined;
            }
            parts.push(this.#bytes.subarray(lineEnd + 2, end));
            at = end + 2;
        }
    }
}
