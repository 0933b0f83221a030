"""AWS's Python connector over asyncpg. Prints what it saw as JSON."""

import asyncio
import json
import os
import sys

import aurora_dsql_asyncpg
from asyncpg.exceptions import ProtocolViolationError

(host,) = sys.argv[1:]
VERIFIED = {"ssl": "verify-full", "sslrootcert": os.environ["PGSSLROOTCERT"]}


async def refusal(**options) -> str:
    """As the connector's own tests expect it of a user or of a connection that DSQL does not take."""
    try:
        await aurora_dsql_asyncpg.connect(host=host, **options)
    except ProtocolViolationError as error:
        return error.args[0]
    return "connected"


async def main() -> dict:
    connection = await aurora_dsql_asyncpg.connect(host=host, user="admin", **VERIFIED)
    try:
        row = await connection.fetchrow("SELECT current_user AS user, $1::int + 1 AS total", 1)
    finally:
        await connection.close()
    return dict(row) | {"unknown user": await refusal(user="nonexistent_user", **VERIFIED),
                        "no TLS": await refusal(user="admin", ssl=False)}


print(json.dumps(asyncio.run(main())))
