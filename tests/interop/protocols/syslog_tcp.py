"""Syslog over TCP. The client is `logger` of util-linux; it has one framing a connection, so one of our own mixes them."""

from programs import need, run

BARE = '--rfc5424=notime,nohost,notq'
BEFORE = '<13>1 - - wirework - - - '


def check(server):
    need('logger')
    log(server, '--octet-count', '--rfc5424', '温度告警 A')
    log(server, '--octet-count', BARE, 'two\nlines')
    log(server, BARE, '非透明 B')
    burst = [f'burst {number}' for number in range(300)]
    log(server, '--octet-count', BARE, given='\n'.join(burst))
    with server.connect() as client:
        client.say(b'5 <1>ab<2>1 2\n0 6 <3>\n4 <4>c\n')
        client.end()
        client.hear_end()
    return [
        'octet <13>1 *温度告警 A', f'octet {BEFORE}two\\nlines', f'lf {BEFORE}非透明 B',
        *(f'octet {BEFORE}{message}' for message in burst),
        'octet <1>ab', 'lf <2>1 2', 'octet ', 'octet <3>\\n4 ', 'lf <4>c',
    ]


def log(server, *arguments, given=''):
    host, port = server.address
    run('logger', '--tcp', '-n', host, '-P', port, '-t', 'wirework', *arguments, given=given.encode())
