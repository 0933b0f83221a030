"""AWS's Python connector over asyncpg. Prints what it saw as JSON."""

import asyncio
import json
import os
import sys

import aurora_dsql_asyncpg

(host,) = sys.argv[1:]


async def main() -> dict:
    connection = await aurora_dsql_asyncpg.connect(
        host=host, user="admin", ssl="verify-full", sslrootcert=os.environ["PGSSLROOTCERT"])
    try:
        row = await connection.fetchrow("SELECT current_user AS user, $1::int + 1 AS total", 1)
        return dict(row)
    finally:
        await connection.close()


print(json.dumps(asyncio.run(main())))
