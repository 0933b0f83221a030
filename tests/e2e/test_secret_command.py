"""`nimbus secret`, with the local cloud and with moto's Secrets Manager for AWS's."""

import itertools
import json
import signal
import subprocess

import pytest

from support.cloud import NIMBUS, REGION
from support.terminal import TerminalSession

VALUE = "sk_test_4eC39HqLyjWDarjtT1zdp7dc"

projects_so_far = itertools.count()


class Shop:
    """A project without a deployment, in a directory without an application."""

    def __init__(self, cloud, directory, settings, environment, client):
        self.cloud, self.directory, self.environment, self.client = cloud, directory, environment, client
        self.target = settings["target"]
        self.project = f"shop-{next(projects_so_far)}"
        (directory / ".nimbusrc").write_text(json.dumps(settings))

    def command(self, *words):
        return ["secret", *words, "--project", self.project, "--region", REGION]

    def run(self, *words, **how):
        return self.cloud.run(*self.command(*words), cwd=self.directory, env=self.environment, **how)

    def run_bytes(self, *words, input=b"") -> bytes:
        return subprocess.run([NIMBUS, *self.command(*words)], cwd=self.directory, input=input, check=True,
                              stdout=subprocess.PIPE, env={**self.cloud.environment, **self.environment}).stdout

    def on_a_terminal(self, *words) -> TerminalSession:
        return TerminalSession(self.cloud, *self.command(*words), cwd=self.directory, env=self.environment)

    def full_name(self, name):
        return f"{self.project}/dev/{name}"

    def describe(self, name):
        return self.client.describe_secret(SecretId=self.full_name(name))

    def value(self, name, **which):
        return self.client.get_secret_value(SecretId=self.full_name(name), **which)["SecretString"]

    def names(self):
        return [secret["name"] for secret in self.run("list", "--json").json()["secrets"]]


AWS = {"target": "aws", "bucket": "state-bucket", "region": REGION}


@pytest.fixture(params=["aws", "local"])
def shop(request, idle_cloud, moto, tmp_path):
    if request.param == "local":
        idle_cloud.start()
        return Shop(idle_cloud, tmp_path, {"target": "local"}, {}, idle_cloud.client("secretsmanager"))
    return Shop(idle_cloud, tmp_path, AWS, moto.environment, moto.client("secretsmanager"))


# --- set ------------------------------------------------------------------------------------------

def test_set_makes_the_secret_with_its_tags_before_the_first_deploy(shop):
    said = shop.run("set", "stripe-key", input=VALUE).stdout
    assert "created" in said and "minutes" not in said
    assert shop.value("stripe-key") == VALUE
    assert {tag["Key"]: tag["Value"] for tag in shop.describe("stripe-key")["Tags"]} == {
        "nimbus:project": shop.project, "nimbus:stage": "dev", "nimbus:resource": "secret/stripe-key"}


def test_set_again_keeps_the_value_before_as_the_previous_one(shop):
    shop.run("set", "key", input="one")
    assert "within 6 minutes" in shop.run("set", "key", input="two").stdout
    assert "already" in shop.run("set", "key", input="two").stdout
    assert shop.value("key") == "two"
    assert shop.value("key", VersionStage="AWSPREVIOUS") == "one"


@pytest.mark.parametrize("given, kept", [
    ("value\n", "value"), ("value\r\n", "value"), ("value\n\n", "value\n"), ("a\nb", "a\nb"), (" v ", " v ")])
def test_one_newline_at_the_end_of_a_text_is_not_part_of_it(shop, given, kept):
    shop.run_bytes("set", "key", input=given.encode())
    assert shop.value("key") == kept


def test_bytes_that_are_no_text_are_kept_as_they_are(shop):
    value = b"\x00\xff\xfe\n"
    shop.run_bytes("set", "key", input=value)
    assert shop.client.get_secret_value(SecretId=shop.full_name("key"))["SecretBinary"] == value
    assert shop.run_bytes("get", "key") == value


def test_a_value_on_the_command_line_is_refused_and_not_repeated(shop):
    for words in (["key", VALUE], [f"key={VALUE}"]):
        refused = shop.run("set", *words, input="", code=2)
        assert VALUE not in refused.stderr + refused.stdout
    assert "standard input" in shop.run("set", "key", VALUE, input="", code=2).stderr
    assert shop.names() == []


