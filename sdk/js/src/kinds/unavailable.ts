import { declarationOf, placeBefore } from '../declaration.js';
import { addMistake, unavailable } from '../description.js';
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

/**
 * Stands for the result of a method that is not available: whatever is done with it, the program
 * goes on to its end, so that all mistakes are told. Awaited, it gives one that is no promise any
 * more, or it would be awaited for ever.
 */
function standIn(isSettled: boolean): any {
    const then: Promise<any>['then'] = (...handlers) => Promise.resolve(standIn(true)).then(...handlers);
    return new Proxy(function () {}, {
        get(_, name) {
            switch (name) {
                case 'then': return isSettled ? undefined : then;
                case Symbol.toPrimitive: return () => '';
                case Symbol.iterator: return [][Symbol.iterator];
                default: return standIn(false);
            }
        },
        set: () => true,
        apply: () => standIn(false),
        construct: () => standIn(false),
    });
}

function refuse(application: object, name: keyof UnavailableMethods, instead?: string): any {
    const { description } = declarationOf(application);
    if (description) {
        const place = placeBefore(notYetAvailable.methods[name]);
        addMistake(description, place, unavailable(`app.${name}`, instead));
    }
    return standIn(false);
}

export const notYetAvailable: Kind<UnavailableMethods> = {
    sections: [],
    methods: {
        Queue() {
            return refuse(this, 'Queue');
        },
        Storage() {
            return refuse(this, 'Storage');
        },
        KV() {
            return refuse(this, 'KV');
        },
        NoSQL() {
            return refuse(this, 'NoSQL');
        },
        Parameter() {
            return refuse(this, 'Parameter');
        },
        Role() {
            return refuse(this, 'Role');
        },
        authorizer() {
            return refuse(this, 'authorizer');
        },
        deploy() {
            return refuse(this, 'deploy', '"nimbus deploy" deploys applications');
        },
        destroy() {
            return refuse(this, 'destroy', '"nimbus destroy" takes applications down');
        },
    },
};
