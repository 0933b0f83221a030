import { declarationOf, placeBefore } from '../declaration.js';
import { acceptedOptions, addPart, isPlainObject } from '../description.js';
import type { Description, OptionRules, Place } from '../description.js';
import { describeFunction, settingNames, unavailableSettings } from './function.js';
import type { FunctionSettings, LambdaHandler } from './function.js';
import type { EventSource, Kind } from './kind.js';

/** What a timer's handler gets (EventBridge User Guide, "AWS service events": a scheduled event). */
export interface ScheduledEvent {
    version: string;
    /** Of this firing; the same when it is tried again. */
    id: string;
    'detail-type': string;
    source: string;
    account: string;
    /** When it was due, in UTC: `2026-11-29T02:00:00Z`. */
    time: string;
    region: string;
    /** The schedule's ARN. */
    resources: string[];
    detail: Record<string, unknown>;
}

export interface TimerOptions extends FunctionSettings {
    /** A lower-case letter, then lower-case letters, digits and dashes; at most 32 characters. Its
     * function has that name, too. */
    name: string;
    /** `rate(5 minutes)`, `cron(0 2 * * ? *)` or `at(2027-01-01T00:00:00)`. */
    schedule: string;
    /** What it returns, nobody reads; when it throws, it is called again, twice at most. */
    handler: LambdaHandler<ScheduledEvent>;
    description?: string;
    /** By default true. */
    enabled?: boolean;
    /** In which `cron` and `at` are meant, such as `Europe/Berlin`. By default UTC. */
    timezone?: string;
    /** Minutes after its time within which it may be called, 1 to 1,440. By default on time. */
    flexibleWindow?: number;
}

/** A timer of the application. */
export interface Timer {
    readonly name: string;
}

export interface TimerMethods {
    /** Declares a timer, which calls its handler at the times that its schedule says. */
    Timer(options: TimerOptions): Timer;
}

const rules: OptionRules = { unavailable: unavailableSettings, reserved: ['function'] };

/** Scheduled events, of EventBridge's rules as of Scheduler's. */
const scheduler: EventSource = {
    sends: (event) => isPlainObject(event) && event['detail-type'] === 'Scheduled Event',
    // Nobody reads it. What is no JSON would make a failure of it, and the handler run again.
    answer(result) {
        try {
            JSON.stringify(result);
            return result;
        } catch (error) {
            console.warn(`What the handler returned is no JSON, and is left out: ${(error as Error).message}`);
            return undefined;
        }
    },
};

/** A timer's options are its own and those of its function, which has the same name. */
function describeTimer(description: Description, options: TimerOptions, place: Place): void {
    const accepted = acceptedOptions(description, 'Timer', options, rules, place);
    const { handler, ...others } = Object(accepted) as TimerOptions;
    const isSetting = ([name]: [string, unknown]) => settingNames.includes(name);
    const settings = Object.entries(others).filter(isSetting);
    const members = Object.entries(others).filter((entry) => !isSetting(entry));
    addPart(description, 'timers', { place, members: { ...Object.fromEntries(members), function: others.name } });
    describeFunction(description, 'Timer', others.name, handler, Object.fromEntries(settings), place);
}

export const timer: Kind<TimerMethods> = {
    sections: ['timers'],
    source: scheduler,
    methods: {
        Timer(options) {
            const { handlers, description } = declarationOf(this);
            const name = options?.name;
            handlers.set(name, options?.handler);
            if (description) {
                describeTimer(description, options, placeBefore(timer.methods.Timer));
            }
            return { name };
        },
    },
};
