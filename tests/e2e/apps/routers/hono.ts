import Nimbus from '@hillock-tech/nimbus-js';
import { Hono } from 'hono';
import { handle } from 'hono/aws-lambda';
import { setCookie } from 'hono/cookie';

const router = new Hono();

router.get('/', (context) => context.json({ routes: ['/hello/:name', '/echo'] }));
router.get('/hello/:name', (context) => (
    context.json({ hello: context.req.param('name'), greeting: context.req.query('greeting') })));
router.post('/echo', async (context) => {
    setCookie(context, 'first', '1');
    setCookie(context, 'second', '2');
    return context.json(await context.req.json(), 201);
});

const app = new Nimbus({ projectName: 'hono-demo', region: 'us-east-1' });
const api = app.API({ name: 'hono-api', stage: '$default', function: 'router' });
const handler = handle(router);

api.route('ANY', '/', handler);
api.route('ANY', '/{proxy+}', handler);

export default app;