def test_what_cannot_be_a_secret_is_refused_before_it_is_sent(shop):
    assert "lower-case" in shop.run("set", "Stripe_Key", input=VALUE, code=2).stderr
    assert "no value" in shop.run("set", "key", input="", code=1).stderr
    assert "65536 bytes" in shop.run("set", "key", input="x" * 65537, code=1).stderr
    assert "16 MiB" in shop.run("set", "key", input="x" * (16 * 1024 * 1024 + 1), code=1).stderr
    assert shop.names() == []
    shop.run("set", "key", input="x" * 65536 + "\n")
    assert len(shop.value("key")) == 65536


def test_a_secret_of_somebody_else_is_left_alone(shop):
    shop.client.create_secret(Name=shop.full_name("theirs"), SecretString="theirs")
    for words in (["set", "theirs"], ["get", "theirs"], ["remove", "theirs", "--yes"]):
        refused = shop.run(*words, input=VALUE, code=1)
        assert f"nimbus:project={shop.project}" in refused.stderr
    assert shop.value("theirs") == "theirs"
    assert shop.names() == []


def test_the_value_is_stored_nowhere_on_this_machine(shop):
    shop.run("set", "key", input=VALUE)
    assert shop.run("get", "key").stdout == VALUE
    for root in (shop.cloud.directory, shop.directory):
        for path in root.rglob("*"):
            assert not path.is_file() or VALUE.encode() not in path.read_bytes(), path


# --- a person at a terminal -----------------------------------------------------------------------

def test_a_person_is_asked_and_sees_nothing_of_what_they_type(shop):
    with shop.on_a_terminal("set", "key") as session:
        session.expect("not shown): ")
        session.type(VALUE + "\n")
        assert session.finish() == 0
        assert VALUE not in session.shown
        assert session.is_as_before()
    assert shop.value("key") == VALUE


@pytest.mark.parametrize("leave, code", [
    (lambda session: session.type("\x03"), -signal.SIGINT), (lambda session: session.type("\x1c"), -signal.SIGQUIT),
    (lambda session: session.type("\x04"), 1), (lambda session: session.process.terminate(), -signal.SIGTERM),
], ids=["ctrl-c", "ctrl-backslash", "ctrl-d", "sigterm"])
def test_the_terminal_is_as_before_on_every_way_out(shop, leave, code):
    with shop.on_a_terminal("set", "key") as session:
        session.expect("not shown): ")
        assert not session.is_as_before()
        leave(session)
        assert session.finish() == code
        assert session.is_as_before()
    assert shop.names() == []


@pytest.mark.parametrize("pasted", ["one\ntwo\n", "one\ntwo", "x" * 5000 + "\n"], ids=["lines", "open-line", "long-line"])
def test_what_a_terminal_would_cut_off_is_refused(shop, pasted):
    with shop.on_a_terminal("set", "key") as session:
        session.expect("not shown): ")
        session.type(pasted)
        assert session.finish() == 1
        assert "standard input" in session.shown
        assert session.is_as_before()
    assert shop.names() == []


def test_get_asks_before_it_shows_a_value_on_a_terminal(shop):
    shop.run("set", "key", input=VALUE)
    with shop.on_a_terminal("get", "key") as session:
        session.expect("[y/N] ")
        session.type("n\n")
        assert session.finish() == 1
        assert VALUE not in session.shown
    with shop.on_a_terminal("get", "key") as session:
        session.expect("[y/N] ")
        session.type("y\n")
        assert session.finish() == 0
        assert VALUE in session.shown
    with shop.on_a_terminal("get", "key", "--yes") as session:
        assert session.finish() == 0
        assert VALUE in session.shown and "[y/N]" not in session.shown


# --- get and list ---------------------------------------------------------------------------------

def test_get_prints_the_value_and_nothing_else(shop):
    shop.run("set", "key", input="two\nlines")
    assert shop.run("get", "key").stdout == "two\nlines"


