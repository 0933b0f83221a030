// The handlers. They get the database as an argument, so that a test can call them without one.
import type { ApiResponse, SqlQueries } from '@hillock-tech/nimbus-js';

interface Note {
    id: string;
    text: string;
    created_at: Date;
}

const json = (statusCode: number, value: unknown): ApiResponse =>
    ({ statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) });

/** The text of a note in a request's body; nothing if it has none. */
function textOf(body: string | null): string | undefined {
    try {
        const { text } = JSON.parse(body ?? '') as { text?: unknown };
        return typeof text === 'string' && text !== '' ? text : undefined;
    } catch {
        return undefined;
    }
}

export function hello(name: string): ApiResponse {
    return json(200, { hello: name });
}

export async function addNote(db: SqlQueries, body: string | null): Promise<ApiResponse> {
    const text = textOf(body);
    if (text === undefined) {
        return json(400, { error: 'The body must be JSON such as {"text": "It works!"}' });
    }
    return json(201, await db.queryOne<Note>('INSERT INTO notes (text) VALUES ($1) RETURNING *', [text]));
}

export async function listNotes(db: SqlQueries): Promise<ApiResponse> {
    return json(200, await db.query<Note>('SELECT * FROM notes ORDER BY created_at DESC LIMIT 100'));
}
