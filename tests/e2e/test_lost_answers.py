"""AWS acts, and its answer never arrives: nothing is made twice, nothing is left behind.

A proxy passes each call on and loses the answer of one change, in a deploy and in the destroy after it;
then of the next change, until each had its turn."""

import itertools

import pytest

from support.aws_target import aws_target, declare_all_kinds
from support.fault_proxy import LoseAnswer, fault_proxy
from support.inventory import inventory, objects, secrets_and_timers

#: How often the state is written depends on the clock.
VARYING = "PutObject"


def everything(cloud):
    return inventory(cloud), secrets_and_timers(cloud), {name: len(keys) for name, keys in objects(cloud).items()}


class Rounds:
    """Deploys and destroys one application, over and over, from nothing to nothing."""

    def __init__(self, app, environment, proxy):
        self.app, self.environment, self.proxy = app, environment, proxy

    def deploy(self, lose=lambda call: False):
        return self._run(lambda: self.app.deploy(env=self.environment), lose)

    def destroy(self, lose=lambda call: False):
        done = self._run(lambda: self.app.destroy("--force", env=self.environment), lose)
        self.app.cloud.client("secretsmanager").delete_secret(SecretId="testbed/dev/stripe-key",
                                                              ForceDeleteWithoutRecovery=True)
        return done

    def _run(self, command, lose):
        """What exists afterwards, the changes that were called, and those whose answers were lost."""
        lost = []

        def decide(call):
            if not (call.is_change and lose(call)):
                return None
            lost.append(str(call))
            return LoseAnswer()

        self.proxy.start_over(decide)
        command()
        changes = [str(call) for call in self.proxy.changes()]
        return everything(self.app.cloud), changes, lost


@pytest.fixture(scope="module")
def rounds(projects, module_cloud):
    app = projects.testbed(module_cloud)
    declare_all_kinds(app)
    with fault_proxy(module_cloud.endpoint) as proxy, aws_target(app, proxy.endpoint) as environment:
        yield Rounds(app, environment, proxy)


@pytest.fixture(scope="module")
def clean(rounds):
    """What a deploy and a destroy leave that nothing disturbed, and what they call."""
    return rounds.deploy(), rounds.destroy()


@pytest.mark.timeout(900)
def test_the_answer_of_each_change_is_lost_in_turn(rounds, clean):
    (deployed, made, _), (destroyed, removed, _) = clean
    assert len(made) > 20 and len(removed) > 15
    for in_deploy, in_destroy in itertools.zip_longest(made, removed):
        exists, _, lost = rounds.deploy(lambda call: str(call) == in_deploy)
        assert exists == deployed, f"the answer of {in_deploy} was lost"
        assert lost or in_deploy is None or VARYING in in_deploy, in_deploy
        exists, _, lost = rounds.destroy(lambda call: str(call) == in_destroy)
        assert exists == destroyed, f"the answer of {in_destroy} was lost"
        assert lost or in_destroy is None or VARYING in in_destroy, in_destroy


def test_the_first_answer_of_every_operation_is_lost(rounds, clean):
    (deployed, _, _), (destroyed, _, _) = clean
    exists, _, lost = rounds.deploy(lambda call: call.nth == 1)
    assert exists == deployed, lost
    exists, _, lost = rounds.destroy(lambda call: call.nth == 1)
    assert exists == destroyed, lost


def test_what_must_not_be_repeated_is_sent_once_and_then_looked_for(rounds, clean):
    once = {"CreateApi", "CreateIntegration"}
    _, changes, lost = rounds.deploy(lambda call: call.operation in once)
    assert sorted(lost) == ["CreateApi 1", "CreateIntegration 1"]
    assert {call for call in changes if call.split()[0] in once} == set(lost)
    rounds.destroy()


def test_a_lost_answer_while_a_secret_is_restored(rounds, clean):
    rounds.deploy()
    rounds.app.destroy("--force", env=rounds.environment)
    exists, _, lost = rounds.deploy(lambda call: call.operation == "RestoreSecret" and call.nth == 1)
    assert lost == ["RestoreSecret 1"]
    assert exists == clean[0][0]
    rounds.destroy()