def test_a_secret_without_a_value_names_the_command_that_sets_it(shop):
    assert "nimbus secret set key" in shop.run("get", "key", code=1).stderr
    shop.client.create_secret(Name=shop.full_name("key"), Tags=[
        {"Key": "nimbus:project", "Value": shop.project}, {"Key": "nimbus:stage", "Value": "dev"},
        {"Key": "nimbus:resource", "Value": "secret/key"}])
    refused = shop.run("get", "key", code=1)
    assert "no value" in refused.stderr and "nimbus secret set key" in refused.stderr
    assert shop.run("list", "--json").json()["secrets"][0]["hasValue"] is False
    shop.run("set", "key", input=VALUE)
    assert shop.run("get", "key").stdout == VALUE


def test_list_tells_all_but_the_values(shop):
    assert "no secrets" in shop.run("list").stdout
    shop.run("set", "stripe-key", input=VALUE)
    shop.run("set", "a", input=VALUE)
    shop.run("set", "other", "--stage", "prod", input=VALUE)
    shop.run("remove", "a", "--yes")
    listed = shop.run("list", "--json").json()
    assert (listed["project"], listed["stage"], listed["region"], listed["target"]) == (shop.project, "dev", REGION, shop.target)
    a, stripe = listed["secrets"]
    assert (a["name"], a["waitsForDeletion"]) == ("a", True)
    assert (stripe["name"], stripe["hasValue"], stripe["waitsForDeletion"]) == ("stripe-key", True, False)
    assert stripe["arn"] == shop.describe("stripe-key")["ARN"] and stripe["changed"].endswith("Z")
    text = shop.run("list").stdout
    assert [line.split()[0] for line in text.splitlines()] == ["a", "stripe-key"]
    assert VALUE not in text + json.dumps(listed)


# --- remove ---------------------------------------------------------------------------------------

def test_remove_waits_for_the_recovery_window_and_set_restores(shop):
    shop.run("set", "key", input=VALUE)
    assert "--yes" in shop.run("remove", "key", code=2).stderr
    assert "will be deleted on" in shop.run("remove", "key", "--yes").stdout
    assert "DeletedDate" in shop.describe("key")
    assert "already" in shop.run("remove", "key", "--yes").stdout
    assert "restores it" in shop.run("get", "key", code=1).stderr
    assert "restored" in shop.run("set", "key", input="new").stdout
    assert shop.value("key") == "new"
    assert "DeletedDate" not in shop.describe("key") or shop.describe("key")["DeletedDate"] is None


def test_remove_with_force_is_for_ever(shop):
    shop.run("set", "key", input=VALUE)
    shop.run("remove", "key", "--yes")
    shop.run("remove", "key", "--yes", "--force")
    assert shop.names() == []
    assert "There is no secret 'key'" in shop.run("remove", "key", "--yes", code=1).stderr


# --- import ---------------------------------------------------------------------------------------

def test_import_sets_what_a_dotenv_file_says(shop):
    shop.run("set", "same", input="same")
    shop.run("set", "other", input="old")
    shop.run("set", "gone", input="gone")
    shop.run("remove", "gone", "--yes")
    (shop.directory / "shop.env").write_text(
        "# keys\nexport STRIPE_KEY=" + VALUE + " # test\nSAME='same'\nOTHER=new\nGONE=back\n"
        'TLS_KEY="-----BEGIN-----\nabc==\n-----END-----"\n')
    imported = shop.run("import", "shop.env").stdout
    *secrets, last = imported.splitlines()
    assert [line.split(None, 1) for line in secrets] == [
        ["stripe-key", "new"], ["same", "unchanged"], ["other", "changed"], ["gone", "changed, restored"],
        ["tls-key", "new"]]
    assert "within 6 minutes" in last
    assert shop.value("stripe-key") == VALUE
    assert shop.value("other") == "new"
    assert shop.value("tls-key") == "-----BEGIN-----\nabc==\n-----END-----"
    assert VALUE not in imported
    again = shop.run("import", "-", input="OTHER=new\nLATER=1").stdout
    assert "unchanged" in again and "minutes" not in again


