"""XML in GBK behind eight digits. The client is our own, as with every such interface; `xmllint` reads the answers."""

from client import same
from programs import need, run

# In GBK the rare characters hold the bytes of `|`, `\` and `~`.
NAMES = ['张三', '倈僜倊', '李' * 5000, 'a', 'R&amp;D', '']


def check(server):
    need('xmllint')
    requests = [xml(f'<seq>{seq}</seq><name>{name}</name>').encode('gbk') for seq, name in enumerate(NAMES)]
    refused = [
        xml('<seq>7</seq>').encode('gbk'),
        requests[0] + b'\xff',
        # Read as GBK, as the Encoding Standard has it, this is a character, which GBK then lacks.
        xml('<seq>8</seq><name>𠀀</name>').encode('gb18030'),
        # As long as a request may be; its answer would be longer.
        xml(f'<seq>9</seq><name>{"a" * (2**20 - 80)}</name>').encode('gbk'),
    ]
    with server.connect() as client:
        client.say(b''.join(map(framed, [*requests, *refused, requests[0]])))
        for seq, name in enumerate(NAMES):
            same(answer(client), f'0000 {seq} {name.replace("&amp;", "&")}，交易成功')
        same([answer(client)[:4] for _ in refused], ['9999'] * len(refused))
        same(answer(client), f'0000 0 {NAMES[0]}，交易成功')
    # What others might take for a length, with a whole request behind it.
    request = requests[0]
    for length in ('12ab5678', f'{len(request):08x}', f'{len(request):8}', f'+{len(request):07}'):
        with server.connect() as client:
            client.say(length.encode() + request)
            client.hear_end()


def xml(inside):
    return f'<?xml version="1.0" encoding="GBK"?><root>{inside}</root>'


def framed(payload):
    return b'%08d' % len(payload) + payload


def answer(client):
    length = client.hear_exactly(8)
    same(length.isdigit(), True)
    payload = client.hear_exactly(int(length))
    fields = 'concat(name(/*), " ", /*/code, " ", /*/seq, " ", /*/msg)'
    said = run('xmllint', '--encode', 'UTF-8', '--xpath', fields, '-', given=payload).decode().removesuffix('\n')
    name, _, text = said.partition(' ')
    same(name, 'root')
    return text
