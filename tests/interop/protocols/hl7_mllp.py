"""HL7 version 2 over MLLP, with both clients of the Python package hl7."""

import tempfile

from client import PATIENCE, same
from programs import module, need, run

NAME = '倈僞倊僜张三丰𠀀'

# What MSH-18 says, and what Python calls it. In GB 18030 the bytes of `|`, `^`, `~` and `\` stand in the name.
CHARACTER_SETS = [('GB 18030-2000', 'gb18030', NAME), ('UNICODE UTF-8', 'utf-8', NAME), ('', 'latin-1', 'Jürgen')]


def check(server):
    need('mllp_send')
    mllp = module('hl7.client').MLLPClient
    for charset, encoding, name in CHARACTER_SETS:
        with mllp(*server.address, encoding=encoding) as client:
            client.socket.settimeout(PATIENCE)
            # The name stands before MSH-18 too, where it can be counted wrongly.
            for number, facility in enumerate(['B', name, name * 20]):
                answer = client.send_message(message(charset, name, number, facility))
                is_acknowledged(answer, encoding, 'AA', f'ID{number}', name, charset)
    with mllp(*server.address) as client:
        client.socket.settimeout(PATIENCE)
        answer = client.send_message(message('KOI8', name, 1).encode('koi8-r', 'replace'))
        is_acknowledged(answer, 'ascii', 'AR', 'ID1', 'KOI8 is not among the character sets known here', 'KOI8')
        # Neither is it what it says, nor can it be told whose it is; and the conversation goes on.
        answer = client.send_message(message('UNICODE UTF-8', NAME, 1).encode('gb18030'))
        same(fields(answer, 'ascii')['MSA'][1], 'AR')
        answer = client.send_message(message('UNICODE UTF-8', NAME, 2))
        is_acknowledged(answer, 'utf-8', 'AA', 'ID2', NAME, 'UNICODE UTF-8')
    with tempfile.NamedTemporaryFile() as file:
        for number in range(4):
            file.write(b'\x0b' + message('UNICODE UTF-8', '李四', number).encode() + b'\x1c\r')
        file.flush()
        host, port = server.address
        said = run('mllp_send', '--port', port, '--file', file.name, host)
    same([said.count(f'MSA|AA|ID{number}|李四\r'.encode()) for number in range(4)], [1] * 4)
    messages = [(message(charset, name, 7).encode(encoding), encoding) for charset, encoding, name in CHARACTER_SETS]
    with server.connect() as client:
        # Without waiting for the answers.
        client.say(b''.join(b'\x0b' + said + b'\x1c\r' for said, _ in messages))
        client.end()
        answers = b''.join(iter(lambda: client.socket.recv(65536), b'')).split(b'\x1c\r')
    same(len(answers), 4)
    for answer, (charset, encoding, name) in zip(answers, CHARACTER_SETS):
        is_acknowledged(answer + b'\x1c\r', encoding, 'AA', 'ID7', name, charset)


def message(charset, name, number, facility='B'):
    header = f'MSH|^~\\&|A|{facility}|C|D|20260101||ADT^A01|ID{number}|P|2.5||||||{charset}'
    return f'{header}\rPID|1||42||{name}||19700101|M\r'


def is_acknowledged(answer, encoding, code, identity, text, charset):
    segments = fields(answer, encoding)
    same(segments['MSA'], ['MSA', code, identity, text])
    header = segments['MSH']
    same([header[3], header[5], header[9], header[10], header[18]], ['C', 'A', 'ACK^A01', identity, charset])


def fields(answer, encoding):
    """The fields of each segment, as the package reads them."""
    same((answer[:1], answer[-2:]), (b'\x0b', b'\x1c\r'))
    parsed = module('hl7').parse(answer[1:-2].decode(encoding))
    return {str(segment[0]): [str(field) for field in segment] for segment in parsed}
