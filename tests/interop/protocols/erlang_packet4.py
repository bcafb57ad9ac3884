"""Erlang's `{packet, 4}`. The client is `gen_tcp` of Erlang/OTP."""

from client import PATIENCE, same
from programs import need, run

# A process sends all packets, while another reads the answers. The second connection is what a program of Erlang's does.
TALK = r'''
    Options = [binary, {packet, 4}, {active, false}, {nodelay, true}],
    Connect = fun() -> {ok, Socket} = gen_tcp:connect(Host, Port, Options, Patience), Socket end,
    Reverse = fun(Packet) -> list_to_binary(lists:reverse(binary_to_list(Packet))) end,

    Lengths = [0, 1, 2, 255, 256, 65535, 65536, 1048576] ++ [N * 37 rem 3000 || N <- lists:seq(1, 500)],
    Packets = [rand:bytes(Length) || Length <- Lengths],
    First = Connect(),
    spawn_link(fun() -> [ok = gen_tcp:send(First, Packet) || Packet <- Packets] end),
    lists:foreach(fun(Packet) ->
        Reversed = Reverse(Packet),
        {ok, Reversed} = gen_tcp:recv(First, 0, Patience)
    end, Packets),

    Second = Connect(),
    Term = {hello, [world, 1.5]},
    ok = gen_tcp:send(Second, term_to_binary(Term)),
    {ok, Answer} = gen_tcp:recv(Second, 0, Patience),
    Term = binary_to_term(Reverse(Answer)),
    {error, timeout} = gen_tcp:recv(Second, 0, 50),

    io:put_chars("content"),
    halt(0).
'''


def check(server):
    need('erl')
    host, port = server.address
    where = f'Host = "{host}", Port = {port}, Patience = {PATIENCE * 1000},'
    same(run('erl', '-noshell', '-eval', where + TALK, ERL_CRASH_DUMP_SECONDS='0'), b'content')
