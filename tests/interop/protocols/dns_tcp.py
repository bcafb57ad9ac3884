"""DNS over TCP. The client is `dig` of BIND."""

import struct

from client import PATIENCE, same
from programs import holds, need, run


def check(server):
    need('dig')
    said = dig(server, '+noedns', 'A.example')
    holds(said, '\n;; flags: qr rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0\n')
    same(answers(said), ['A.example. 60 IN A 127.0.0.53'])
    # As dig asks by itself, with an additional record.
    same(answers(dig(server, 'edns.example')), ['edns.example. 60 IN A 127.0.0.53'])
    # The connection stays open.
    names = [f'n{number}.example.' for number in range(8)] + ['.', r'nul\000.example.', '.'.join(['long' * 15] * 4) + '.']
    said = dig(server, '+noedns', '+keepopen', *names)
    same(answers(said), [f'{name} 60 IN A 127.0.0.53' for name in names])
    same(said.count('status: NOERROR'), len(names))
    # No client sends these, and none sends several at once: no question, two, one that ends early, and one whose name would
    # go on elsewhere.
    damaged = [(0, ''), (2, '0000010001' * 2), (1, '0161'), (1, 'C00C00010001' + '00' * 200)]
    queries = [struct.pack('>6H', 7, 0x0100, count, 0, 0, 0) + bytes.fromhex(question) for count, question in damaged]
    with server.connect() as client:
        client.say(b''.join(struct.pack('>H', len(query)) + query for query in queries))
        client.hear(struct.pack('>7H', 12, 7, 0x8181, 0, 0, 0, 0) * len(queries))


def dig(server, *arguments):
    host, port = server.address
    return run('dig', f'@{host}', '-p', port, '+tcp', '+tries=1', f'+time={PATIENCE}', *arguments).decode()


def answers(said):
    """The records among the lines that dig prints, without comments and questions."""
    return [' '.join(line.split()) for line in said.splitlines() if line and not line.startswith(';')]
