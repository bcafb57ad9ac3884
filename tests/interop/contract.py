"""What all server examples have in common."""

import os
import signal

from client import framed

HELLO = '你好，世界'

# What a client says, and what it hears.
DIALOGUES = {
    'reply': (HELLO.encode('gbk'), b'thank you !'),
    'echo_raw': (b'\x00\xff\n', b'\x00\xff\n'),
    'echo_lines': (f'{HELLO}\n'.encode(), f'{HELLO}\n'.encode()),
    'echo_length': (framed(b'hello'), framed(b'hello')),
    'gbk_lines': (f'{HELLO}\n'.encode('gbk'), f'{HELLO}\n'.encode('gbk')),
    'json_length': (framed(b'{"get":{"key":"k"}}'), framed(b'{"value":null}')),
    'chat': (b'hello\n', b'hello\n'),
    'switch': (b'set k 2\r\nhi\r\n', b'STORED\r\n'),
}

# Conversations that are over after one answer.
SHORT = {'reply'}


def talks(server, example):
    said, heard = DIALOGUES[example]
    with server.connect() as client:
        client.say(said)
        client.hear(heard)
        client.end()
        client.hear_end()


def open_conversations_go_on_after_a_signal(server, example, pid, name):
    said, heard = DIALOGUES[example]
    with server.connect() as client:
        if example not in SHORT:
            client.say(said)
            client.hear(heard)
        os.kill(int(pid), signal.Signals[name])
        server.wait_until_it_refuses()
        client.say(said)
        client.hear(heard)
        client.end()
        client.hear_end()


def an_open_conversation_may_end_after_a_signal(server, pid):
    with server.connect() as client:
        os.kill(int(pid), signal.SIGTERM)
        server.wait_until_it_refuses()
        client.end()
        client.discard()


def connections_that_wait_are_served_after_a_signal(server, pid):
    # Connected is what the system has connected, whether or not the server knows: while it is stopped, it does not.
    os.kill(int(pid), signal.SIGSTOP)
    # So many that it does not accept all of them at once.
    clients = [server.connect() for _ in range(400)]
    os.kill(int(pid), signal.SIGTERM)
    os.kill(int(pid), signal.SIGCONT)
    for client in clients:
        client.say(b'hello\n')
        client.hear(b'hello\n')
    server.wait_until_it_refuses()
    for client in clients:
        client.end()
        client.hear_end()


def a_second_signal_cuts_conversations_off(server, pid):
    with server.connect() as client:
        client.say(b'hello\n')
        client.hear(b'hello\n')
        os.kill(int(pid), signal.SIGTERM)
        server.wait_until_it_refuses()
        os.kill(int(pid), signal.SIGTERM)
        client.hear_end()
