import Nimbus, { type ApiEvent, type ApiResponse } from '@hillock-tech/nimbus-js';

const app = new Nimbus({ projectName: 'shared-function-ts', region: 'us-east-1' });

// All routes of this API that name no other function are the function "users".
const api = app.API({ name: 'users-api', function: 'users' });

/** What a route says of a request that it answers. */
function said(event: ApiEvent<unknown>, words: string): ApiResponse {
    console.log(words);
    return { statusCode: 200, body: JSON.stringify({ route: event.resource, method: event.httpMethod, said: words }) };
}

api.route('GET', '/users/{id}', (event) => said(event, `user ${event.pathParameters.id}`), { memorySize: 512 });
api.route('POST', '/users', (event) => said(event, `new user ${event.body ?? ''}`));
api.route('OPTIONS', '/users', (event) => said(event, 'GET and POST'));
api.route('ANY', '/files/{path+}', (event) => said(event, `file ${event.pathParameters.path}`));
api.route('HEAD', '/files/{path+}', (event) => ({ statusCode: 204, headers: { 'x-said': event.pathParameters.path } }));
api.route('ANY', '$default', (event) => said(event, 'nothing here'));

// This one may take long, so it has a function with a timeout of its own.
api.route('POST', '/reports', (event) => said(event, 'report'), { function: 'reports', timeout: 29 });

export default app;
