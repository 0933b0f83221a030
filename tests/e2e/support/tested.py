"""What a command of `nimbus test` does in our tests: reaches the databases that its environment names."""

import os

import boto3
import psycopg
import requests


def address_of(host: str) -> str:
    with open(os.environ["NIMBUS_HOSTS_FILE"]) as hosts:
        return next(address for address, name in map(str.split, hosts) if name == host)


def connect(variables=os.environ, name: str = "MAIN_DB") -> psycopg.Connection:
    """As a function would, with the token of its role."""
    endpoint = variables[f"SQL_{name}_ENDPOINT"]
    token = boto3.client("dsql").generate_db_connect_auth_token(endpoint, os.environ["AWS_REGION"], 900)
    connection = psycopg.connect(
        host=endpoint, hostaddr=address_of(endpoint), user=variables[f"SQL_{name}_DB_ROLE"], dbname="postgres",
        password=token, sslmode="verify-full", sslrootcert=os.environ["PGSSLROOTCERT"], autocommit=True)
    connection.execute(f"SET search_path = {variables[f'SQL_{name}_SCHEMA']}")
    return connection


def can_connect(variables) -> bool:
    try:
        connect(variables).close()
    except (psycopg.OperationalError, StopIteration):
        return False
    return True


def call(method: str, path: str, token: str | None = None) -> requests.Response:
    """A request to the endpoint for schemas."""
    token = os.environ["NIMBUS_TEST_TOKEN"] if token is None else token
    return requests.request(method, os.environ["NIMBUS_TEST_ENDPOINT"] + path, timeout=60,
                            headers={"Authorization": f"Bearer {token}"})


def new_schema() -> dict:
    answer = call("POST", "/schemas")
    assert answer.status_code == 201, answer.text
    return answer.json()
