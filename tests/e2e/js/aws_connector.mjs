// AWS's connector over node-postgres: it finds the Region in the host's name and makes the token. Prints what
// it saw as JSON.
import { AuroraDSQLClient, AuroraDSQLPool } from '@aws/aurora-dsql-node-postgres-connector';

const [host] = process.argv.slice(2);
const client = new AuroraDSQLClient({ host, user: 'admin' });
await client.connect();
const { rows: [{ user }] } = await client.query('SELECT current_user AS user');
const { authorized } = client.connection.stream;
await client.end();

const pool = new AuroraDSQLPool({ host, user: 'admin', max: 3 });
const answers = await Promise.all([1, 2, 3].map((n) => pool.query('SELECT $1::int + 1 AS n', [n])));
await pool.end();
console.log(JSON.stringify({ user, authorized, pooled: answers.map(({ rows: [{ n }] }) => n) }));
