"""Asks for metrics as Prometheus does, and reads them with its own parser."""

import urllib.error
import urllib.request

from client import PATIENCE, same, wait_until
from programs import Missing


def are_what_has_happened(server):
    try:
        from prometheus_client.parser import text_string_to_metric_families as families
    except ImportError:
        raise Missing('prometheus-client')
    host, port = server.address

    def fetch(path, method='GET'):
        request = urllib.request.Request(f'http://{host}:{port}{path}', method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            same(response.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
            return response.read().decode()

    def samples():
        return {(sample.name, *sample.labels.values()): sample.value
                for family in families(fetch('/metrics')) for sample in family.samples}

    # The client has its end of stream a moment before the server has its own.
    wait_until(lambda: samples()['wirework_connections_closed_total',] == 1, 'the connection to be counted')
    there = samples()
    for name, value in {
        ('wirework_connections_open',): 1,
        ('wirework_connections_opened_total',): 2,
        ('wirework_connections_refused_total', 'connections'): 0,
        ('wirework_messages_bad_total',): 1,
        ('wirework_frames_received_total',): 3,
        ('wirework_frames_sent_total',): 2,
        ('wirework_bytes_received_total',): 12,
        ('wirework_bytes_sent_total',): 10,
        ('wirework_connection_duration_seconds_count',): 1,
        ('wirework_connection_duration_seconds_bucket', '+Inf'): 1,
    }.items():
        same((name, there[name]), (name, value))

    types = {family.name: family.type for family in families(fetch('/metrics'))}
    same(types['wirework_connections_open'], 'gauge')
    same(types['wirework_connections_opened'], 'counter')
    same(types['wirework_connection_duration_seconds'], 'histogram')

    for path, method, status in (('/other', 'GET', 404), ('/metrics', 'DELETE', 405)):
        try:
            fetch(path, method)
            raise AssertionError(f'{method} {path} is answered')
        except urllib.error.HTTPError as error:
            same(error.code, status)
