import { createHash, createHmac } from 'node:crypto';

export interface Credentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string | undefined;
}

export interface SignedRequest {
    readonly url: URL;
    /** Names in lower case. */
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}

const algorithm = 'AWS4-HMAC-SHA256';

/** Those in the environment, where Lambda puts a function's own; undefined if they are not there. */
export function environmentCredentials(): Credentials | undefined {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
    return AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY
        ? { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN }
        : undefined;
}

/**
 * The headers of a POST request without a query, signed with Signature Version 4 (IAM User Guide,
 * "Create a signed AWS API request").
 */
export function signedHeaders({ url, headers, body }: SignedRequest, service: string, region: string,
                              credentials: Credentials, date: Date): Record<string, string> {
    const { time, scope } = scopeOf(service, region, date);
    const signed: Record<string, string> = {
        ...headers,
        host: url.host,
        'x-amz-date': time,
        ...(credentials.sessionToken && { 'x-amz-security-token': credentials.sessionToken }),
    };
    const names = Object.keys(signed).sort();
    const canonicalRequest = ['POST', url.pathname, '', ...names.map((name) => `${name}:${signed[name]}`), '',
        names.join(';'), sha256(body)].join('\n');
    return {
        ...signed,
        authorization: `${algorithm} Credential=${credentials.accessKeyId}/${scope}, ` +
            `SignedHeaders=${names.join(';')}, Signature=${signatureOf(canonicalRequest, time, scope, credentials)}`,
    };
}

/**
 * A token for connecting to an Aurora DSQL cluster (Aurora DSQL User Guide, "Generating an authentication
 * token"): the presigned URL of a GET request to `host`, without its scheme. It is made without a request.
 */
export function connectToken(host: string, region: string, credentials: Credentials, date: Date,
                             secondsValid: number): string {
    const { time, scope } = scopeOf('dsql', region, date);
    // In the order of the canonical request.
    const query = Object.entries({
        Action: 'DbConnect',
        'X-Amz-Algorithm': algorithm,
        'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
        'X-Amz-Date': time,
        'X-Amz-Expires': String(secondsValid),
        ...(credentials.sessionToken && { 'X-Amz-Security-Token': credentials.sessionToken }),
        'X-Amz-SignedHeaders': 'host',
    }).map(([name, value]) => `${name}=${percentEncoded(value)}`).join('&');
    const canonicalRequest = ['GET', '/', query, `host:${host}`, '', 'host', sha256('')].join('\n');
    return `${host}/?${query}&X-Amz-Signature=${signatureOf(canonicalRequest, time, scope, credentials)}`;
}

function scopeOf(service: string, region: string, date: Date): { time: string; scope: string } {
    const time = date.toISOString().replace(/[-:]|\.\d{3}/g, '');
    return { time, scope: `${time.slice(0, 8)}/${region}/${service}/aws4_request` };
}

function signatureOf(canonicalRequest: string, time: string, scope: string, credentials: Credentials): string {
    const key = scope.split('/').reduce<Buffer | string>(
        (previous, part) => hmac(previous, part).digest(), `AWS4${credentials.secretAccessKey}`);
    return hmac(key, [algorithm, time, scope, sha256(canonicalRequest)].join('\n')).digest('hex');
}

/** All but letters, digits and `-._~`. */
function percentEncoded(text: string): string {
    return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function hmac(key: Buffer | string, text: string) {
    return createHmac('sha256', key).update(text);
}

function sha256(text: string): string {
    return createHash('sha256').update(text).digest('hex');
}
