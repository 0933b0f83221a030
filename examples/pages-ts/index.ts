import Nimbus from '@hillock-tech/nimbus-js';
import { readFile } from 'node:fs/promises';
import schema from './schema.sql';
import { greeting } from './source/greeting';

const app = new Nimbus({
    projectName: 'pages',
    region: 'us-east-1',
    // Handlers read these by names that they make when they run.
    files: ['views/**'],
});
const api = app.API({ name: 'pages-api' });

api.route('GET', '/schema', () => ({ statusCode: 200, body: schema }));

api.route('GET', '/hello/{name}', async (event) => ({
    statusCode: 200,
    body: await greeting(event.pathParameters.name),
}));

api.route('GET', '/pages/{page}', async (event) => {
    const page = event.pathParameters.page.replace(/[^a-z]/g, '');
    const file = `${process.env.LAMBDA_TASK_ROOT}/views/${page}.html`;
    return { statusCode: 200, headers: { 'Content-Type': 'text/html' }, body: await readFile(file, 'utf8') };
});

export default app;
