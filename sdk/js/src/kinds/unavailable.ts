import { placeBefore } from '../declaration.js';
import { unavailable } from '../options.js';
import type { Kind } from './kind.js';

/** What nimbus-js has and Nimbus does not have yet. A deploy says so, with the line. */
export interface UnavailableMethods {
    /** @deprecated Not available in Nimbus yet: a deploy refuses it. */
    Queue(options: object): any;
    /** @deprecated Not available in Nimbus yet: a deploy refuses it. */
    Storage(options: object): any;
    /** @deprecated Not available in Nimbus yet: a deploy refuses it. */
    KV(options: object): any;
    /** @deprecated Not available in Nimbus yet: a deploy refuses it. */
    NoSQL(options: object): any;
    /** @deprecated Not available in Nimbus yet: a deploy refuses it. */
    Parameter(options: object): any;
    /** @deprecated Not available in Nimbus yet: a deploy refuses it. */
    Role(name?: string): any;
    /** @deprecated Not available in Nimbus yet: a deploy refuses it. */
    authorizer(options: object): any;
    /** @deprecated Not available in Nimbus: the command `nimbus deploy` deploys an application. */
    deploy(): Promise<any>;
    /** @deprecated Not available in Nimbus: the command `nimbus destroy` takes an application down. */
    destroy(options?: object): Promise<any>;
}

const kinds = ['Queue', 'Storage', 'KV', 'NoSQL', 'Parameter', 'Role', 'authorizer'] as const;
const commands = ['deploy', 'destroy'] as const;

/**
 * Stands for the result of a method that is not available: whatever is done with it, the program
 * goes on to its end, so that all mistakes are told.
 */
const anything = standIn((...handlers) => Promise.resolve(settled).then(...handlers));

/** What `await anything` gives: no promise any more, or it would be awaited for ever. */
const settled = standIn(undefined);

function standIn(then: Promise<any>['then'] | undefined): any {
    return new Proxy(function () {}, {
        get(_, name) {
            switch (name) {
                case 'then': return then;
                case Symbol.toPrimitive: return () => '';
                case Symbol.iterator: return [][Symbol.iterator];
                default: return anything;
            }
        },
        set: () => true,
        apply: () => anything,
        construct: () => anything,
    });
}

export const notYetAvailable: Kind<UnavailableMethods> = {
    sections: [],
    methods(declaration) {
        const refused = (name: keyof UnavailableMethods, instead?: string) => {
            const method = () => {
                declaration.mistake(placeBefore(method), unavailable(`app.${name}`, instead));
                return anything;
            };
            return [name, method] as const;
        };
        return Object.fromEntries([
            ...kinds.map((name) => refused(name)),
            ...commands.map((name) => refused(name, `"nimbus ${name}" does it from the command line`)),
        ]) as Record<keyof UnavailableMethods, () => any>;
    },
};
