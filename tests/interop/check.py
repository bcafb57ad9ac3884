"""Runs one check against a server: check.py MODULE.FUNCTION HOST:PORT [ARGUMENT ...]

Exits 0 when it holds, and otherwise says on standard error what it heard instead. What it returns are lines that the server
must have printed; they go to standard output. Exits 3 when the client is not installed.
"""

import faulthandler
import importlib
import sys

from client import PATIENCE, Server
from programs import Missing


def main():
    _, name, address, *arguments = sys.argv
    # One that hangs says where.
    faulthandler.dump_traceback_later(max(60, 10 * PATIENCE), exit=True)
    module, function = name.rsplit('.', 1)
    try:
        lines = getattr(importlib.import_module(module), function)(Server(address), *arguments)
    except Missing as missing:
        print(missing, file=sys.stderr)
        sys.exit(3)
    for line in lines or ():
        print(line)


main()
