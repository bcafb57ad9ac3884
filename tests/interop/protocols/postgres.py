"""PostgreSQL's protocol 3.0, with psql."""

import struct

from client import PATIENCE, same
from programs import need, run

# In GBK the bytes of `|` and `\` stand in the first; the second is longer than what is read or written at once.
QUERIES = ["select '倈僜倊', '中文';", f"select '{'汉' * 40000}';"]

START, CANCEL, SSL, GSS = 196608, 80877102, 80877103, 80877104


def check(server):
    need('psql')
    for name, encoding in (('UTF8', 'utf-8'), ('GBK', 'gbk'), ('gb18030', 'gb18030'), ('LATIN1', 'latin-1')):
        queries = QUERIES if encoding != 'latin-1' else ["select 'Jürgen';"]
        given = ''.join(f'{query}\n' for query in queries)
        told = psql(server, given, encoding, PGCLIENTENCODING=name)
        same(told, ''.join(f'{len(query)}:{query}\n' for query in queries))
    # What it was told when it began, without a word about encryption; and that it goes on behind a query that is no text.
    given = b"\\echo :ENCODING :SERVER_VERSION_NAME\nselect '\xff\xff';\n\\echo :SQLSTATE\nselect '\xc4\xe3';\n"
    told = psql(server, given.decode('latin-1'), 'latin-1', PGCLIENTENCODING='GBK', PGSSLMODE='disable')
    same(told.encode('latin-1'), b"GBK 15.0\n22021\n11:select '\xc4\xe3';\n")
    same(psql(server, 'select 1;\n\\echo :ENCODING\n', 'ascii'), '9:select 1;\nUTF8\n')
    without_psql(server)


def psql(server, given, encoding, **environment):
    host, port = server.address
    arguments = ['-X', '-A', '-t', '-w', '-h', host, '-p', port, '-U', 'u', '-d', 'd', '-f', '-']
    environment['PGCONNECT_TIMEOUT'] = str(PATIENCE)
    return run('psql', *arguments, given=given.encode(encoding), **environment).decode(encoding)


def without_psql(server):
    """What psql does not do."""
    with server.connect() as client:
        for code in (GSS, SSL):
            client.say(begin(code))
            client.hear(b'N')
        # A value is no name.
        client.say(begin(START, b'user\0client_encoding\0database\0BIG5\0\0'))
        # All at once, and the end behind it.
        client.say(message(b'Q', b'a\0') + message(b'Q', b'b\0') + message(b'X'))
        kinds, bodies = everything(client)
        same(kinds, b'RSSSSZTDCZTDCZ')
        same(bodies[7:9], [struct.pack('>HI', 1, 3) + b'1:a', b'SELECT 1\0'])
    for begins, kinds, code in (
        (begin(START, b'client_encoding\0MULE_INTERNAL\0\0'), b'E', b'C22023'),
        (begin(START, b'\0') + message(b'P', b'\0select 1\0\0\0') + message(b'S'), b'RSSSSZE', b'C0A000'),
    ):
        with server.connect() as client:
            client.say(begins)
            found, bodies = everything(client)
            same((found, code in bodies[-1].split(b'\0')), (kinds, True))
    with server.connect() as client:
        client.say(begin(CANCEL, bytes(8)))
        client.hear_end()


def begin(code, parameters=b''):
    return struct.pack('>II', 8 + len(parameters), code) + parameters


def message(kind, body=b''):
    return kind + struct.pack('>I', 4 + len(body)) + body


def everything(client):
    """The types and the bodies of all messages up to the end."""
    kinds, bodies = b'', []
    while kind := client.socket.recv(1):
        length, = struct.unpack('>I', client.hear_exactly(4))
        kinds += kind
        bodies.append(client.hear_exactly(length - 4))
    return kinds, bodies
