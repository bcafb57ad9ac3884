"""Redis, with redis-cli in all of its ways, redis-benchmark and nc."""

import csv
import functools
import json

from client import PATIENCE, same, wait_until
from programs import holds, need, run

VALUE = '多字节\r\n$5\r\n*'.encode() + bytes(range(256))


def check(server):
    need('redis-cli', 'redis-benchmark', 'nc')
    host, port = server.address
    cli = functools.partial(run, 'redis-cli', '-h', host, '-p', port)
    same(cli('PING'), b'PONG\n')
    # The second is longer than what is read or written at once.
    for value in VALUE, VALUE * 1000:
        same(cli('-x', 'SET', 'k', given=value), b'OK\n')
        same(cli('GET', 'k'), value + b'\n')
    same(cli('GET', 'nokey'), b'\n')
    holds(cli('NOSUCH'), b'ERR')
    holds(cli('GET', 'k', 'l'), b'ERR')
    same(cli('SET', 'a', '倈僜'), b'OK\n')
    # In the second version of the protocol there is no map, and in both a null among values is one.
    for version, config in ('-2', ['save', '']), ('-3', {'save': ''}):
        same(json.loads(cli(version, '--json', 'CONFIG', 'GET', 'save')), config)
        same(json.loads(cli(version, '--json', 'MGET', 'nokey', 'a')), [None, '倈僜'])
    many = b''.join(command(b'SET', b'key%d' % number, b'x') for number in range(5000))
    holds(cli('--pipe', given=many), b'errors: 0, replies: 5000\n')
    pings = run('nc', '-q', 1, '-w', PATIENCE, host, port, given=b'PING\r\nPING\r\n')
    same(pings, b'+PONG\r\n+PONG\r\n')
    benchmark(host, port)
    same(len(cli('GET', 'key:__rand_int__')), 301)
    exactly(server)


def benchmark(host, port):
    kinds = ['-t', 'ping,set,get', '-n', 2000, '-c', 20, '-P', 16, '-d', 300]
    said = run('redis-benchmark', '-h', host, '-p', port, *kinds, '--csv').decode()
    same([row[0] for row in csv.reader(said.splitlines())], ['test', 'PING_INLINE', 'PING_MBULK', 'SET', 'GET'])


def exactly(server):
    """What the clients do not say, or do not show."""
    with server.connect() as client:
        for said, heard in TALK:
            client.say(said if isinstance(said, bytes) else command(*said))
            if isinstance(heard, bytes):
                client.hear(heard)
            else:
                # So many seconds, or somewhat fewer meanwhile.
                client.hear(b':')
                same(heard - 60 < int(client.hear_exactly(5)) <= heard, True)
        # At once, in both forms, and nothing behind the end.
        client.say(b'incr n\r\n' + command(b'INCR', b'n') + b'\r\nquit\r\nPING\r\n')
        client.hear(b':1\r\n:2\r\n+OK\r\n')
        client.hear_end()
    with server.connect() as client:
        # That the other one has asked for another version is its own affair.
        client.say(b'GET nokey\r\n')
        client.hear(b'$-1\r\n')

        def expired():
            client.say(b'GET soon\r\n')
            kind = client.hear_exactly(2)
            client.hear_exactly(3 if kind == b'$-' else 5)
            return kind == b'$-'
        # What is set again does not expire any more.
        client.say(b'SET kept x PX 50\r\nSET kept y\r\nSET soon x PX 50\r\n')
        client.hear(b'+OK\r\n' * 3)
        wait_until(expired, 'a key to expire')
        client.say(b'GET kept\r\n')
        client.hear(b'$1\r\ny\r\n')


