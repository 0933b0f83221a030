import { Kysely, PostgresDialect } from 'kysely';
import { db } from './application.js';

interface Tables {
    accounts: { name: string; balance: number };
}

const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: db.pool() }) });

export async function open(name: string) {
    return kysely.insertInto('accounts').values({ name, balance: 100 }).returningAll().executeTakeFirstOrThrow();
}

export async function move(from: string, to: string, amount: number) {
    return kysely.transaction().execute(async (tx) => {
        await tx.updateTable('accounts').set((column) => ({ balance: column('balance', '-', amount) }))
            .where('name', '=', from).execute();
        return tx.updateTable('accounts').set((column) => ({ balance: column('balance', '+', amount) }))
            .where('name', '=', to).returningAll().executeTakeFirstOrThrow();
    });
}
