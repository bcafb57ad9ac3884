"""What each server example does."""

import json
import struct

from client import framed, same

# The longest message of echo_length, in bytes.
LIMIT = 1024 * 1024


def any_bytes_come_back(server):
    with server.connect() as client:
        for said in (bytes(range(256)), b'\n', bytes(100_000)):
            client.say(said)
            client.hear(said)
        client.end()
        client.hear_end()


def lines_come_back_but_for_the_malformed_one(server, encoding):
    def line(text):
        return f'{text}\n'.encode(encoding)

    with server.connect() as client:
        client.say(line('第一') + b'\xff\xff\n' + line('第三'))
        client.hear(line('第一') + line('第三'))
        client.end()
        client.hear_end()


def good_frames_come_back_before_the_end(server):
    longest = framed(bytes(LIMIT))
    with server.connect() as client:
        client.say(longest)
        client.hear(longest)
        client.say(framed(b'one') + framed(b'') + struct.pack('>I', LIMIT + 1))
        client.hear(framed(b'one') + framed(b''))
        client.hear_end()


def one_sets_and_the_other_gets(server):
    with server.connect() as one, server.connect() as other:
        same(ask(one, {'get': {'key': '键'}}), {'value': None})
        same(ask(one, {'set': {'key': '键', 'value': '一'}}), {'value': None})
        same(ask(other, {'get': {'key': '键'}}), {'value': '一'})
        same(ask(other, {'set': {'key': '键', 'value': '二'}}), {'value': '一'})
        same(ask(one, {'get': {'key': '键'}}), {'value': '二'})


def a_malformed_request_is_answered(server):
    with server.connect() as client:
        same(list(ask(client, ['no', 'request'])), ['error'])
        client.say(framed(b'{'))
        same(list(json.loads(client.hear_frame())), ['error'])
        same(ask(client, {'get': {'key': 'k'}}), {'value': None})


def everybody_hears_what_somebody_says(server):
    with server.connect() as one:
        # Who hears itself is in the room.
        one.say(b'one is here\n')
        one.hear(b'one is here\n')
        with server.connect() as other:
            other.say(b'other is here\n')
            one.hear(b'other is here\n')
            other.hear(b'other is here\n')
            one.say(b'\xff\n' + '大家好\n'.encode())
            one.hear('大家好\n'.encode())
            other.hear('大家好\n'.encode())
            other.end()
            other.hear_end()
        one.say(b'alone\n')
        one.hear(b'alone\n')


def bodies_stand_between_lines(server):
    with server.connect() as client:
        client.say(b'get greeting\r\n')
        client.hear(b'VALUE 0\r\n\r\n')
        # Ends of lines in a body are none.
        client.say(b'set greeting 7\r\nhel\r\nlo\r\nget greeting\r\nhello\r\n')
        client.hear(b'STORED\r\nVALUE 7\r\nhel\r\nlo\r\n')
        client.hear(b'ERROR say: set KEY LENGTH, or: get KEY\r\n')
        client.end()
        client.hear_end()
    with server.connect() as client:
        client.say(b'get greeting\r\n')
        client.hear(b'VALUE 7\r\nhel\r\nlo\r\n')
        client.say(b'set greeting 2\r\nabc\r\n')
        client.hear(b'ERROR the body is not followed by a line end\r\n')
        client.hear_end()


def commands_are_handled_each_by_its_own(server):
    with server.connect() as one, server.connect() as other:
        one.say('SET 键 一 二\nGET 键\n'.encode())
        one.hear('OK\n一 二\n'.encode())
        other.say('GET 键\nGET none\nASKED\nSET\n'.encode())
        other.hear('一 二\nERROR there is no such key\n键 none\nERROR say: SET KEY VALUE\n'.encode())
        # What a connection has asked for is its own.
        one.say(b'ASKED\n\xff\nGIT x\n')
        one.hear('键\nERROR there is no GIT: say SET KEY VALUE, GET KEY, ASKED or QUIT\n'.encode())
        one.say(b'QUIT\n')
        one.hear(b'BYE\n')
        one.hear_end()


def fields_are_told_apart_also_where_a_character_holds_the_delimiter(server):
    with server.connect() as client:
        # Two reads, cut in the middle of 僜.
        client.say('倈|C:\\僜'.encode('gbk')[:-1])
        client.hear('倈: 1|'.encode('gbk'))
        client.say('僜|東京|'.encode('gbk')[1:])
        client.hear('C:\\僜: 4|東京: 2|'.encode('gbk'))
        client.end()
        client.hear_end()


def ask(client, request):
    client.say(framed(json.dumps(request).encode()))
    return json.loads(client.hear_frame())
