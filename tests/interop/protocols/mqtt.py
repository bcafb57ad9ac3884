"""MQTT 3.1.1, with the clients of Mosquitto, and one of our own that does not read."""

import subprocess

from client import PATIENCE, Differs, same
from programs import find, need, run

TOPIC = '温度/车间1'

# Lengths that take one, two and three bytes.
PAYLOADS = [b'', b'a' * 100, '度'.encode() * 67, bytes(number % 251 for number in range(200_000))]


def check(server):
    need('mosquitto_sub', 'mosquitto_pub')
    everybody_who_has_subscribed_hears_all_in_order(server)
    a_filter_with_wildcards_is_refused(server)
    who_has_left_hears_no_more(server)
    who_does_not_read_holds_nobody_up(server)