@pytest.mark.parametrize("text, says", [
    ("A=1\nB\n", "bad.env:2: there is no '='"),
    ("A=1\n_B=2\n", "bad.env:2: _B would set the secret '-b'"),
    ("A=1\n" + "B" * 33 + "=2\n", "bad.env:2: B"),
    ("A=1\nB=\n", "bad.env:2: B has no value"),
    ("A_B=1\n\na-b=2\n", "bad.env:3: a-b sets the secret 'a-b', which line 1 already sets"),
    ("A=1\nB='" + "x" * 65537 + "'\n", "bad.env:2: B has a value of 65537 bytes"),
    ("# nothing\n", "nothing to import in bad.env"),
    ("A=\nB C=3\nD=4\n", "bad.env has 2 mistakes:\n  bad.env:1: A has no value"),
], ids=["syntax", "name", "long-name", "empty", "twice", "long", "nothing", "several"])
def test_a_mistake_in_the_file_is_found_before_anything_is_set(shop, text, says):
    (shop.directory / "bad.env").write_text(text)
    assert says in shop.run("import", "bad.env", code=1).stderr
    assert shop.names() == []


def test_import_leaves_all_alone_when_one_is_somebody_elses(shop):
    shop.client.create_secret(Name=shop.full_name("theirs"), SecretString="theirs")
    assert "theirs" in shop.run("import", "-", input="MINE=1\nTHEIRS=2", code=1).stderr
    assert shop.names() == []


# --- which application ----------------------------------------------------------------------------

@pytest.fixture
def application(idle_cloud, projects, moto):
    app = projects.testbed(idle_cloud, project="secretive", routes=["GET /ping"], sql=[])
    (app.directory / ".nimbusrc").write_text(json.dumps(AWS))
    yield app
    (app.directory / ".nimbusrc").write_text(json.dumps({"target": "local"}))


def test_in_an_applications_directory_the_program_says_which(application, moto):
    application.run("secret", "set", "key", "--stage", "prod", input=VALUE, env=moto.environment)
    client = moto.client("secretsmanager")
    assert client.get_secret_value(SecretId="secretive/prod/key")["SecretString"] == VALUE


def test_elsewhere_the_project_has_to_be_named(shop, moto):
    moto.client("s3").create_bucket(Bucket="state-bucket")
    refused = shop.cloud.run("secret", "list", cwd=shop.directory, env=shop.environment, code=1)
    assert "no application in this directory" in refused.stderr


@pytest.fixture
def declaring(projects, cloud):
    app = projects.testbed(cloud, project="declaring", routes=["GET /ping"], sql=[])
    app.document["secrets"] = [{"name": "stripe-key"}]
    return app


def test_a_name_that_the_program_does_not_declare_is_told(declaring):
    def told(name):
        return declaring.run("secret", "set", name, input=VALUE).stderr

    for _ in ("before the first deploy", "after it"):
        assert "declares no secret" not in told("stripe-key")
        assert "declares no secret 'stripe-kye'; did you mean \"stripe-key\"?" in told("stripe-kye")
        declaring.deploy()
    declaring.document["secrets"].append({"name": "new-key"})
    assert "declares no secret" not in told("new-key"), "the program declares it, and is not deployed yet"
    imported = declaring.run("secret", "import", "-", input="STRIPE_KEY=1\nOTHER=2\n")
    assert "'other'" in imported.stderr and "'stripe-key'" not in imported.stderr


def test_what_is_deployed_is_found_without_building_the_program(declaring):
    declaring.deploy()
    declaring.document = None
    (declaring.directory / "manifest.json").write_text("{")
    for command in (["secret", "list"], ["secret", "set", "stripe-key"], ["status"], ["outputs"], ["logs"]):
        assert declaring.run(*command, input=VALUE).stderr.count("\n") <= 1, command


def test_a_deploy_that_deletes_a_secret_names_it_and_asks(declaring, cloud):
    declaring.deploy()
    del declaring.document["secrets"]
    refused = declaring.run("deploy", code=2).stderr
    assert "secret stripe-key" in refused and "restored for 30 days" in refused and "--yes" in refused
    with TerminalSession(cloud, "deploy", cwd=declaring.directory) as session:
        session.expect("[y/N] ")
        assert "secret stripe-key" in session.shown and "restored for 30 days" in session.shown
        session.type("n\n")
        assert session.finish() == 1
        assert "Nothing was changed" in session.shown
    assert [secret["waitsForDeletion"] for secret in declaring.run("secret", "list", "--json").json()["secrets"]] == [False]
    declaring.deploy()
    assert "scheduled for deletion" in declaring.run("secret", "list").stdout
