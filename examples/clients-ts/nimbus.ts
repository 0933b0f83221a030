import { db } from './application.js';

interface Account {
    name: string;
    balance: number;
}

export async function open(name: string): Promise<Account> {
    return db.queryOne<Account>('INSERT INTO accounts VALUES ($1, 100) RETURNING *', [name]);
}

export async function move(from: string, to: string, amount: number): Promise<Account> {
    return db.transaction(async (tx) => {
        await tx.execute('UPDATE accounts SET balance = balance - $1 WHERE name = $2', [amount, from]);
        return tx.queryOne<Account>('UPDATE accounts SET balance = balance + $1 WHERE name = $2 RETURNING *', [amount, to]);
    }, { maxAttempts: 10 });
}
