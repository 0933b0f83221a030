import type { NimbusOptions } from '../app.js';
import { declarationOf, keptOf, placeBefore } from '../declaration.js';
import { acceptedOptions, addPart, isPlainObject } from '../description.js';
import type { Description, OptionRules, Place } from '../description.js';
import type { InvokeTimerOptions } from '../testing/types.js';
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
    /** For tests: fires the timer `name`, in this process. Gives what its handler returns, and throws what that
     * throws. A RangeError if the application declares no such timer. */
    invokeTimer(name: string, options?: InvokeTimerOptions): Promise<any>;
}

const timersOf = keptOf((): Map<string, LambdaHandler> => new Map());

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

/** As EventBridge Scheduler sends it, to the second. */
function scheduledEvent(application: unknown, name: string, time: Date): ScheduledEvent {
    const { projectName, stage = 'dev', region = 'us-east-1' } = Object(application) as NimbusOptions;
    const account = '123456789012';
    return {
        version: '0',
        id: crypto.randomUUID(),
        'detail-type': 'Scheduled Event',
        source: 'aws.scheduler',
        account,
        time: time.toISOString().replace(/\.\d{3}Z$/, 'Z'),
        region,
        resources: [`arn:aws:scheduler:${region}:${account}:schedule/${projectName}-${stage}/${name}`],
        detail: {},
    };
}

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
            timersOf(declarationOf(this)).set(name, options?.handler);
            if (description) {
                describeTimer(description, options, placeBefore(timer.methods.Timer));
            }
            return { name };
        },
        async invokeTimer(name, { time = new Date() } = {}) {
            const declaration = declarationOf(this);
            const handler = timersOf(declaration).get(name);
            if (!handler) {
                throw new RangeError(`The application declares no timer ${JSON.stringify(name)}`);
            }
            const { runHandler } = await import('../testing/invoke.js');
            return runHandler(handler, scheduledEvent(declaration.options, name, time));
        },
    },
};
