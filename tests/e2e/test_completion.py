"""`nimbus completion`: each shell completes nimbus's command line with the script that it gets."""

import re
import shlex
import shutil
import subprocess

import pytest

from support.cloud import NIMBUS
from support.terminal import TerminalSession

SHELLS = ["bash", "zsh", "fish"]


def script_of(shell: str) -> str:
    return subprocess.run([NIMBUS, "completion", shell], capture_output=True, text=True, check=True).stdout


def need(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")


def in_bash(line: str, directory) -> set[str]:
    """What bash's readline would get from the script: it takes `--name=value` as three words."""
    before, word = re.match(r"(.*?)([^ =]*)$", line).groups()
    words = [part for part in re.findall(r"=|[^ =]+", before)] + [word]
    if line.endswith("="):
        words[-2:] = ["="]
    call = (f'COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}; '
            f'_nimbus nimbus {shlex.quote(words[-1])} {shlex.quote(words[-2])}; printf "%s\\n" "${{COMPREPLY[@]}}"')
    done = subprocess.run(["bash", "--norc", "-c", script_of("bash") + call], cwd=directory, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return set(done.stdout.split())


def in_fish(line: str, directory) -> set[str]:
    need("fish")
    done = subprocess.run(["fish", "--no-config", "-c", script_of("fish") + f"\ncomplete -C {shlex.quote(line)}"],
                          cwd=directory, capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    found = {shown.split("\t")[0] for shown in done.stdout.splitlines()}
    return {word.removeprefix(line.rsplit("=", 1)[0] + "=").rstrip("/") if "=" in line else word for word in found}


def in_zsh(line: str, directory) -> set[str]:
    """zsh completes while a line is edited only: a widget shows what it would offer."""
    need("zsh")
    (directory / "_nimbus").write_text(script_of("zsh"))
    driver = r'''
zmodload zsh/zpty
zpty shell 'zsh -f -i'
say() { zpty -w shell "$1" }
say 'PS1=; fpath=($PWD $fpath); autoload -Uz compinit && compinit -u -D; setopt no_list_beep; stty -echo'
say 'zstyle ":completion:*" list-colors "no=:"; LISTMAX=0; COLUMNS=200; LINES=500'
say 'show() { compadd() { [[ $* == *-[OAD]* ]] && { builtin compadd "$@"; return }; builtin compadd -A found "$@"; printf "<%s>" $found; builtin compadd "$@" }; _main_complete; print "<end>"; }'
say 'zle -C show complete-word show; bindkey "^X" show; print ready'
zpty -r shell shown '*ready*ready*'
zpty -w -n shell "$1"$'\x18'
zpty -r shell shown '*<end>*'
print -r -- $shown
'''
    done = subprocess.run(["zsh", "-f", "-c", driver, "zsh", line], cwd=directory, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"<([^>]+)>", done.stdout)) - {"end"}


COMPLETE = {"bash": in_bash, "zsh": in_zsh, "fish": in_fish}
shells = pytest.mark.parametrize("shell", SHELLS)


@shells
@pytest.mark.parametrize(("line", "offered", "not_offered"), [
    ("nimbus ", {"deploy", "local", "new", "help"}, {"start", "serve", "man-page"}),
    ("nimbus dep", {"deploy"}, {"plan"}),
    ("nimbus local ", {"start", "stop", "logs"}, {"deploy", "serve"}),
    ("nimbus local st", {"start", "stop", "status"}, {"logs"}),
    ("nimbus help local st", {"start", "stop", "status"}, {"logs"}),
    ("nimbus deploy --", {"--stage", "--json", "--prune"}, {"--bucket"}),
    ("nimbus local start --log-level ", {"error", "warning", "info", "debug"}, {"main.cpp"}),
    ("nimbus local start --log-level w", {"warning"}, {"error"}),
    ("nimbus completion ", {"bash", "zsh", "fish"}, {"deploy"}),
    ("nimbus deploy ", {"main.cpp"}, {"start"}),
    ("nimbus invoke tick --event ev", {"event.json"}, {"main.cpp"}),
])
def test_offers_what_may_follow(shell, line, offered, not_offered, tmp_path):
    for name in ("main.cpp", "event.json"):
        (tmp_path / name).write_text("")
    shown = COMPLETE[shell](line, tmp_path)
    assert offered <= shown and not not_offered & shown


@pytest.mark.parametrize("line", ["nimbus local logs --level=", "nimbus local logs --level=d"])
def test_bash_offers_the_values_of_an_option_after_an_equals_sign(line, tmp_path):
    assert "debug" in in_bash(line, tmp_path)


def test_bash_completes_on_a_terminal(idle_cloud, tmp_path):
    (tmp_path / "script").write_text(script_of("bash") + "\nPS1='> '\n")
    with TerminalSession(idle_cloud, "--noprofile", "--rcfile", tmp_path / "script", "-i", program="bash",
                         cwd=tmp_path, env={"PATH": f"{NIMBUS.parent}:/usr/bin:/bin", "INPUTRC": "/dev/null"}) as session:
        session.expect("> ")
        session.type("nimbus vers\t")
        session.expect("nimbus version ")
        session.type("\n")
        session.expect("nimbus 0.")
        session.type("exit\n")
        assert session.finish() == 0


@shells
def test_the_script_is_one_that_the_shell_can_read(shell, tmp_path):
    need(shell)
    (tmp_path / "script").write_text(script_of(shell))
    done = subprocess.run([shell, "-n", tmp_path / "script"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_shell_that_there_is_no_script_for_is_refused(idle_cloud):
    refused = idle_cloud.run("completion", "fihs", code=2).stderr
    assert "SHELL must be one of bash, zsh, fish, not 'fihs'" in refused and "Did you mean 'fish'?" in refused
