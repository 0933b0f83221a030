import Nimbus from '@hillock-tech/nimbus-js';

const app = new Nimbus({ projectName: 'hello-ts', region: 'us-east-1' });
const api = app.API({ name: 'hello-api' });

api.route('GET', '/hello/{name}', (event) => ({
    statusCode: 200,
    body: JSON.stringify({ hello: event.pathParameters.name }),
}));

export default app;
