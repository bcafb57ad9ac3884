"""The tutorial's session."""


def hello_is_thanked(server, said='你好，世界'):
    with server.connect() as client:
        client.say(said.encode('gbk'))
        client.hear(b'thank you !')
        client.hear_end()


def three_clients_are_thanked(server):
    for said in ('你好，世界', '第二次', '倈僜倊倇'):
        hello_is_thanked(server, said)
