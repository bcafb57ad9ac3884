"""JSON-RPC 2.0 behind the headers of the Language Server Protocol, with the client of Visual Studio Code."""

import json
from pathlib import Path

from client import same
from programs import need, run

PARSE_ERROR, INVALID_REQUEST = -32700, -32600


def check(server):
    need('node')
    run('node', Path(__file__).with_suffix('.js'), *server.address)
    with server.connect() as client:
        # What that client never sends: other headers, in other letters; an identity that is text; what is no request.
        echo = json.dumps({'jsonrpc': '2.0', 'id': 'a', 'method': 'echo', 'params': ['中']}, ensure_ascii=False).encode()
        client.say(b'content-type: application/vscode-jsonrpc; charset=utf-8\r\nCONTENT-LENGTH:%d\r\n\r\n' % len(echo) + echo)
        same(hear(client), {'jsonrpc': '2.0', 'id': 'a', 'result': ['中']})
        # A notification has no answer, not even that nobody knows it.
        client.say(framed(b'{"jsonrpc":"2.0","method":"echo"}') + framed(b'{"jsonrpc":"2.0","method":"$/nosuch"}'))
        client.say(framed(b'{"jsonrpc":') + framed(b'"\xff"') + framed(b'{"jsonrpc":"2.0","id":7}') + framed(echo))
        same(failure(hear(client)), (None, PARSE_ERROR))
        same(failure(hear(client)), (None, PARSE_ERROR))
        same(failure(hear(client)), (7, INVALID_REQUEST))
        same(hear(client)['id'], 'a')
    with server.connect() as client:
        # A head without a length: nobody can tell where the next begins.
        client.say(b'Content-Type: application/vscode-jsonrpc\r\n\r\n{}')
        client.hear_end()


def framed(body):
    return b'Content-Length: %d\r\n\r\n' % len(body) + body


def hear(client):
    head = b''
    while not head.endswith(b'\r\n\r\n'):
        head += client.hear_exactly(1)
    headers = dict(line.split(': ') for line in head.decode().strip().split('\r\n'))
    return json.loads(client.hear_exactly(int(headers['Content-Length'])))


def failure(answer):
    return answer['id'], answer['error']['code']
