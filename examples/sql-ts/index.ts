// Users and their posts in an Aurora DSQL database, behind an HTTP API: ../sql in TypeScript.
import Nimbus, { type ApiResponse } from '@hillock-tech/nimbus-js';

const app = new Nimbus({ projectName: 'sql-demo', region: 'us-east-1' });
const db = app.SQL({ name: 'main-db', schema: 'myapp', deletionProtection: false });
const api = app.API({ name: 'sql-api', stage: 'dev' });

interface User {
    id: string;
    name: string;
    email: string;
    created_at: Date;
}

interface Post {
    id: string;
    title: string;
    content: string | null;
    created_at: Date;
}

const isCode = (error: unknown, code: string) => (error as { code?: string }).code === code;

const json = (statusCode: number, value: unknown): ApiResponse =>
    ({ statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });

/** Answers with what went wrong in the database, as a program under development does. */
function withErrors<Event>(work: (event: Event) => Promise<ApiResponse>) {
    return async (event: Event): Promise<ApiResponse> => {
        try {
            return await work(event);
        } catch (error) {
            console.error('Database error:', error);
            if (isCode(error, '22P02')) { // an id that is no UUID
                return json(400, { error: (error as Error).message });
            }
            return json(500, { error: (error as Error).message });
        }
    };
}

/** The members of a body that is a JSON object, or nothing. */
function bodyOf(event: { body: string | null }): Record<string, string> | undefined {
    try {
        const body: unknown = JSON.parse(event.body || '{}');
        return body instanceof Object && !Array.isArray(body) ? { ...body } as Record<string, string> : undefined;
    } catch {
        return undefined;
    }
}

// What Nimbus tells every function about the database.
api.route('GET', '/info', () => json(200, {
    message: 'SQL Database Info',
    endpoint: process.env.SQL_MAIN_DB_ENDPOINT,
    identifier: process.env.SQL_MAIN_DB_IDENTIFIER,
    schema: process.env.SQL_MAIN_DB_SCHEMA,
    dbRole: process.env.SQL_MAIN_DB_DB_ROLE,
    arn: process.env.SQL_MAIN_DB_ARN,
    note: 'Lambdas connect using IAM role mapped to database role with permissions on the schema',
}));

api.route('POST', '/init', withErrors(async () => {
    await db.execute(`CREATE TABLE IF NOT EXISTS users (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name varchar(100) NOT NULL,
        email varchar(100) UNIQUE NOT NULL,
        created_at timestamp DEFAULT current_timestamp)`);
    await db.execute(`CREATE TABLE IF NOT EXISTS posts (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id uuid REFERENCES users(id),
        title varchar(200) NOT NULL,
        content text,
        created_at timestamp DEFAULT current_timestamp)`);
    return json(200, { message: 'Database initialized successfully', schema: db.schema, tables: ['users', 'posts'] });
}));

api.route('POST', '/users', withErrors(async (event: { body: string | null }) => {
    const body = bodyOf(event);
    if (!body) {
        return json(400, { error: 'The body must be a JSON object' });
    }
    const { name, email } = body;
    if (!name || !email) {
        return json(400, { error: 'Name and email are required' });
    }
    try {
        return json(201, await db.queryOne<User>('INSERT INTO users (name, email) VALUES ($1, $2) RETURNING *', [name, email]));
    } catch (error) {
        if (isCode(error, '23505')) { // unique_violation
            return json(409, { error: 'Email already exists' });
        }
        throw error;
    }
}));

api.route('GET', '/users', withErrors(async () => {
    const users = await db.query<User>('SELECT * FROM users ORDER BY created_at DESC');
    return json(200, { count: users.length, users });
}));

api.route('GET', '/users/count', withErrors(async () =>
    json(200, { count: Number(await db.queryValue<string>('SELECT count(*) FROM users')) }))); // a bigint comes as text

type WithId = { pathParameters: { id: string } };

api.route('GET', '/users/{id}/posts', withErrors(async (event: WithId) => {
    const rows = await db.query<{ user_id: string; name: string; email: string } & Post>(`
        SELECT u.id AS user_id, u.name, u.email, p.id, p.title, p.content, p.created_at
        FROM users u LEFT JOIN posts p ON p.user_id = u.id
        WHERE u.id = $1
        ORDER BY p.created_at DESC`, [event.pathParameters.id]);
    const [user] = rows;
    if (!user) {
        return json(404, { error: 'User not found' });
    }
    const posts = rows.filter((row) => row.id !== null)
        .map((row) => ({ id: row.id, title: row.title, content: row.content, created_at: row.created_at }));
    return json(200, { id: user.user_id, name: user.name, email: user.email, posts });
}));

api.route('POST', '/users/{id}/posts', withErrors(async (event: WithId & { body: string | null }) => {
    const { title, content } = bodyOf(event) ?? {};
    return db.transaction(async (tx) => {
        const user = await tx.queryOptional<{ id: string }>('SELECT id FROM users WHERE id = $1', [event.pathParameters.id]);
        if (!user) {
            return json(404, { error: 'User not found' });
        }
        return json(201, await tx.queryOne<Post>(
            'INSERT INTO posts (user_id, title, content) VALUES ($1, $2, $3) RETURNING *',
            [event.pathParameters.id, title, content]));
    });
}));

export default app;
