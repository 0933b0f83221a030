// The same table behind six clients of PostgreSQL. Each route answers with the account that it changed.
import type { ApiResponse } from '@hillock-tech/nimbus-js';
import { app } from './application.js';
import * as drizzle from './drizzle.js';
import * as kysely from './kysely.js';
import * as nimbus from './nimbus.js';
import * as postgres from './postgres.js';
import * as prisma from './prisma.js';
import * as signer from './signer.js';

/** What each module has. */
interface Accounts {
    open(name: string): Promise<unknown>;
    move(from: string, to: string, amount: number): Promise<unknown>;
}

const api = app.API({ name: 'clients-api' });

function offer(client: string, accounts: Accounts): void {
    const json = (value: unknown): ApiResponse => ({ statusCode: 200, body: JSON.stringify(value) });
    api.route('POST', `/${client}/{name}`, async (event) => json(await accounts.open(event.pathParameters!.name!)));
    api.route('POST', `/${client}/{from}/{to}/{amount}`, async (event) => {
        const { from, to, amount } = event.pathParameters as Record<string, string>;
        return json(await accounts.move(from, to, Number(amount)));
    });
}

offer('nimbus', nimbus);
offer('drizzle', drizzle);
offer('kysely', kysely);
offer('postgres', postgres);
offer('prisma', prisma);
offer('signer', signer);

export default app;
