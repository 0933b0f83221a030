import type { User } from './user.js';
interface Row extends User { readonly id: string, name?: string | null
  'e-mail': Array<{ a: string }>; at: Date }
type State = 'open' | 'closed';
const db = app.SQL({ name: 'main-db' }), text = 'SELECT ' + `1`;
const pattern = /['"`]/g;
await db.query<Row>(`SELECT * FROM a WHERE b = ${db.query<{ id: string }>('SELECT 1', [1, `${x}`])}`, [...all]);
client?.query({ text: a ? 'SELECT 1' : text, values: [true, null] });
db.transaction(async (tx) => tx.execute(text));
