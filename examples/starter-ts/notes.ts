// The handlers. They get the database as an argument, so that a test can call them without one.
import type { ApiResponse } from '@hillock-tech/nimbus-js';
import type { Query } from './database.js';

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

export async function addNote(query: Query, body: string | null): Promise<ApiResponse> {
    const text = textOf(body);
    if (text === undefined) {
        return json(400, { error: 'The body must be JSON such as {"text": "It works!"}' });
    }
    const [note] = await query('INSERT INTO notes (text) VALUES ($1) RETURNING *', [text]);
    return json(201, note);
}

export async function listNotes(query: Query): Promise<ApiResponse> {
    return json(200, await query('SELECT * FROM notes ORDER BY created_at DESC LIMIT 100'));
}
