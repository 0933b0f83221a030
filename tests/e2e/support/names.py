"""Programs that find the clusters of a cloud by name, as on a machine where `nimbus local names` was run."""

import os
import pathlib

from .cloud import Cloud


def new_hosts_file(directory: pathlib.Path) -> pathlib.Path:
    """A copy of the system's."""
    hosts = directory / "hosts"
    hosts.write_text(pathlib.Path("/etc/hosts").read_text())
    return hosts


def in_place_of_etc_hosts(hosts: pathlib.Path) -> list[str]:
    """The start of a command line, whose program finds `hosts` at /etc/hosts."""
    namespaces = ["--mount"] if os.geteuid() == 0 else ["--map-root-user", "--mount"]
    return ["unshare", *namespaces, "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(hosts)]


def with_names(cloud: Cloud, directory: pathlib.Path) -> list[str]:
    """The start of a command line, whose program finds the clusters that `cloud` has now."""
    hosts = new_hosts_file(directory)
    cloud.run("local", "names", "--file", hosts)
    return in_place_of_etc_hosts(hosts)
