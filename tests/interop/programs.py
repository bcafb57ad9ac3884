"""Clients that others wrote."""

import importlib
import os
import shutil
import subprocess
import sys

from client import PATIENCE, Differs, shown


class Missing(Exception):
    """A client is not installed."""


def need(*names):
    """Raises `Missing` unless all of these programs are there, in the order in which they are used."""
    for name in names:
        if not find(name):
            raise Missing(name)


def find(name):
    """Where a program is; one that was installed beside this interpreter goes first."""
    beside = os.path.join(os.path.dirname(sys.executable), name)
    return beside if os.path.exists(beside) else shutil.which(name)


def module(name):
    """A module of Python's that is a client."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        raise Missing(f'the Python module {name}') from None


def run(name, *arguments, given=b'', patience=PATIENCE, may_fail=False, **environment):
    """What a program says when it is given these bytes, once it has ended."""
    command = [find(name), *map(str, arguments)]
    ended = subprocess.run(command, input=given, capture_output=True, timeout=patience, env={**os.environ, **environment})
    if ended.returncode and not may_fail:
        said = (ended.stderr or ended.stdout).decode(errors='replace').strip()
        raise Differs(f'{name} ends with {ended.returncode} and says {shown(said[-300:])}')
    return ended.stdout


def holds(where, what):
    if what not in where:
        raise Differs(f'{shown(what)} is not in {shown(where[-300:])}')
