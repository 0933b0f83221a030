import postgres from 'postgres';
import { db } from './application.js';

const sql = postgres(db.options('postgres.js'));

export async function open(name: string) {
    const [account] = await sql`INSERT INTO accounts VALUES (${name}, 100) RETURNING *`;
    return account;
}

export async function move(from: string, to: string, amount: number) {
    return sql.begin(async (tx) => {
        await tx`UPDATE accounts SET balance = balance - ${amount} WHERE name = ${from}`;
        const [account] = await tx`UPDATE accounts SET balance = balance + ${amount} WHERE name = ${to} RETURNING *`;
        return account;
    });
}
