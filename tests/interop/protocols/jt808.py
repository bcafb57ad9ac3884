"""JT/T 808-2013. The client is our own: none that is kept up was found."""

import struct

PHONE = bytes.fromhex('013812345678')
PLATE = '京A·倊僜倝12'

REGISTER, REPORT, HEARTBEAT, ACKNOWLEDGE = 0x0100, 0x0200, 0x0002, 0x8001


def check(server):
    position = b'\x7d\x7e\x7d\x01\x7e\x02' * 5
    # Serial numbers, bodies and checks that hold the marks.
    messages = [
        (REGISTER, 1, bytes(37) + PLATE.encode('gbk')),
        (REPORT, 0x7e7d, position),
        (HEARTBEAT, 0x7d01, b''),
        (REPORT, 0x7d02, position * 30),
        (HEARTBEAT, 0x7e7e, b''),
    ]
    with server.connect() as client:
        empty, damaged = b'\x7e\x7e', marked(message(HEARTBEAT, 99, b''), damage=1)
        client.say(empty + damaged + b''.join(marked(message(*each)) for each in messages))
        for number, (identity, serial, _) in enumerate(messages):
            body = struct.pack('>HHB', serial, identity, 0)
            client.hear(marked(message(ACKNOWLEDGE, 0x7d00 + number, body)))
        # The mark that ends the first begins the second.
        client.say(marked(message(HEARTBEAT, 7, b'')) + marked(message(HEARTBEAT, 8, b''))[1:])
        for number, serial in ((5, 7), (6, 8)):
            client.hear(marked(message(ACKNOWLEDGE, 0x7d00 + number, struct.pack('>HHB', serial, HEARTBEAT, 0))))
    return [f'plate {PLATE}']


def message(identity, serial, body):
    return struct.pack('>HH', identity, len(body)) + PHONE + struct.pack('>H', serial) + body


def marked(payload, damage=0):
    check = damage
    for byte in payload:
        check ^= byte
    escaped = (payload + bytes([check])).replace(b'\x7d', b'\x7d\x01').replace(b'\x7e', b'\x7d\x02')
    return b'\x7e' + escaped + b'\x7e'
