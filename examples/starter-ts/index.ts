import Nimbus from '@hillock-tech/nimbus-js';
import { addNote, hello, listNotes } from './notes.js';

const app = new Nimbus({ projectName: 'starter', region: 'us-east-1' });
// Set deletionProtection to true before there is data that matters: then even `nimbus destroy --force`
// keeps it.
const db = app.SQL({ name: 'main-db', migrations: 'migrations', deletionProtection: false });
const api = app.API({ name: 'notes-api' });

api.route('GET', '/hello/{name}', (event) => hello(event.pathParameters.name));
api.route('POST', '/notes', (event) => addNote(db, event.body));
api.route('GET', '/notes', () => listNotes(db));

export default app;
