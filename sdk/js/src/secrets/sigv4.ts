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

/**
 * The headers of a POST request without a query, signed with Signature Version 4 (IAM User Guide,
 * "Create a signed AWS API request").
 */
export function signedHeaders({ url, headers, body }: SignedRequest, service: string, region: string,
                              credentials: Credentials, date: Date): Record<string, string> {
    const time = date.toISOString().replace(/[-:]|\.\d{3}/g, '');
    const day = time.slice(0, 8);
    const signed: Record<string, string> = {
        ...headers,
        host: url.host,
        'x-amz-date': time,
        ...(credentials.sessionToken && { 'x-amz-security-token': credentials.sessionToken }),
    };
    const names = Object.keys(signed).sort();
    const canonicalRequest = ['POST', url.pathname, '', ...names.map((name) => `${name}:${signed[name]}`), '',
        names.join(';'), sha256(body)].join('\n');
    const scope = `${day}/${region}/${service}/aws4_request`;
    const key = [day, region, service, 'aws4_request'].reduce<Buffer | string>(
        (previous, part) => hmac(previous, part).digest(), `AWS4${credentials.secretAccessKey}`);
    const signature = hmac(key, [algorithm, time, scope, sha256(canonicalRequest)].join('\n')).digest('hex');
    return {
        ...signed,
        authorization: `${algorithm} Credential=${credentials.accessKeyId}/${scope}, ` +
            `SignedHeaders=${names.join(';')}, Signature=${signature}`,
    };
}

function hmac(key: Buffer | string, text: string) {
    return createHmac('sha256', key).update(text);
}

function sha256(text: string): string {
    return createHash('sha256').update(text).digest('hex');
}
