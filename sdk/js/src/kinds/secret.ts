import { declarationOf, keptOf, placeBefore } from '../declaration.js';
import { acceptedOptions, addMistake, addPart, isPlainObject } from '../description.js';
import type { Description, OptionRules, Place } from '../description.js';
import { overrideSecret, secrets } from '../secrets/secrets.js';
import type { ReadOptions } from '../secrets/secrets.js';
import type { Kind } from './kind.js';

/** A secret of AWS Secrets Manager. Its value is set with `nimbus secret set`, never in a program. */
export interface SecretOptions {
    /** A lower-case letter, then lower-case letters, digits and dashes; at most 32 characters.
     * `stripe-key` gives functions `SECRET_STRIPE_KEY_ARN`. */
    name: string;
    description?: string;
    /** The key of AWS KMS that encrypts it: its id or ARN. By default Secrets
     * Manager's own. */
    kmsKeyId?: string;
}

/** A secret of the application. */
export interface Secret {
    readonly name: string;
    /** The secret's value, for handlers to read. By default it is kept for 5 minutes. */
    value(options?: ReadOptions): Promise<string>;
    /** The value, which must be JSON, as what it stands for. */
    json<T = any>(options?: ReadOptions): Promise<T>;
}

export interface SecretMethods {
    /** Declares a secret, which all functions can read unless they say what they use. */
    Secret(options: SecretOptions): Secret;
    /** For tests: the secret `name` has this value, and Secrets Manager is not asked; undefined takes that back.
     * A RangeError if the application declares no such secret. */
    overrideSecret(name: string, value: string | undefined): void;
}

const secretNamesOf = keptOf((): Set<string> => new Set());

const rules: OptionRules = { unavailable: { automaticRotation: '', rotationLambdaArn: '' } };

function describeSecret(description: Description, options: SecretOptions, place: Place): void {
    const members = acceptedOptions(description, 'Secret', options, rules, place);
    if (isPlainObject(members) && 'value' in members) {
        addMistake(description, place, 'Secret: there is no option "value", because programs hold no secrets: ' +
            `set it with "nimbus secret set ${options.name}"`);
    }
    addPart(description, 'secrets', { place, members });
}

export const secret: Kind<SecretMethods> = {
    sections: ['secrets'],
    methods: {
        Secret(options) {
            const { description } = declarationOf(this);
            if (description) {
                describeSecret(description, options, placeBefore(secret.methods.Secret));
            }
            const name = options?.name;
            secretNamesOf(declarationOf(this)).add(name);
            return {
                name,
                value: (how) => secrets.getString(name, how),
                json: (how) => secrets.getJson(name, how),
            };
        },
        overrideSecret(name, value) {
            if (!secretNamesOf(declarationOf(this)).has(name)) {
                throw new RangeError(`The application declares no secret ${JSON.stringify(name)}`);
            }
            overrideSecret(name, value);
        },
    },
};
