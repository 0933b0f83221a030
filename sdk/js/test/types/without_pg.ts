// In a project that has neither pg nor its types.
import Nimbus, { type SqlDatabase } from '@hillock-tech/nimbus-js';

const app = new Nimbus({ projectName: 'demo' });
const db: SqlDatabase = app.SQL({ name: 'main-db' });
db.pool().anything.at.all;
const rows: number = db.query('SELECT'); // wrong

export default app;
