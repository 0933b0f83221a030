import Nimbus from '@hillock-tech/nimbus-js';
import express from 'express';
import serverless from 'serverless-http';

const router = express();
router.use(express.json());

router.get('/', (request, response) => {
    response.json({ routes: ['/hello/:name', '/echo'] });
});
router.get('/hello/:name', (request, response) => {
    response.json({ hello: request.params.name, greeting: request.query.greeting });
});
router.post('/echo', (request, response) => {
    response.cookie('first', '1').cookie('second', '2').status(201).json(request.body);
});

const app = new Nimbus({ projectName: 'express-demo', region: 'us-east-1' });
// Without a stage in its URL, paths are those that the router knows.
const api = app.API({ name: 'express-api', stage: '$default', function: 'router' });
const handler = serverless(router);

api.route('ANY', '/', handler);
api.route('ANY', '/{proxy+}', handler);

export default app;
