"""MQTT 3.1.1, with the clients of Mosquitto, and one of our own that does not read."""

import subprocess

from client import PATIENCE, Differs, same
from programs import find, holds, need, run

TOPIC = '温度/车间1'

# Lengths that take one, two and three bytes.
PAYLOADS = [b'', b'a' * 100, '度'.encode() * 67, bytes(number % 251 for number in range(200_000))]

# Name and level of the protocol, a clean session, nothing to keep alive, a client without a name.
CONNECT = b'\x10\x0c\0\x04MQTT\x04\x02\0\0\0\0'
CONNACK = b'\x20\x02\0\0'
PINGREQ = b'\xc0\0'
PINGRESP = b'\xd0\0'
SUBSCRIBE = b'\x82\x0a\0\x07\0\x01a\0\0\x01b\x01'

# Of 20 000 bytes each, more than the systems in between hold and the server keeps.
MANY = 1500


def check(server):
    need('mosquitto_sub', 'mosquitto_pub', 'stdbuf')
    all_is_heard_in_order(server)
    filters_are_granted_or_not(server)
    topics_are_not_without_number(server)
    who_does_not_read_is_heard_and_misses_some(server)
    what_is_no_mqtt_is_hung_up_on(server)


def all_is_heard_in_order(server):
    with subscribed(server, TOPIC, len(PAYLOADS)) as subscriber:
        for number, payload in enumerate(PAYLOADS):
            # Of QoS 1 the publisher waits for the acknowledgement.
            publish(server, TOPIC, payload, qos=number % 2)
            publish(server, TOPIC + '/a', b'not this one', qos=1)
        same(heard(subscriber), [payload.hex().encode() for payload in PAYLOADS])


def filters_are_granted_or_not(server):
    host, port = server.address
    said = run('mosquitto_sub', '-d', '-h', host, '-p', port, '-t', '温度/+', '-W', PATIENCE, may_fail=True)
    holds(said, b'Subscribed (mid: 1): 128')
    with server.connect() as client:
        client.say(CONNECT)
        client.hear(CONNACK)
        client.say(SUBSCRIBE)
        client.hear(b'\x90\x04\0\x07\0\0')
        publish(server, 'b', b'1', qos=1)
        client.hear(b'\x30\x04\0\x01b1')
        client.say(b'\xa2\x05\0\x08\0\x01b')
        client.hear(b'\xb0\x02\0\x08')
        publish(server, 'b', b'2', qos=1)
        publish(server, 'a', b'3', qos=1)
        client.hear(b'\x30\x04\0\x01a3')
        client.say(PINGREQ)
        client.hear(PINGRESP)
        # Said again, and to be retained. It hears itself, too; before the acknowledgement, or behind it.
        client.say(b'\x3b\x06\0\x01a\0\x09!')
        packets = [b'\x30\x04\0\x01a!', b'\x40\x02\0\x09']
        answer = client.hear_exactly(10)
        same(answer in (b''.join(packets), b''.join(reversed(packets))), True)
        client.say(b'\xe0\0')
        client.hear_end()


def topics_are_not_without_number(server):
    with server.connect() as client:
        client.say(CONNECT)
        client.hear(CONNACK)
        filters = b''.join(b'\0\x03%03d\0' % number for number in range(101))
        client.say(b'\x82\xe0\x04\0\x01' + filters)
        client.hear(b'\x90\x67\0\x01' + bytes(100) + b'\x80')


def who_does_not_read_is_heard_and_misses_some(server):
    topic = b'\0\x01b'
    # A remaining length of 20 000, in three bytes.
    one, last = (b'\x30\xa0\x9c\x01' + topic + data * 19_997 for data in (b'1', b'2'))
    with server.connect() as silent, server.connect() as publisher, subscribed(server, 'c', 1) as subscriber:
        silent.say(CONNECT + SUBSCRIBE)
        silent.hear(CONNACK + b'\x90\x04\0\x07\0\0')
        publisher.say(CONNECT + MANY * one + PINGREQ)
        publisher.hear(CONNACK + PINGRESP)
        silent.say(b'\x30\x04\0\x01c!')
        same(heard(subscriber), [b'21'])
        publisher.say(last)
        count = 0
        while silent.hear_exactly(len(one)) != last:
            count += 1
        same(0 < count < MANY, True)


def what_is_no_mqtt_is_hung_up_on(server):
    for first, answer, then in (
        (b'\x10\x0c\0\x04MQTT\x05\x02\0\0\0\0', b'\x20\x02\0\x01', b''),
        (SUBSCRIBE, b'', b''),
        (CONNECT, CONNACK, CONNECT),
        (CONNECT, CONNACK, b'\x82\x06\0\x07\0\x09a\0'),
        (CONNECT, CONNACK, b'\x32\x03\0\x01a'),
        (CONNECT, CONNACK, b'\x34\x06\0\x01a\0\x09!'),
        (CONNECT, CONNACK, b'\x30\xff\xff\xff\xff\x01'),
    ):
        with server.connect() as client:
            client.say(first)
            client.hear(answer)
            client.say(then)
            client.hear_end()


def subscribed(server, topic, count):
    """Somebody who hears so many publications, and has said that he is subscribed."""
    host, port = server.address
    arguments = ['-d', '-h', host, '-p', port, '-t', topic, '-F', '%x', '-C', count, '-W', PATIENCE]
    # It would keep to itself what it prints, as long as that goes to no terminal.
    command = [find('stdbuf'), '-oL', find('mosquitto_sub'), *map(str, arguments)]
    subscriber = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for line in subscriber.stdout:
        if b'SUBACK' in line or line.startswith(b'Subscribed'):
            return subscriber
    subscriber.wait()
    raise Differs('mosquitto_sub is not subscribed')


def heard(subscriber):
    """What it prints of publications, but not of itself."""
    lines = subscriber.communicate(timeout=2 * PATIENCE)[0].splitlines()
    return [line for line in lines if not line.startswith((b'Client', b'Subscribed'))]


def publish(server, topic, payload, qos):
    host, port = server.address
    arguments = ['-s'] if payload else ['-n']
    run('mosquitto_pub', '-h', host, '-p', port, '-t', topic, '-q', qos, *arguments, given=payload)
