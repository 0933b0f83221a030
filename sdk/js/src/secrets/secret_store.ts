import type { ReadOptions } from './secrets.js';

export { fetchSecret } from './get_secret_value.js';

const defaultTtl = 5 * 60_000;

/** How long an old value is given, at most, while a new one is on its way. */
const longestGrace = 60_000;

/** How long after a renewal that failed the next one begins. */
const renewalPause = 5_000;

/** What is known of one secret. Times are milliseconds since the epoch. */
interface Entry {
    /** When `value` was asked for. */
    askedAt: number;
    value: string;
    /** The question that all who want a new value wait for. */
    question?: Question;
    /** No renewal before. */
    renewAfter: number;
}

interface Question {
    /** The answer may be from then: an instance may be frozen between the two. */
    readonly askedAt: number;
    readonly answer: Promise<string>;
}

/**
 * The values of secrets that this instance has read.
 *
 * A value is given for `ttl`. After that it is given for as long again, a minute at most, while one
 * renewal runs behind the caller's back; then callers wait for a new one. A frozen instance runs
 * nothing, so it is for calls to notice what is old.
 */
export class SecretStore {
    readonly #entries = new Map<string, Entry>();

    /** `fetch` asks Secrets Manager for the value of the secret of that name. */
    constructor(private readonly fetch: (name: string) => Promise<string>,
                private readonly now: () => number = Date.now) {}

    async read(name: string, { ttl = defaultTtl, cache = true }: ReadOptions = {}): Promise<string> {
        if (!(ttl >= 0)) {
            throw new RangeError(`"ttl" must be a number of milliseconds, not ${JSON.stringify(ttl)}`);
        }
        const entry = this.#entry(name);
        if (!cache) {
            return this.#ask(name, entry).answer;
        }
        const oldestGood = this.now() - ttl;
        const oldestGiven = oldestGood - Math.min(ttl, longestGrace);
        if (entry.askedAt > oldestGood) {
            return entry.value;
        }
        if (entry.askedAt > oldestGiven) {
            this.#renew(name, entry);
            return entry.value;
        }
        return entry.question && entry.question.askedAt >= oldestGiven
            ? entry.question.answer
            : this.#askForAll(name, entry);
    }

    clear(): void {
        this.#entries.clear();
    }

    #entry(name: string): Entry {
        const known = this.#entries.get(name);
        if (known) {
            return known;
        }
        const entry = { askedAt: -Infinity, value: '', renewAfter: 0 };
        this.#entries.set(name, entry);
        return entry;
    }

    #renew(name: string, entry: Entry): void {
        if (entry.question || this.now() < entry.renewAfter) {
            return;
        }
        this.#askForAll(name, entry).catch((error: Error) => {
            entry.renewAfter = this.now() + renewalPause;
            console.warn(`The secret ${JSON.stringify(name)} was not renewed: ${error.message}`);
        });
    }

    #askForAll(name: string, entry: Entry): Promise<string> {
        const { askedAt, answer } = this.#ask(name, entry);
        const question = {
            askedAt,
            answer: answer.finally(() => {
                if (entry.question === question) {
                    delete entry.question;
                }
            }),
        };
        entry.question = question;
        return question.answer;
    }

    #ask(name: string, entry: Entry): Question {
        const askedAt = this.now();
        const answer = this.fetch(name).then((value) => {
            if (askedAt >= entry.askedAt) {
                entry.askedAt = askedAt;
                entry.value = value;
            }
            return value;
        });
        return { askedAt, answer };
    }
}
