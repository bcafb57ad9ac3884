"""Modbus over TCP, with mbpoll, the Python package pymodbus, and requests of our own that neither makes."""

import struct

from client import PATIENCE, same
from programs import holds, module, need, run

EXCEPTION, FUNCTION, ADDRESS, VALUE = 0x80, 1, 2, 3


def check(server):
    need('mbpoll')
    host, port = server.address
    modbus = module('pymodbus.client').ModbusTcpClient(host, port=port, timeout=PATIENCE)
    poll = '-m', 'tcp', '-p', port, '-0', '-t', 4, '-o', min(PATIENCE, 10), '-q'
    said = run('mbpoll', *poll, '-r', 10, '-c', 5, '-1', host)
    for address in range(10, 15):
        holds(said, b'[%d]: \t%d\n' % (address, 1000 + address))
    # It takes function 6 for one value, and 16 for several.
    run('mbpoll', *poll, '-r', 49, host, 776)
    run('mbpoll', *poll, '-r', 50, host, 777, 778, 779)
    same(modbus.connect(), True)
    same(modbus.read_holding_registers(48, count=6).registers, [1048, 776, 777, 778, 779, 1053])
    modbus.write_register(0, 65535)
    same(modbus.read_holding_registers(0, count=125).registers[:2], [65535, 1001])
    same(modbus.read_holding_registers(199, count=1).registers, [1199])
    same(modbus.read_holding_registers(199, count=2).exception_code, ADDRESS)
    same(modbus.read_coils(0, count=1).exception_code, FUNCTION)
    # As many as there may be.
    values = list(range(500, 623))
    modbus.write_registers(77, values)
    same(modbus.read_holding_registers(75, count=125).registers, [1075, 1076, *values])
    modbus.write_registers(77, range(1077, 1200))
    modbus.close()
    of_our_own(server)


def of_our_own(server):
    with server.connect() as client:
        # All at once, each for another unit.
        client.say(b''.join(request(7 + n, n, 3, struct.pack('>HH', 100 + n, 1)) for n in range(20)))
        for n in range(20):
            client.hear(answer(7 + n, n, 3, struct.pack('>BH', 2, 1100 + n)))
        for function, data, exception in (
            (3, struct.pack('>HH', 0, 0), VALUE),
            (3, struct.pack('>HH', 0, 126), VALUE),
            (3, struct.pack('>HH', 65535, 65), ADDRESS),
            (3, b'\0\0\0', VALUE),
            (6, struct.pack('>HH', 200, 1), ADDRESS),
            (16, struct.pack('>HHBHH', 199, 2, 4, 1, 2), ADDRESS),
            (16, struct.pack('>HHBH', 0, 2, 2, 1), VALUE),
            (16, struct.pack('>HHBHB', 0, 1, 3, 1, 2), VALUE),
            (16, struct.pack('>HHBH', 0, 1, 4, 1), VALUE),
            (3, struct.pack('>HHB', 0, 1, 0), VALUE),
            (16, struct.pack('>HHB', 0, 0, 0), VALUE),
            (22, b'', FUNCTION),
            (127, bytes(252), FUNCTION),
        ):
            client.say(request(0xFFFF, 1, function, data))
            client.hear(answer(0xFFFF, 1, function | EXCEPTION, bytes([exception])))
        # Nothing of what was refused was written.
        for address in (0, 199):
            client.say(request(1, 1, 3, struct.pack('>HH', address, 1)))
            client.hear(answer(1, 1, 3, struct.pack('>BH', 2, 1000 + address if address else 65535)))
        # Of this the others look at the beginning alone.
        client.say(request(1, 1, 16, struct.pack('>HHBHH', 198, 2, 4, 1198, 0x0203)))
        client.hear(answer(1, 1, 16, struct.pack('>HH', 198, 2)))
        client.say(request(1, 1, 3, struct.pack('>HH', 199, 1)) + request(1, 1, 6, struct.pack('>HH', 199, 1199)))
        client.hear(answer(1, 1, 3, struct.pack('>BH', 2, 0x0203)) + answer(1, 1, 6, struct.pack('>HH', 199, 1199)))
    # Another protocol than 0 is none of Modbus, and no Modbus message is that long, or has no function.
    for said in (b'\0\1\0\1\0\6\1\3\0\0\0\1', b'\0\1\0\0\0\xff\1\3\0\0\0\1', b'\0\1\0\0\0\1\1'):
        with server.connect() as client:
            client.say(said)
            client.hear_end()


def request(transaction, unit, function, data):
    return struct.pack('>HHHBB', transaction, 0, 2 + len(data), unit, function) + data


answer = request
