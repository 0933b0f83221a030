// Connects the way the page's handlers do: a token from @aws-sdk/dsql-signer as the password, TLS
// verification on, port 5432. Prints what it saw as JSON.
import { DsqlSigner } from '@aws-sdk/dsql-signer';
import pg from 'pg';

const [endpoint, dbRole, schema] = process.argv.slice(2);
const signer = new DsqlSigner({ hostname: endpoint, region: process.env.AWS_REGION });
const token = dbRole === 'admin' ? await signer.getDbConnectAdminAuthToken() : await signer.getDbConnectAuthToken();

const client = new pg.Client({
  host: endpoint,
  port: 5432,
  user: dbRole,
  password: token,
  database: 'postgres',
  ssl: { rejectUnauthorized: true },
});
await client.connect();
await client.query(`SET search_path = ${schema}`);
await client.query('CREATE TABLE IF NOT EXISTS node_rows (id INT PRIMARY KEY)');
await client.query('INSERT INTO node_rows VALUES ($1)', [1]);
let code = null;
try {
  await client.query('INSERT INTO node_rows VALUES ($1)', [1]);
} catch (error) {
  code = error.code;
}
const result = await client.query('SELECT current_user AS user, $1::int + 1 AS sum', [1]);
const authorized = client.connection.stream.authorized;
await client.query('DROP TABLE node_rows');
await client.end();
console.log(JSON.stringify({ ...result.rows[0], code, authorized }));
