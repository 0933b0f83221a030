"""`make install`: program, library, headers and CMake package work from elsewhere."""

import os
import pathlib
import re
import subprocess

import pytest
import requests

from support.cloud import BUILD, ROOT

FETCHED = pathlib.Path("/usr/local/lib/nimbus/postgresql/16")
MAIN = (ROOT / "examples" / "hello" / "main.cpp")


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    prefix = tmp_path_factory.mktemp("prefix")
    # As `make install` does it, without building first.
    subprocess.run(["cmake", "--install", str(BUILD), "--prefix", str(prefix), "--strip"], check=True,
                   capture_output=True)
    return prefix


def test_the_manual_page_and_completions_are_installed(prefix):
    page = prefix / "share/man/man1/nimbus.1"
    completions = ["bash-completion/completions/nimbus", "fish/vendor_completions.d/nimbus.fish",
                   "zsh/site-functions/_nimbus"]
    for path in [page, *(prefix / "share" / name for name in completions)]:
        assert "nimbus" in path.read_text()
    shown = subprocess.run(["man", "--warnings=w", "--local-file", page], capture_output=True, text=True,
                           env={"PATH": os.environ["PATH"], "MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
    assert (shown.returncode, shown.stderr) == (0, "")
    for words in ("nimbus deploy [OPTIONS] [FILE]", "--log-level LEVEL", "NIMBUS_HOME"):
        assert words in shown.stdout
    checked = subprocess.run(["groff", "-man", "-ww", "-z", "-rCHECKSTYLE=3", page], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("target", ["demo", "build"])
def test_without_a_home_directory_make_says_so_before_it_builds(target):
    done = subprocess.run(["make", target], cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True)
    assert done.returncode != 0 and done.stderr.startswith("HOME is not set: "), done.stdout + done.stderr


def has_symbols(program):
    sections = subprocess.run(["readelf", "--section-headers", "--wide", program], capture_output=True, text=True,
                              check=True).stdout
    return ".symtab" in sections or ".debug_" in sections


def test_what_is_installed(prefix):
    assert subprocess.run([prefix / "bin/nimbus", "--version"], capture_output=True).returncode == 0
    assert (prefix / "include/nimbus/nimbus.hpp").exists()
    assert list(prefix.rglob("nimbusConfig.cmake")) and list(prefix.rglob("libnimbus.a"))
    for path in prefix.rglob("*.cmake"):
        assert str(ROOT) not in path.read_text(), f"{path} names the source directory"


def test_postgresql_is_installed_beside_the_program_where_it_was_fetched(prefix):
    if not FETCHED.exists():
        pytest.skip("this machine has a PostgreSQL 16 of its own")
    programs = prefix / "lib/nimbus/postgresql/16/bin"
    for name in ("postgres", "initdb", "pg_dump", "pg_restore"):
        done = subprocess.run([programs / name, "--version"], capture_output=True, text=True)
        assert done.stdout.startswith(f"{name} (PostgreSQL) 16."), done.stderr
    assert not (programs / "psql").exists() and not list(prefix.rglob("libreadline*")), "these are under the GPL"


def test_symbols_are_installed_only_where_they_are_asked_for(prefix):
    assert not has_symbols(prefix / "bin/nimbus") and has_symbols(BUILD / "bin/nimbus")
    commands = {asked: subprocess.run(["make", "--dry-run", "install", *asked], cwd=ROOT, capture_output=True,
                                      text=True, check=True).stdout for asked in ((), ("DEBUG_SYMBOLS=yes",))}
    assert "--strip" in commands[()] and "--strip" not in commands[("DEBUG_SYMBOLS=yes",)]


def test_a_project_elsewhere_finds_the_package(prefix, tmp_path):
    (tmp_path / "CMakeLists.txt").write_text("""cmake_minimum_required(VERSION 3.25)
project(hello LANGUAGES CXX)
find_package(nimbus REQUIRED)
nimbus_add_app(hello main.cpp)
""")
    (tmp_path / "main.cpp").write_text(MAIN.read_text())
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    for command in (["cmake", "-S", ".", "-B", "out", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}"],
                    ["cmake", "--build", "out"]):
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    program = next(path for path in (tmp_path / "out").rglob("*") if path.name in ("hello", "bootstrap")
                   and path.is_file() and os.access(path, os.X_OK))
    segments = subprocess.run(["readelf", "--program-headers", "--wide", program], capture_output=True, text=True,
                              check=True).stdout
    assert "LOAD" in segments and "INTERP" not in segments, "it is linked statically"


def test_the_installed_program_deploys_a_single_file(prefix, cloud, tmp_path):
    (tmp_path / "main.cpp").write_text(MAIN.read_text())
    done = subprocess.run([prefix / "bin/nimbus", "deploy", "--json", "--yes"], cwd=tmp_path, env=cloud.environment,
                          capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    url = re.search(r'"url":\s*"([^"]+)"', done.stdout).group(1)
    assert requests.get(url + "/hello/world", timeout=10).status_code == 200


@pytest.fixture(scope="module")
def debian_packages():
    """The program's and its debugging information's."""
    done = subprocess.run([ROOT / "scripts" / "pack-deb"], check=True, capture_output=True, text=True,
                          env={**os.environ, "BUILD": os.path.relpath(BUILD, ROOT)})
    return [pathlib.Path(line) for line in done.stdout.split()]


def field(package, name: str) -> str:
    return subprocess.run(["dpkg-deb", "--field", package, name], check=True, capture_output=True, text=True).stdout.strip()


def test_the_debian_package_depends_on_what_is_linked_and_on_what_is_loaded_by_name(debian_packages):
    depends = field(debian_packages[0], "Depends")
    for package in ("libc6 (>=", "libssl3", "libsqlite3-0", "libcurl4", "libpq5", "libdw1", "ca-certificates"):
        assert package in depends
    recommends = field(debian_packages[0], "Recommends")
    hint = re.search(r"apt install ([^\"]+)\"", (ROOT / "cmake" / "nimbusConfig.cmake.in").read_text()).group(1)
    assert all(package in recommends for package in ["g++", *hint.split()]), "what building in C++ needs"


def test_the_debian_package_is_an_installation_without_symbols(debian_packages, tmp_path):
    subprocess.run(["dpkg-deb", "--extract", debian_packages[0], tmp_path], check=True)
    program = tmp_path / "usr/bin/nimbus"
    assert subprocess.run([program, "--version"], capture_output=True).returncode == 0
    assert not has_symbols(program)
    for name in ("lib/libnimbus.a", "include/nimbus/nimbus.hpp", "lib/cmake/nimbus/nimbusConfig.cmake",
                 "share/doc/nimbus/copyright", "share/man/man1/nimbus.1.gz"):
        assert (tmp_path / "usr" / name).exists()
    installed = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert all(path.stat().st_mode & 0o022 == 0 for path in installed), "only root may change them"


def test_the_symbols_are_in_a_package_of_their_own_where_gdb_looks(debian_packages, tmp_path):
    subprocess.run(["dpkg-deb", "--extract", debian_packages[1], tmp_path], check=True)
    build_id = field(debian_packages[1], "Build-Ids")
    debug = tmp_path / "usr/lib/debug/.build-id" / build_id[:2] / f"{build_id[2:]}.debug"
    assert has_symbols(debug)
    assert field(debian_packages[1], "Depends") == f"nimbus (= {field(debian_packages[0], 'Version')})"
