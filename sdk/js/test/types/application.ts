import Nimbus, { type ApiEvent, type ApiResponse } from '@hillock-tech/nimbus-js';

const app = new Nimbus({ projectName: 'demo', region: 'us-east-1', stage: 'dev' });
new Nimbus({ projectName: 'demo' }); // wrong
new Nimbus({ projectName: 'demo', region: 'us-east-1', regions: [] }); // wrong

const db = app.SQL({ name: 'main-db', schema: 'demo', deletionProtection: false, cluster: 'team' });
const name: string = db.name;
app.SQL({ name: 'main-db' }); // wrong
app.SQL({ name: 'main-db', schema: 'demo', deletionProtection: 'no' }); // wrong

const api = app.API({ name: 'demo-api', stage: 'dev' });
app.API({ name: 'demo-api', stages: 'dev' }); // wrong

api.route('GET', '/plain', () => ({ statusCode: 200 }));
api.route('GET', '/async', async () => ({ statusCode: 200, body: name, headers: { a: 1 } }));
api.route('GET', '/none', () => {}); // wrong
api.route('get', '/lower', () => ({ statusCode: 200 })); // wrong
api.route('GET', '/body', () => ({ statusCode: 200, body: { a: 1 } })); // wrong
api.route('GET', '/options', () => ({ statusCode: 200 }), {
    memory: 512, timeout: 10, environment: { A: 'b' }, uses: ['main-db'] });
api.route('GET', '/options', () => ({ statusCode: 200 }), { timeouts: 10 }); // wrong

api.route('POST', '/users/{id}/files/{path+}', (event) => {
    const id: string = event.pathParameters.id;
    const path: string | undefined = event.pathParameters?.path;
    const other = event.pathParameters.other; // wrong
    const { title } = JSON.parse(event.body || '{}');
    return { statusCode: 200, body: JSON.stringify({ id, path, other, title }) };
});
api.route('GET', '/no/parameters', (event, context) => {
    const id = event.pathParameters?.id; // wrong
    return { statusCode: 200, body: `${id} ${event.headers['a']?.length} ${context.getRemainingTimeInMillis()}` };
});

const shared = async (event: ApiEvent): Promise<ApiResponse> => ({ statusCode: 200, body: event.pathParameters?.['id'] });
const path: string = '/made';
api.route('ANY', path, shared);
api.route('GET', '/shared/{id}', shared);

export default app;
