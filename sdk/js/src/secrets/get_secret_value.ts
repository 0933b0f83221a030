import * as http from 'node:http';
import * as https from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { environmentCredentials, signedHeaders } from '../aws/sigv4.js';
import type { Credentials } from '../aws/sigv4.js';
import { variable } from '../variables.js';

const attempts = 3;

/** Milliseconds; of one attempt, and of the pause before the second one, which then doubles. */
const attemptTimeout = 3_000;
const firstPause = 100;

/** What went wrong with a secret. `name` is AWS's error code where AWS says one. */
class SecretError extends Error {
    constructor(override readonly name: string, message: string) {
        super(message);
    }
}

/** Another attempt may do better. */
class PassingError extends SecretError {}

interface HttpAnswer {
    readonly status: number;
    readonly body: string;
}

/**
 * The value of the secret that the application declares under that name (Secrets Manager API
 * Reference, "GetSecretValue"). The credentials are the function's own.
 */
export async function fetchSecret(name: string): Promise<string> {
    const arn = process.env[arnVariable(name)];
    if (!arn) {
        const quoted = JSON.stringify(name);
        throw new SecretError('SecretNotFound', `This function has no secret ${quoted}: ` +
            `declare it with app.Secret({ name: ${quoted} }), name it in the function's "uses" if it has them, and deploy`);
    }
    for (let attempt = 1; ; ++attempt) {
        try {
            return await ask(name, arn);
        } catch (error) {
            if (!(error instanceof PassingError) || attempt === attempts) {
                throw error;
            }
        }
        await pause(firstPause * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
}

/** Where functions find the secret's ARN. */
function arnVariable(name: string): string {
    return variable('SECRET', name, 'ARN');
}

async function ask(name: string, arn: string): Promise<string> {
    const [, partition = 'aws', , region = process.env.AWS_REGION ?? ''] = arn.split(':');
    const url = endpoint(partition, region);
    const body = JSON.stringify({ SecretId: arn });
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' };
    const signed = signedHeaders({ url, body, headers }, 'secretsmanager', region, credentials(), new Date());
    return valueIn(await post(url, signed, body), name);
}

function endpoint(partition: string, region: string): URL {
    const { AWS_ENDPOINT_URL_SECRETS_MANAGER, AWS_ENDPOINT_URL } = process.env;
    const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
    const regional = `https://secretsmanager.${region}.${domain}`;
    return new URL(AWS_ENDPOINT_URL_SECRETS_MANAGER || AWS_ENDPOINT_URL || regional);
}

function credentials(): Credentials {
    const found = environmentCredentials();
    if (!found) {
        throw new SecretError('CredentialsNotFound', 'Secrets are read with the credentials in AWS_ACCESS_KEY_ID and ' +
            'AWS_SECRET_ACCESS_KEY, which Lambda sets, and they are not set');
    }
    return found;
}

function post(url: URL, headers: Record<string, string>, body: string): Promise<HttpAnswer> {
    const { request } = url.protocol === 'http:' ? http : https;
    return new Promise((resolve, reject) => {
        const fail = (error: NodeJS.ErrnoException) => reject(new PassingError('SecretsManagerUnreachable',
            `Secrets Manager cannot be reached at ${url.host}: ${error.code ?? error.message}`));
        // No agent keeps the connection: it would not outlive a frozen instance.
        const sent = request(url, { method: 'POST', agent: false, headers }, (response) => {
            const parts: Buffer[] = [];
            response.on('data', (part: Buffer) => parts.push(part));
            response.on('error', fail);
            response.on('end', () =>
                resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
        });
        sent.setTimeout(attemptTimeout, () => sent.destroy(new Error('it did not answer in time')));
        sent.on('error', fail);
        sent.end(body); // which says its length, as it is the only part
    });
}

function valueIn({ status, body }: HttpAnswer, name: string): string {
    const document = documentIn(body);
    if (status !== 200) {
        throw errorOf(status, document, name);
    }
    if (typeof document.SecretString !== 'string') {
        throw new SecretError('SecretNotText', `The value of the secret ${JSON.stringify(name)} is binary, ` +
            `and only text is read here. AWS's SDK reads it by the ARN in ${arnVariable(name)}`);
    }
    return document.SecretString;
}

/** Empty when it is no JSON: what is no answer of Secrets Manager's says nothing. */
function documentIn(body: string): Record<string, unknown> {
    try {
        return Object(JSON.parse(body));
    } catch {
        return {};
    }
}

const throttled = ['ThrottlingException', 'Throttling', 'RequestLimitExceeded', 'TooManyRequestsException'];

function errorOf(status: number, document: Record<string, unknown>, name: string): SecretError {
    // AWS JSON 1.1: "__type" may have a namespace before a "#".
    const code = String(document.__type ?? '').replace(/^.*#/, '') || `HTTP ${status}`;
    const words = String(document.message ?? document.Message ?? '').replace(/\.$/, '');
    const secret = `The secret ${JSON.stringify(name)}`;
    if (status >= 500 || throttled.includes(code)) {
        return new PassingError(code, `${secret} cannot be read now: ${words || code}`);
    }
    switch (code) {
        case 'ResourceNotFoundException':
            return new SecretError(code, `${secret} has no value yet. Set one: nimbus secret set ${name}`);
        case 'AccessDeniedException':
            return new SecretError(code, `This function may not read the secret ${JSON.stringify(name)}: ` +
                `name it in the function's "uses", and deploy (${words})`);
        default:
            return new SecretError(code, `${secret} cannot be read: ${words ? `${words} (${code})` : code}`);
    }
}
