"""Runs one check against a server: check.py MODULE.FUNCTION HOST:PORT [ARGUMENT ...]

Exits 0 when it holds, and otherwise says on standard error what it heard instead.
"""

import faulthandler
import importlib
import sys

from client import Server


def main():
    _, name, address, *arguments = sys.argv
    # No check takes long; one that hangs says where.
    faulthandler.dump_traceback_later(60, exit=True)
    module, function = name.split('.')
    getattr(importlib.import_module(module), function)(Server(address), *arguments)


main()
