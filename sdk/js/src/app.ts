import { attach, placeBefore } from './declaration.js';
import { acceptedOptions, addMistake, isListOfTexts, isPlainObject } from './description.js';
import type { Description, Place } from './description.js';
import type { Architecture, LogRetention } from './kinds/function.js';
import { kinds } from './kinds/index.js';
import type { Methods } from './kinds/index.js';

/** What an application consists of. */
export interface NimbusOptions {
    /** A lower-case letter, then lower-case letters, digits and dashes; at most 32 characters. */
    projectName: string;
    /** The AWS region that everything is in. By default `us-east-1`. */
    region?: Region;
    /** Tells deployments of the same application apart. By default the first API's, else `dev`;
     * `nimbus deploy --stage` overrides it. */
    stage?: string;
    /** What Lambda runs the functions on that do not say it themselves; `arm64` is AWS's Graviton
     * processors. By default that of the machine that deploys. The local cloud always runs them on
     * its own machine's. */
    architecture?: Architecture;
    /** How long the logs of the functions are kept that do not say it themselves: a number of days
     * that CloudWatch Logs allows. */
    logRetention?: LogRetention;
    /** The ARN of an IAM policy that limits what all roles may do that Nimbus makes for functions and
     * timers: `arn:aws:iam::123456789012:policy/limit`. By default none does. */
    permissionsBoundary?: string;
    /** Files that handlers read: paths relative to the directory of the application's file, with `*`,
     * `?` and `**`, such as `public/**`. What a source reads by a path that begins with its own
     * `__dirname` or `import.meta.url` is found without this. */
    files?: string[];
    /** Packages that go beside the bundle as they are installed, with all that they need: for those
     * that find files of their own when they run, and those that others load by a name that they
     * make then. What a package loads that way while the module is loaded is found without this. */
    external?: string[];
}

/** Some AWS regions, for completion; any other is fine, too. */
export type Region =
    | 'us-east-1' | 'us-east-2' | 'us-west-2' | 'ca-central-1' | 'eu-central-1' | 'eu-west-1'
    | 'eu-west-2' | 'eu-west-3' | 'ap-northeast-1' | 'ap-northeast-2' | 'ap-northeast-3'
    | 'ap-southeast-2' | (string & {});

/** For the compiler to check that none is missing. */
const optionNames: Record<keyof NimbusOptions, true> = {
    projectName: true, region: true, stage: true, architecture: true, logRetention: true, permissionsBoundary: true,
    external: true, files: true,
};

/** With what was likely written instead of it. */
function missingProjectName(options: unknown): string {
    const unknown = Object.keys(isPlainObject(options) ? options : {}).filter((name) => !Object.hasOwn(optionNames, name));
    const written = unknown.map((name) => JSON.stringify(name)).join(', ');
    return `new Nimbus: the option "projectName" is missing${written && `; did you mean it by ${written}?`}`;
}

function descriptionOf(options: unknown, place: Place): Description {
    const description: Description = { options, place, sections: {}, mistakes: [] };
    description.options = acceptedOptions(description, 'new Nimbus', options, {
        unavailable: {
            accountId: '', tracing: '',
            credentials: 'they are taken from the environment and the files of the AWS CLI',
        },
        reserved: ['version', 'project', 'runtime', ...kinds.flatMap((kind) => kind.sections)],
    }, place);
    if (!(isPlainObject(options) && 'projectName' in options)) {
        addMistake(description, place, missingProjectName(options));
    }
    const { external } = Object(options) as { external?: unknown };
    if (external !== undefined && !isListOfTexts(external)) {
        addMistake(description, place, 'new Nimbus: the option "external" must be a list of names of packages');
    }
    return description;
}

/**
 * An application: what it needs, and its handlers. Export it by default.
 *
 * What is wrong with the options is reported, all at once, when the application is planned or
 * deployed.
 */
export class Nimbus {
    constructor(options: NimbusOptions) {
        const isAsked = Boolean(process.env.NIMBUS_MANIFEST_OUT);
        attach(this, {
            options,
            kinds,
            handlers: new Map(),
            sharedFunctions: new Map(),
            ...(isAsked && { description: descriptionOf(options, placeBefore(Nimbus)) }),
        });
    }
}

for (const { methods } of kinds) {
    Object.assign(Nimbus.prototype, methods);
}

/** The methods are those of the kinds. */
export interface Nimbus extends Methods {}
