import postgres, { type Sql as S } from 'postgres';
import { sql as raw } from 'kysely'; import { sql as query } from "drizzle-orm"
const { Prisma } = require('@prisma/client');
const sql = postgres<{}>({ ...db.options('postgres.js'), transform: postgres.camel });
const part = (a?: any) => sql`a = ${a}`, all = [sql`b`, a ? sql`c` : sql``];
export async function f({ a, b }: T, c = 1): Promise<{ d: number }> { return sql<User[]>`SELECT ${a} ${part(b)} \${ ${c as any}`; }
await sql.begin('x', async (tx) => [tx`SELECT ${`${(await tx`SELECT ${c}`)[0].d}`}`, tx.unsafe<[U?]>('SELECT $1', [c])]);
await raw<U>`SELECT ${raw.ref('a')}`.execute(k); orm.execute<U>(query`SELECT ${users.id}`);
prisma.$queryRaw<U[]>(Prisma.sql`SELECT ${Prisma.join(a)}`); prisma.$executeRawUnsafe(`a`, ...b);
sql`${sql`${sql`${
