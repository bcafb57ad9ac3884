"""What TCP promises to who writes a server."""

import os
import signal
import socket

from client import ESTABLISHED, LISTEN, framed, same, tcp_sockets, wait_until


def the_system_picks_the_port_of_a_client(server):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as unbound:
        same(unbound.getsockname(), ('0.0.0.0', 0))
    with server.connect() as first, server.connect() as second:
        ports = {client.socket.getsockname()[1] for client in (first, second)}
        same(len(ports - {0, server.address[1]}), 2)
        for client in (first, second):
            client.say(b'hello\n')
            client.hear(b'hello\n')


def clients_take_turns(server):
    with server.connect() as silent, server.connect() as second, server.connect() as third:
        for turn in (b'one\n', b'two\n', b'three\n'):
            third.say(turn)
            third.hear(turn)
            second.say(turn)
            second.hear(turn)
        silent.say(b'at last\n')
        silent.hear(b'at last\n')


def every_client_has_a_socket_beside_the_listening_one(server):
    clients = [server.connect() for _ in range(3)]
    for client in clients:
        client.say(b'hello\n')
        client.hear(b'hello\n')
    here = [there for there in tcp_sockets() if there.local == server.address]
    listening = [there for there in here if there.state == LISTEN]
    accepted = [there for there in here if there.state == ESTABLISHED]
    same([there.remote for there in listening], [('0.0.0.0', 0)])
    same({there.remote for there in accepted}, {client.socket.getsockname() for client in clients})
    same(len({there.inode for there in listening + accepted} - {0}), 4)
    for client in clients:
        client.close()


def only_those_connected_go_on(server, pid):
    with server.connect() as client, server.connect() as other:
        for connected in (client, other):
            connected.say(b'before\n')
            connected.hear(b'before\n')
        os.kill(int(pid), signal.SIGTERM)
        server.wait_until_it_refuses()
        for connected in (other, client):
            connected.say('之后\n'.encode())
            connected.hear('之后\n'.encode())
            connected.end()
            connected.hear_end()


def one_is_closed_and_the_other_goes_on(server):
    hello = framed(b'hello')
    with server.connect() as one, server.connect() as other:
        for client in (one, other):
            client.say(hello)
            client.hear(hello)
        one.say(b'\xff\xff\xff\xff')
        one.hear_end()
        other.say(hello)
        other.hear(hello)


def an_end_is_answered_by_an_end(server):
    with server.connect() as client:
        client.say(b'hello\n')
        client.end()
        client.hear(b'hello\n')
        client.hear_end()
    with server.connect() as silent:
        silent.end()
        silent.hear_end()


def as_many_descriptors_as_before(server, pid):
    def descriptors():
        return len(os.listdir(f'/proc/{pid}/fd'))

    before = descriptors()
    clients = [server.connect() for _ in range(10)]
    for client in clients:
        client.say(b'hello\n')
        client.hear(b'hello\n')
    same(descriptors(), before + len(clients))
    for client in clients:
        client.close()
    wait_until(lambda: descriptors() == before, 'the server to close its sockets')
