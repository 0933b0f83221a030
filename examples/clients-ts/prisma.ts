import { PrismaPg } from '@prisma/adapter-pg';
import { db } from './application.js';

// A program with a schema of Prisma's gives it to the client: new PrismaClient({ adapter }). This one asks the
// adapter itself, as that client does.
const adapter = new PrismaPg(db.pool());
const connection = adapter.connect();

const text = { scalarType: 'string', arity: 'scalar' } as const;
const integer = { scalarType: 'int', arity: 'scalar' } as const;

interface Result {
    columnNames: string[];
    rows: unknown[][];
}

function rowOf({ columnNames, rows }: Result): object {
    return Object.fromEntries(columnNames.map((name, index) => [name, rows[0]?.[index]]));
}

export async function open(name: string) {
    return rowOf(await (await connection).queryRaw({
        sql: 'INSERT INTO accounts VALUES ($1, 100) RETURNING *', args: [name], argTypes: [text] }));
}

export async function move(from: string, to: string, amount: number) {
    const tx = await (await connection).startTransaction();
    try {
        await tx.executeRaw({
            sql: 'UPDATE accounts SET balance = balance - $1 WHERE name = $2', args: [amount, from], argTypes: [integer, text] });
        const account = rowOf(await tx.queryRaw({
            sql: 'UPDATE accounts SET balance = balance + $1 WHERE name = $2 RETURNING *', args: [amount, to], argTypes: [integer, text] }));
        await tx.executeRaw({ sql: 'COMMIT', args: [], argTypes: [] });
        await tx.commit();
        return account;
    } catch (error) {
        await tx.executeRaw({ sql: 'ROLLBACK', args: [], argTypes: [] });
        await tx.rollback();
        throw error;
    }
}
