"""A client, and what it can know about its server."""

import os
import socket
import struct
import time

# How long to wait for what has to come, in seconds.
PATIENCE = int(os.environ.get('PATIENCE', 10))


class Server:
    """Where clients connect to."""

    def __init__(self, address):
        host, port = address.rsplit(':', 1)
        self.address = host, int(port)

    def connect(self):
        return Client(self.address)

    def wait_until_it_refuses(self):
        """Connects until that is refused. A connection made before is the server's, who has taken what was queued."""
        def refused():
            try:
                with socket.create_connection(self.address, PATIENCE) as connection:
                    # A client that happens to be given the very port that it connects to is connected to itself.
                    if connection.getsockname() == self.address:
                        return True
                    # Some servers speak first, and would report a client that has gone without listening.
                    connection.shutdown(socket.SHUT_WR)
                    while connection.recv(65536):
                        pass
                    return False
            except ConnectionRefusedError:
                return True
            except ConnectionResetError:
                return False
        wait_until(refused, 'the server to refuse a client')


class Client:
    """A connection, of which everything that is heard has to be expected."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, PATIENCE)
        # What is said in one call is one segment.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def say(self, data):
        self.socket.sendall(data)

    def hear(self, expected):
        heard = b''
        while len(heard) < len(expected) and expected.startswith(heard):
            part = self.socket.recv(len(expected) - len(heard))
            if not part:
                break
            heard += part
        same(heard, expected)

    def hear_frame(self):
        """What stands behind a 4-byte length."""
        length, = struct.unpack('>I', self.hear_exactly(4))
        return self.hear_exactly(length)

    def hear_exactly(self, length):
        heard = b''
        while len(heard) < length and (part := self.socket.recv(length - len(heard))):
            heard += part
        same(len(heard), length)
        return heard

    def hear_end(self):
        same(self.socket.recv(1024), b'')

    def discard(self):
        """Hears all that is left, whatever it is."""
        while self.socket.recv(65536):
            pass

    def end(self):
        """Says no more, and hears what is left."""
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()

    def wait_until_read(self):
        """Returns when the server's process has taken all that was said, or has closed the connection.

        Sent is not arrived, and arrived is not read: two segments that the server finds together are one to it.
        """
        def read():
            state = self.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)[0]
            return state != ESTABLISHED or any(
                there.local == self.socket.getpeername() and there.remote == self.socket.getsockname()
                and there.state == ESTABLISHED and there.unread == 0
                for there in tcp_sockets()
            ) and unacknowledged(self.socket) == 0
        wait_until(read, 'the server to read')


def framed(data):
    """Data behind a 4-byte length."""
    return struct.pack('>I', len(data)) + data


class Differs(Exception):
    """Something else was heard."""


def same(heard, expected):
    if heard != expected:
        raise Differs(f'heard {shown(heard)}, not {shown(expected)}')


def shown(value):
    return repr(value) if len(repr(value)) < 400 else f'{len(value)} of them'


def wait_until(holds, what):
    """For what the system tells only those who ask."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f'waited {PATIENCE} s for {what}')
        os.sched_yield()


# States of a connection, as Linux counts them.
ESTABLISHED = 1
LISTEN = 10


class TcpSocket:
    """One line of /proc/net/tcp (proc_net_tcp in the kernel's documentation)."""

    def __init__(self, line):
        _, local, remote, state, queues, _, _, _, _, inode, *_ = line.split()
        self.local = address(local)
        self.remote = address(remote)
        self.state = int(state, 16)
        self.unread = int(queues.split(':')[1], 16)
        # 0 until it is accepted.
        self.inode = int(inode)


def tcp_sockets():
    """Every IPv4 socket of this machine."""
    with open('/proc/net/tcp') as table:
        next(table)
        return [TcpSocket(line) for line in table]


def address(hexadecimal):
    host, port = hexadecimal.split(':')
    return socket.inet_ntoa(struct.pack('=I', int(host, 16))), int(port, 16)


def unacknowledged(connection):
    """How many bytes the other system has not acknowledged (SIOCOUTQ, tcp(7))."""
    import fcntl
    import termios
    return struct.unpack('=i', fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)))[0]