# What is said, and what must be heard.
TALK = [
    ([b'ping'], b'+PONG\r\n'), ([b'PING', b'a\r\nb'], b'$4\r\na\r\nb\r\n'), ([b'ECHO', b''], b'$0\r\n\r\n'),
    ([b'SET', b'', VALUE], b'+OK\r\n'), ([b'GET', b''], b'$%d\r\n%s\r\n' % (len(VALUE), VALUE)),
    ([b'SET', b'e', b'1', b'ex', b'400'], b'+OK\r\n'), ([b'TTL', b'e'], 400), ([b'INCR', b'e'], b':2\r\n'),
    ([b'TTL', b'e'], 400), ([b'SET', b'e', b'2'], b'+OK\r\n'), ([b'TTL', b'e'], b':-1\r\n'),
    ([b'EXPIRE', b'e', b'700'], b':1\r\n'), ([b'TTL', b'e'], 700), ([b'EXPIRE', b'e', b'-1'], b':1\r\n'),
    ([b'GET', b'e'], b'$-1\r\n'), ([b'TTL', b'e'], b':-2\r\n'), ([b'EXPIRE', b'e', b'7'], b':0\r\n'),
    ([b'SET', b'e', b'x', b'NX'], b'+OK\r\n'), ([b'SET', b'e', b'y', b'nx'], b'$-1\r\n'),
    ([b'SET', b'f', b'y', b'XX'], b'$-1\r\n'), ([b'SET', b'e', b'y', b'XX', b'PX', b'299500'], b'+OK\r\n'),
    ([b'TTL', b'e'], 300), ([b'MGET', b'e', b'f', b'e'], b'*3\r\n$1\r\ny\r\n$-1\r\n$1\r\ny\r\n'),
    ([b'SET', b'f', b'x' * 300_000], b'+OK\r\n'),
    ([b'MGET'] + [b'f'] * 60, b'-ERR unknown command, wrong number of arguments, or too much to answer\r\n'),
    ([b'DEL', b'e', b''], b':2\r\n'), ([b'DEL', b'f'], b':1\r\n'), ([b'DEL', b'e'], b':0\r\n'),
    ([b'SET', b'e', b'y', b'EX', b'0'], b'-ERR invalid expire time\r\n'),
    ([b'SET', b'e', b'y', b'EX'], b'-ERR syntax error\r\n'), ([b'SET', b'e', b'y', b'NX', b'XX'], b'-ERR syntax error\r\n'),
    ([b'SET', b'e', b'9223372036854775807'], b'+OK\r\n'),
    ([b'INCR', b'e'], b'-ERR value is not an integer or out of range\r\n'),
    ([b'SET', b'e', b'a'], b'+OK\r\n'), ([b'INCR', b'e'], b'-ERR value is not an integer or out of range\r\n'),
    # An empty line and no words are answered with nothing.
    (b'\r\n*0\r\n*-1\r\n  PING  \n', b'+PONG\r\n'),
    ([b'CONFIG', b'GET', b'appendonly'], b'*2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n'),
    ([b'CONFIG', b'SET', b'save', b'1'],
     b'-ERR unknown command, wrong number of arguments, or too much to answer\r\n'),
    ([b'HELLO', b'4'], b'-NOPROTO unsupported protocol version\r\n'),
    ([b'HELLO', b'3'], b'%4\r\n$6\r\nserver\r\n$8\r\nwirework\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n'
                       b'$4\r\nrole\r\n$6\r\nmaster\r\n$5\r\nproto\r\n:3\r\n'),
    ([b'GET', b'nokey'], b'_\r\n'), ([b'CONFIG', b'GET', b'other'], b'%0\r\n'),
    ([b'HELLO', b'2'], b'*8\r\n$6\r\nserver\r\n$8\r\nwirework\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n'
                       b'$4\r\nrole\r\n$6\r\nmaster\r\n$5\r\nproto\r\n:2\r\n'),
    ([b'HELLO', b'3', b'SETNAME', b'x'], b'%4\r\n$6\r\nserver\r\n$8\r\nwirework\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n'
                                         b'$4\r\nrole\r\n$6\r\nmaster\r\n$5\r\nproto\r\n:3\r\n'),
]


def command(*words):
    return b'*%d\r\n' % len(words) + b''.join(b'$%d\r\n%s\r\n' % (len(word), word) for word in words)
