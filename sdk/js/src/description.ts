/**
 * What an application declares, as it is told to the engine.
 *
 * Options are kept as they were given: the engine checks them, so that its messages and its rules
 * are the same for every language.
 */
export interface Description {
    /** The application's own. */
    options: unknown;
    readonly place: Place;
    readonly sections: Sections;
    /** What the engine could not see in a manifest, such as a handler that is no function. */
    readonly mistakes: Mistake[];
}

/** Lists of the manifest, by their names. */
export type Sections = Record<string, Part[]>;

/** One thing that was declared: an item of a list of the manifest. */
export interface Part {
    readonly place: Place;
    /** Its members in the manifest, but for those in `parts`. */
    readonly members: unknown;
    /** Its own lists, such as an API's routes. */
    readonly parts?: Sections;
}

export interface Mistake {
    readonly place: Place;
    readonly message: string;
}

/** Where in the author's files something was declared. */
export interface Place {
    /** Its first frame is the caller's. */
    readonly stack?: string;
}

export function addPart(description: Description, section: string, part: Part): void {
    (description.sections[section] ??= []).push(part);
}

export function addMistake(description: Description, place: Place, message: string): void {
    description.mistakes.push({ place, message });
}

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
export function acceptedOptions(description: Description, subject: string, options: unknown,
                                rules: OptionRules, place: Place): unknown {
    if (!isPlainObject(options)) {
        return options;
    }
    const accepted: Record<string, unknown> = { ...options };
    for (const name of rules.reserved ?? []) {
        if (name in accepted) {
            addMistake(description, place, `${subject}: there is no option ${JSON.stringify(name)}`);
        }
    }
    for (const [name, instead] of Object.entries(rules.unavailable ?? {})) {
        const value = accepted[name];
        delete accepted[name];
        if (value !== undefined && value !== false) {
            addMistake(description, place, unavailable(`${subject}: the option ${JSON.stringify(name)}`, instead));
        }
    }
    return accepted;
}

export function unavailable(subject: string, instead = ''): string {
    return `${subject} is not available in Nimbus yet${instead && `: ${instead}`}`;
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isListOfTexts(value: unknown): value is string[] {
    return Array.isArray(value) && value.every((each) => typeof each === 'string');
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
