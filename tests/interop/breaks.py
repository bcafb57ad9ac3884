"""Where the tutorial's server breaks."""

from collections import Counter

from client import Differs, same

HELLO = '你好，世界'.encode('gbk')
THANKS = b'thank you !'


def a_silent_client_delays_nobody(server, patience='10'):
    with server.connect() as silent, server.connect() as second:
        second.socket.settimeout(float(patience))
        second.say(HELLO)
        second.hear(THANKS)
        second.hear_end()
        silent.say(HELLO)
        silent.hear(THANKS)
        silent.hear_end()


def a_character_in_two_segments_is_answered_once_it_is_whole(server):
    with server.connect() as client:
        client.say(HELLO[:1])
        client.wait_until_read()
        client.say(HELLO[1:])
        client.hear(THANKS)
        client.hear_end()


def segments_cut_anywhere_come_back_joined(server):
    cut_and_come_back(server, range(1, len(HELLO)))


def segments_cut_between_characters_come_back(server):
    cut_and_come_back(server, range(2, len(HELLO), 2))


def cut_and_come_back(server, cuts):
    for cut in cuts:
        with server.connect() as client:
            client.say(HELLO[:cut])
            client.wait_until_read()
            client.say(HELLO[cut:])
            client.hear(HELLO)
            client.end()
            client.hear_end()


def two_lines_in_one_segment_are_two_messages(server):
    # Both end in CR LF and are answered with LF alone: only who tells them apart takes off the first end, too.
    with server.connect() as client:
        client.say('第一\r\n第二\r\n'.encode('gbk'))
        client.end()
        heard = b''.join(iter(lambda: client.socket.recv(1024), b''))
        same(heard.decode('gbk'), '第一\n第二\n')


def two_lines_one_after_the_other_are_two_messages(server):
    with server.connect() as client:
        for line in ('第一', '第二'):
            client.say(f'{line}\r\n'.encode('gbk'))
            client.hear(f'{line}\n'.encode('gbk'))


def more_than_is_read_is_thanked_200_times(server):
    ends = Counter(how_it_ends(server, HELLO * 20_000) for _ in range(200))
    same(ends, Counter({'thanked': 200}))


def far_more_than_the_system_holds_is_thanked(server):
    # Who says so much waits until the server takes it: a server that takes no more has to break the connection.
    same(how_it_ends(server, HELLO * 700_000), 'thanked')


def how_it_ends(server, said):
    with server.connect() as client:
        try:
            client.say(said)
            client.hear(THANKS)
            client.hear_end()
            # A reset that comes behind the end of the stream shows only to who goes on talking.
            client.say(said)
        except (ConnectionError, Differs) as error:
            return type(error).__name__
        return 'thanked'


def malformed_gbk_is_thanked(server):
    with server.connect() as client:
        client.say('你'.encode('gbk') + b'\xff' + '好'.encode('gbk'))
        client.hear(THANKS)
        client.hear_end()


def half_a_character_and_the_end_is_thanked(server):
    with server.connect() as client:
        client.say(HELLO[:1])
        client.end()
        client.hear(THANKS)
        client.hear_end()


def a_malformed_line_is_skipped_and_the_next_answered(server):
    with server.connect() as client:
        client.say('好\n'.encode('gbk'))
        client.hear('好\n'.encode('gbk'))
        client.say('你'.encode('gbk') + b'\xff\n')
        # Apart, so that a server that takes what it gets in one go for a message can do it right.
        client.wait_until_read()
        client.say('世界\n'.encode('gbk'))
        client.hear('世界\n'.encode('gbk'))
        client.end()
        client.hear_end()
