import { isDescribing } from './declaration.js';
import type { Declaration, Place } from './declaration.js';

/** The options of one kind that are refused by name. */
export interface OptionRules {
    /** What nimbus-js has and Nimbus does not have yet, with what to do instead or an empty text. */
    readonly unavailable?: Readonly<Record<string, string>>;
    /** What has a meaning in the manifest that is not the author's to set. */
    readonly reserved?: readonly string[];
}

/**
 * The options as they go into the manifest. `subject` is what the mistakes in them are told of.
 *
 * An option that is not available may be there and ask for nothing: `tracing: false`.
 */
export function acceptedOptions(declaration: Declaration, subject: string, options: unknown,
                                rules: OptionRules, place: Place): unknown {
    if (!isDescribing || !isPlainObject(options)) {
        return options;
    }
    const accepted: Record<string, unknown> = { ...options };
    for (const name of rules.reserved ?? []) {
        if (name in accepted) {
            declaration.mistake(place, `${subject}: there is no option ${JSON.stringify(name)}`);
        }
    }
    for (const [name, instead] of Object.entries(rules.unavailable ?? {})) {
        const value = accepted[name];
        delete accepted[name];
        if (value !== undefined && value !== false) {
            declaration.mistake(place, unavailable(`${subject}: the option ${JSON.stringify(name)}`, instead));
        }
    }
    return accepted;
}

export function unavailable(subject: string, instead = ''): string {
    return `${subject} is not available in Nimbus yet${instead && `: ${instead}`}`;
}

/** Tells when `handler` is no function. */
export function checkHandler(declaration: Declaration, subject: string, handler: unknown, place: Place): void {
    if (typeof handler !== 'function') {
        declaration.mistake(place, `${subject}: the handler must be a function, not ${kindOf(handler)}`);
    }
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How a message names what was found: `an array`, `undefined`. */
export function kindOf(value: unknown): string {
    if (value === undefined || value === null) {
        return String(value);
    }
    if (value instanceof Promise) {
        return 'a promise (was it called instead of passed?)';
    }
    return Array.isArray(value) ? 'an array' : /^[aeiou]/.test(typeof value) ? `an ${typeof value}` : `a ${typeof value}`;
}
