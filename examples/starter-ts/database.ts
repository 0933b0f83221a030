// The connection to the database: a token of the function's IAM role is the password.
import { DsqlSigner } from '@aws-sdk/dsql-signer';
import { Client } from 'pg';

/** Runs one statement; gives its rows. */
export type Query = (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;

/** The connection outlives an invocation, and serves the next one of this instance. */
let connection: Promise<Client> | undefined;

async function connect(): Promise<Client> {
    const { SQL_MAIN_DB_ENDPOINT = '', SQL_MAIN_DB_DB_ROLE, SQL_MAIN_DB_SCHEMA, AWS_REGION } = process.env;
    const signer = new DsqlSigner({ hostname: SQL_MAIN_DB_ENDPOINT, region: AWS_REGION });
    const client = new Client({
        host: SQL_MAIN_DB_ENDPOINT,
        port: 5432,
        user: SQL_MAIN_DB_DB_ROLE,
        password: await signer.getDbConnectAuthToken(),
        database: 'postgres',
        ssl: { rejectUnauthorized: true },
    });
    const forget = () => { connection = undefined; };
    client.on('error', forget).on('end', forget); // after an hour, for one
    await client.connect();
    await client.query(`SET search_path = ${SQL_MAIN_DB_SCHEMA}`);
    return client;
}

export const query: Query = async (text, values) => {
    connection ??= connect().catch((error) => {
        connection = undefined; // the next invocation tries again
        throw error;
    });
    return (await (await connection).query(text, values)).rows;
};
