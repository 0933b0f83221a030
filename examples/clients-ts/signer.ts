// pg by itself, with a token of AWS's signer: all that the other modules get from app.SQL(…) is written out here.
import { DsqlSigner } from '@aws-sdk/dsql-signer';
import { Client } from 'pg';

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

function connected(): Promise<Client> {
    connection ??= connect().catch((error) => {
        connection = undefined; // the next invocation tries again
        throw error;
    });
    return connection;
}

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/**
 * Runs `work` in a transaction, and again when it met a conflict: 40001, OC000 with rows or OC001 with a change
 * of the schema. So `work` does only what may be done twice. The waits grow and are random, so that two who
 * met do not meet again.
 */
async function transaction<T>(client: Client, work: () => Promise<T>, tries = 10): Promise<T> {
    for (let attempt = 1; ; ++attempt) {
        try {
            await client.query('BEGIN');
            const result = await work();
            await client.query('COMMIT');
            return result;
        } catch (error) {
            await client.query('ROLLBACK').catch(() => {}); // what a closed connection began is undone already
            if ((error as { code?: string }).code !== '40001' || attempt === tries) {
                throw error;
            }
            await pause(Math.random() * Math.min(10 * 2 ** attempt, 1000));
        }
    }
}

export async function open(name: string) {
    const { rows: [account] } = await (await connected()).query('INSERT INTO accounts VALUES ($1, 100) RETURNING *', [name]);
    return account;
}

export async function move(from: string, to: string, amount: number) {
    const client = await connected();
    return transaction(client, async () => {
        await client.query('UPDATE accounts SET balance = balance - $1 WHERE name = $2', [amount, from]);
        const { rows: [account] } = await client.query(
            'UPDATE accounts SET balance = balance + $1 WHERE name = $2 RETURNING *', [amount, to]);
        return account;
    });
}
