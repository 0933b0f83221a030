import awsLambdaFastify from '@fastify/aws-lambda';
import Nimbus from '@hillock-tech/nimbus-js';
import fastify from 'fastify';

const router = fastify();

router.get('/', async () => ({ routes: ['/hello/:name', '/echo'] }));
router.get<{ Params: { name: string }; Querystring: { greeting?: string } }>('/hello/:name', async (request) => (
    { hello: request.params.name, greeting: request.query.greeting }));
router.post('/echo', async (request, reply) => (
    reply.header('set-cookie', ['first=1; Path=/', 'second=2; Path=/']).code(201).send(request.body)));

const app = new Nimbus({ projectName: 'fastify-demo', region: 'us-east-1' });
const api = app.API({ name: 'fastify-api', stage: '$default', function: 'router' });
const handler = awsLambdaFastify(router);

api.route('ANY', '/', handler);
api.route('ANY', '/{proxy+}', handler);

export default app;
