"""NATS, with the Python package nats-py, and what it never does with a client of our own."""

import asyncio

from client import PATIENCE, same
from programs import module

# What looks like the protocol, in a payload; and the longest that the server says it takes.
REQUESTS = [b'', b'a', b'MSG a 1 3\r\nabc\r\n', bytes(range(256)) * 4096]
HEADED = 500


def check(server):
    asyncio.run(requests_and_headers(module('nats'), server))
    without_nats_py(server)
    who_reads_too_slowly_holds_nobody_up_and_is_cut_off(server)
    those_who_publish_much_are_not_slow(server)
    subscriptions_are_not_without_number(server)


async def requests_and_headers(nats, server):
    host, port = server.address
    options = {'allow_reconnect': False, 'connect_timeout': PATIENCE, 'error_cb': raises, 'max_reconnect_attempts': 0}
    asks = await nats.connect(f'nats://{host}:{port}', **options)
    answers = await nats.connect(f'nats://{host}:{port}', **options)
    heard, all_heard = [], asyncio.Event()

    async def reverse(message):
        await message.respond(message.data[::-1])

    async def listen(message):
        heard.append((message.data, message.headers))
        if len(heard) == HEADED:
            all_heard.set()

    await answers.subscribe('svc.reverse', cb=reverse)
    await answers.subscribe('news.*', cb=listen)
    # Its first PING may go out before what it has subscribed to; its second cannot.
    for _ in range(2):
        await answers.flush(PATIENCE)
    for data in REQUESTS:
        same((await asks.request('svc.reverse', data, PATIENCE)).data, data[::-1])
    for number in range(HEADED):
        await asks.publish('news.a', str(number).encode(), headers={'k': f'v{number}'})
        for other in ('news', 'news.a.b'):
            await asks.publish(other, b'not this one')
    await asyncio.wait_for(all_heard.wait(), PATIENCE)
    same(heard, [(str(number).encode(), {'k': f'v{number}'}) for number in range(HEADED)])
    for connection in (asks, answers):
        await connection.close()


async def raises(error):
    raise error


def without_nats_py(server):
    with server.connect() as client, server.connect() as other:
        for each in (client, other):
            same(hear_line(each)[:6], b'INFO {')
        # Tabs, lower case and blanks; two subscriptions, of which one ends behind its second message.
        client.say(b'sub a.> 1\r\nSUB\ta.*.c   x\r\nUNSUB x 2\r\nSUB b 3\r\nSUB b 4\r\nUNSUB 3\r\nUNSUB 4 y\r\n\r\nping\r\n')
        client.hear(b'PONG\r\n')
        other.say(b''.join(b'PUB a.b.c r%d 1\r\n%d\r\nPUB b 0\r\n\r\nPUB a 0\r\n\r\n' % (n, n) for n in range(3)) + b'PING\r\n')
        other.hear(b'PONG\r\n')
        for number in range(3):
            for subscription in (b'1', b'x')[:2 if number < 2 else 1]:
                client.hear(b'MSG a.b.c %s r%d 1\r\n%d\r\n' % (subscription, number, number))
        client.say(b'PING\r\n')
        client.hear(b'PONG\r\n')
        # As long as a line may be, what is passed on is longer.
        subject, number = b'a.' + b's' * 4000, b'9' * 4000
        client.say(b'SUB a.* %s\r\nPING\r\n' % number)
        client.hear(b'PONG\r\n')
        other.say(b'PUB %s 0\r\n\r\n' % subject)
        for subscription in b'1', number:
            client.hear(b'MSG %s %s 0\r\n\r\n' % (subject, subscription))
    for said, answer in (
        (b'SUB a group 1\r\n', b"-ERR 'Unknown Protocol Operation'\r\n"),
        (b'HPUB a 9 8\r\n12345678\r\n', b"-ERR 'Unknown Protocol Operation'\r\n"),
        (b'PUB %s 0\r\n\r\n' % (b'a' * 5000), b"-ERR 'Parser Error'\r\n"),
        (b'PUB a x\r\n', b"-ERR 'Parser Error'\r\n"),
        (b'PUB a 99999999\r\n', b"-ERR 'Parser Error'\r\n"),
        (b'PUB a 1\r\n12\r\n', b"-ERR 'Parser Error'\r\n"),
    ):
        with server.connect() as client:
            hear_line(client)
            client.say(said)
            client.hear(answer)
            client.hear_end()


def who_reads_too_slowly_holds_nobody_up_and_is_cut_off(server):
    with server.connect() as silent, server.connect() as other:
        silent.say(b''.join(b'SUB a %d\r\n' % number for number in range(100)) + b'PING\r\n')
        hear_line(silent)
        silent.hear(b'PONG\r\n')
        hear_line(other)
        # A hundred times as much is more than the systems in between hold.
        other.say(b'PUB a 1000\r\n%s\r\n' % bytes(1000) * 2000 + b'PING\r\n')
        other.hear(b'PONG\r\n')
        silent.discard()


def subscriptions_are_not_without_number(server):
    with server.connect() as client:
        hear_line(client)
        client.say(b'SUB a 1\r\n' * 1000 + b'PING\r\n')
        client.hear(b'PONG\r\n')
        client.say(b'SUB a 1\r\n')
        client.hear(b"-ERR 'Unknown Protocol Operation'\r\n")
        client.hear_end()


def those_who_publish_much_are_not_slow(server):
    with server.connect() as one, server.connect() as other:
        for client in (one, other):
            hear_line(client)
            client.say(b'PUB a 5\r\nhello\r\n' * 10_000 + b'PING\r\n')
        for client in (one, other):
            client.hear(b'PONG\r\n')


def hear_line(client):
    line = b''
    while not line.endswith(b'\r\n'):
        line += client.hear_exactly(1)
    return line
