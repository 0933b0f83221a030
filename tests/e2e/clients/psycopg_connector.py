"""AWS's Python connector over psycopg: it finds the Region in the host's name and makes the token. Prints what it
saw as JSON."""

import json
import os
import sys

import aurora_dsql_psycopg

(host,) = sys.argv[1:]
tls = {"sslmode": "verify-full", "sslrootcert": os.environ["PGSSLROOTCERT"]}
with aurora_dsql_psycopg.connect(host=host, user="admin", **tls) as connection:
    user, total = connection.execute("SELECT current_user, %s::int + 1", [1]).fetchone()

# A host that is no name of DSQL's form is taken for a cluster's id.
identifier, region = host.split(".")[0], host.split(".")[2]
with aurora_dsql_psycopg.connect(host=identifier, region=region, user="admin", **tls) as connection:
    by_identifier = connection.info.host

with aurora_dsql_psycopg.create_pool(host, kwargs={"user": "admin", **tls}) as pool, pool.connection() as connection:
    pooled = connection.execute("SELECT 'pooled'").fetchone()[0]

print(json.dumps({"user": user, "total": total, "byIdentifier": by_identifier, "pooled": pooled}))
