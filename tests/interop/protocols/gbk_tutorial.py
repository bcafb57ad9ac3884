"""The tutorial's server. The clients are a socket of Python's, and netcat."""

from client import PATIENCE, same
from programs import need, run

# In GBK the second bytes of the rare ones are `|`, `\`, `~` and `{`.
HELLO = '你好，世界：倈僜倊倇 server'
AGAIN = '第二次'


def check(server):
    need('nc')
    with server.connect() as client:
        client.say(HELLO.encode('gbk'))
        client.hear(b'thank you !')
        client.hear_end()
    same(run('nc', '-w', PATIENCE, *server.address, given=AGAIN.encode('gbk')), b'thank you !')
    return [HELLO, AGAIN]
