import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import { db } from './application.js';

const accounts = pgTable('accounts', { name: text().primaryKey(), balance: integer().notNull() });
const orm = drizzle({ client: db.pool() });

export async function open(name: string) {
    const [account] = await orm.insert(accounts).values({ name, balance: 100 }).returning();
    return account;
}

export async function move(from: string, to: string, amount: number) {
    return orm.transaction(async (tx) => {
        await tx.update(accounts).set({ balance: sql`balance - ${amount}` }).where(eq(accounts.name, from));
        const [account] = await tx.update(accounts).set({ balance: sql`balance + ${amount}` })
            .where(eq(accounts.name, to)).returning();
        return account;
    });
}
