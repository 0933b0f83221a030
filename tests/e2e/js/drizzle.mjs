// Drizzle on AWS's connector: objects in and out, a query that joins, a transaction that is rolled back. Prints
// what it saw as JSON.
import { AuroraDSQLPool } from '@aws/aurora-dsql-node-postgres-connector';
import { asc, count, eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, text, uuid } from 'drizzle-orm/pg-core';

const [host] = process.argv.slice(2);
const authors = pgTable('drizzle_authors', { id: uuid().primaryKey().defaultRandom(), name: text().notNull() });
const books = pgTable('drizzle_books', { id: uuid().primaryKey().defaultRandom(), authorId: uuid('author_id').notNull(), title: text().notNull() });

const pool = new AuroraDSQLPool({ host, user: 'admin' });
const db = drizzle(pool);
await db.execute(sql`CREATE TABLE drizzle_authors (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL)`);
await db.execute(sql`CREATE TABLE drizzle_books (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), author_id uuid NOT NULL, title text NOT NULL)`);
const [author] = await db.insert(authors).values({ name: 'Zoë' }).returning();
await db.insert(books).values(['One', 'Two'].map((title) => ({ authorId: author.id, title })));
const rows = await db.select({ title: books.title, name: authors.name }).from(books)
  .innerJoin(authors, eq(books.authorId, authors.id)).orderBy(asc(books.title));
await db.transaction(async (transaction) => {
  await transaction.delete(books);
  transaction.rollback();
}).catch(() => undefined);
const [{ left }] = await db.select({ left: count() }).from(books);
await db.execute(sql`DROP TABLE drizzle_books`);
await db.execute(sql`DROP TABLE drizzle_authors`);
await pool.end();
console.log(JSON.stringify({ rows, left }));
