"""SMTP, plain and behind STARTTLS, with swaks, Python's smtplib, and a client of our own that does not keep to the rules."""

import contextlib
import smtplib
import ssl
import tempfile

from client import PATIENCE, same
from programs import holds, need, run

# Lines that begin with dots, and are dots.
MAIL = 'Subject: 点\r\n\r\n.leading\r\n..two\r\n.\r\nlast 行\r\n'.encode()


def check(server):
    need('swaks')
    for tls in (False, True):
        with_smtplib(server, tls)
        with_swaks(server, tls)
    without_rules(server)


def with_smtplib(server, tls):
    host, port = server.address
    client = smtplib.SMTP(host, port, local_hostname='c', timeout=PATIENCE)
    if tls:
        client.starttls(context=ssl._create_unverified_context())
    client.ehlo()
    same(client.has_extn('starttls'), not tls)
    if tls:
        same(client.docmd('STARTTLS')[0], 503)
    for mail in (MAIL, b'a' * 998 + b'\r\n' + MAIL * 2000):
        client.mail('a@x')
        client.rcpt('b@y')
        same(client.data(mail), accepted(mail, tls))
    # Without anybody to get it.
    client.mail('a@x')
    same(client.data(MAIL)[0], 554)
    same(client.quit()[0], 221)


def with_swaks(server, tls):
    host, port = server.address
    with tempfile.NamedTemporaryFile() as file:
        file.write(MAIL.replace(b'\r\n', b'\n'))
        file.flush()
        envelope = '--helo', 'c', '--from', 'a@x', '--to', 'b@y', '--data', f'@{file.name}'
        said = run('swaks', '--server', host, '--port', port, '--timeout', PATIENCE, *envelope, *['--tls'] * tls)
    # It ends with an empty line.
    code, text = accepted(MAIL + b'\r\n', tls)
    holds(said, b'%d %s' % (code, text))


def accepted(mail, tls):
    return 250, b'2.0.0 Ok: %d octets tls=%d' % (len(mail), tls)


def without_rules(server):
    with server.connect() as client:
        client.hear(b'220 wirework.example ESMTP\r\n')
        # All at once, in small letters, with an empty mail; and a bare LF ends neither a line nor a mail.
        client.say(b'mail from:<a@x>\r\nrcpt to:<b@y>\r\ndata\r\n.\r\n')
        begun = b'250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 End with a dot on a line of its own\r\n'
        client.hear(begun + b'250 2.0.0 Ok: 0 octets tls=0\r\n')
        for end in (b'\n.\n', b'\n.\r\n', b'\r.\r', b'\r.\r\n', b'\0.\r\n'):
            client.say(b'MAIL\r\nRCPT\r\nDATA\r\n' + end + b'MAIL\r\n.\r\n')
            client.hear(begun + b'250 2.0.0 Ok: %d octets tls=0\r\n' % len(end + b'MAIL\r\n'))
        # What comes in the wrong order; what was begun is forgotten in three ways.
        client.say(b'RCPT\r\nMAIL\r\nMAIL\r\nRSET\r\nRCPT\r\nMAIL\r\nEHLO c\r\nRCPT\r\nMAIL\r\nHELO c\r\nRCPT\r\n')
        hear_codes(client, b'503 250 503 250 503 250 250-250-250-250 503 250 250 503')
        client.say(b'NONSENSE\r\nMAIL\nRCPT\r\nQUIT\r\nNOOP\r\n')
        hear_codes(client, b'500 500 221')
        client.hear_end()
    # What is too long is answered, and ends the conversation: nothing of it is taken for commands.
    for said, codes in (
        (b'NOOP ' + b'a' * 996, b'500'),
        (b'NOOP ' + b'a' * 995 + b'\r\nMAIL\r\nRCPT\r\nDATA\r\n' + b'NOOP\r\n' * 2_000_000, b'250 250 250 354 552'),
    ):
        with server.connect() as client:
            client.hear(b'220 wirework.example ESMTP\r\n')
            client.say(said)
            hear_codes(client, codes)
            client.hear_end()
    with server.connect() as client:
        client.hear(b'220 wirework.example ESMTP\r\n')
        # A command behind STARTTLS, as somebody on the way may put it there, must not be taken for one that came over TLS.
        client.say(b'STARTTLS\r\nRSET\r\n')
        heard = b''
        # Where it reaches the handshake, what was answered before may be lost.
        with contextlib.suppress(ConnectionResetError):
            while piece := client.socket.recv(1024):
                heard += piece
        same(b'250' in heard, False)


def hear_codes(client, codes):
    """The code of each line of replies, and what stands behind it."""
    for code in codes.replace(b'-', b'-,').replace(b' ', b' ,').split(b','):
        line = b''
        while not line.endswith(b'\r\n'):
            line += client.hear_exactly(1)
        same(line[:4], code.ljust(4))
