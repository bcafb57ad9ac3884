"""The tutorial's server, as its readers write it down: the copy that has to fail where ours do not.

    naive.py reply    answers the first message and closes: the tutorial
    naive.py echo     answers each message, which is what recv() gives, with itself
    naive.py lines    the same, and takes the end of a line off the message, and puts one behind the answer
"""

import socket
import sys


def reply(client):
    message = client.recv(1024).decode('gbk')
    print('接收到的数据为:', message, flush=True)
    client.send('thank you !'.encode('gbk'))


def echo(client):
    while received := client.recv(1024):
        client.send(received.decode('gbk').encode('gbk'))


def lines(client):
    while received := client.recv(1024):
        message = received.decode('gbk').rstrip('\r\n')
        client.send((message + '\n').encode('gbk'))


def main():
    talk = {'reply': reply, 'echo': echo, 'lines': lines}[sys.argv[1]]
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(('127.0.0.1', 0))
    listener.listen(128)
    print('listening on {}:{}'.format(*listener.getsockname()), flush=True)
    while True:
        client, _ = listener.accept()
        # The tutorial knows nothing of it, but a client that resets the connection must not hide what is looked for.
        try:
            talk(client)
        except ConnectionError:
            pass
        client.close()


main()
