#!/usr/bin/env python3
"""Writes what CPython's codecs and Java's charsets make of bytes and characters, strictly: tests/tables/*/*.txt.

    python3.11 tests/tables/generate.py            all of them
    python3.11 tests/tables/generate.py --java     only Java's (a JDK 17 or later as `java`)

A file lists the characters of one codec, as runs of codes that follow one another, and then what it writes otherwise
than as the first code of the list that is read as the character:

    8140<TAB>丂丄丅      81 40 is 丂, 81 41 is 丄, ...; a backslash, {, }, and what is not printed plainly is \\u{...};
                       {...} are the characters of one code
    00-7F<TAB>=0000    00 is U+0000, and so on to 7F
    in 1B2442          the codes that follow stand behind this escape sequence
    write              what follows is about writing
    A2E3<TAB>€         is written so
    -<TAB>=E000-E757   are not written; - is also said of text
    algorithm utf-8    all is as this form of Unicode has it

A string of one or two bytes is read as these characters, one after another; where it cannot be cut into them it is
malformed. The script has tried all such strings, and every character, before it writes a file.
"""

import codecs
import itertools
import pathlib
import subprocess
import sys
import unicodedata

HERE = pathlib.Path(__file__).parent
SCALARS = [*range(0xD800), *range(0xE000, 0x110000)]

SINGLE = (
    "ascii latin-1 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-11 iso8859-13 iso8859-14"
    " iso8859-15 iso8859-16 koi8-r koi8-u cp866 mac-roman mac-cyrillic cp874 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256"
    " cp1257 cp1258"
).split()
DOUBLE = "gbk gb18030 big5 big5hkscs cp950 shift_jis cp932 euc-jp iso2022-jp euc-kr cp949".split()
UNICODE = "utf-8 utf-16-le utf-16-be utf-32-le utf-32-be".split()
# The file and the name of the charset; GB18030 is that of 2000 with -Djdk.charset.GB18030=2000.
JAVA = {
    "gbk": "GBK",
    "x-mswin-936": "x-mswin-936",
    "windows-31j": "windows-31j",
    "shift_jis": "Shift_JIS",
    "x-windows-949": "x-windows-949",
    "x-windows-950": "x-windows-950",
    "big5": "Big5",
    "gb18030-2000": "GB18030",
    "gb18030-2022": "GB18030",
    "cesu-8": "CESU-8",
    "modified-utf-8": "modified-utf-8",
}
# Escape sequences of CPython's iso2022-jp, ASCII first.
STATES = [b"", b"\x1b(J", b"\x1b$B", b"\x1b$@"]


class Peer:
    """What a codec reads (None: malformed) and writes (None: it cannot)."""

    def __init__(self, origin, decode, encode, states=(b"",), four=False, three=False):
        self.origin, self.decode, self.encode, self.states = origin, decode, encode, states
        self.four, self.three = four, three


def cpython(name):
    codec = codecs.lookup(name)

    def decode(data):
        try:
            return codec.decode(data, "strict")[0]
        except UnicodeDecodeError:
            return None

    def encode(scalar):
        try:
            return codec.encode(chr(scalar), "strict")[0]
        except UnicodeEncodeError:
            return None

    version = ".".join(map(str, sys.version_info[:3]))
    states = STATES if name == "iso2022-jp" else [b""]
    return Peer(f"CPython {version}, codec {name}", decode, encode, states, name == "gb18030", name == "euc-jp")


def java(name, charset):
    options = ["-Djdk.charset.GB18030=2000"] if name == "gb18030-2000" else []
    four = name.startswith("gb18030")
    command = ["java", *options, str(HERE / "Dump.java"), charset, *(["four"] if four else [])]
    run = subprocess.run(command, capture_output=True, check=True, text=True)
    version = subprocess.run(["java", "--version"], capture_output=True, check=True, text=True).stdout.split()[1]
    reads, writes = {}, {}
    for line in run.stdout.splitlines():
        first, second, *third = line.split("\t")
        if first:
            reads[bytes.fromhex(first)] = "".join(chr(int(scalar, 16)) for scalar in second.split())
        else:
            writes[int(second, 16)] = bytes.fromhex(third[0])
    name = f"charset {charset}" if charset != "modified-utf-8" else "DataOutput.writeUTF"
    options = f" with {options[0]}" if options else ""
    return Peer(f"Java {version}, {name}{options}", reads.get, writes.get, four=four)


def characters(peer, state):
    """The codes of one state, and what they are read as."""
    one = {}
    two = {}
    end = b"" if state in (b"", b"\x1b(J") else b"\x1b(B"
    # An escape behind another escape is the next state, not a character of this one.
    own = [byte for byte in range(256) if not state or byte != 0x1B]
    for a in own:
        if (text := peer.decode(state + bytes([a]) + end)) is not None:
            one[bytes([a])] = text
    for pair in itertools.product(own, repeat=2):
        data = bytes(pair)
        text = peer.decode(state + data + end)
        if data[:1] in one and data[1:] in one:
            assert text == one[data[:1]] + one[data[1:]], data
        elif text is not None:
            # Either one character or, behind a lead byte, none: never one byte read twice.
            assert data[:1] not in one, data
            two[data] = text
    codes = {**one, **two}
    if peer.three:
        for pair in itertools.product(range(0xA1, 0xFF), repeat=2):
            if (text := peer.decode(b"\x8f" + bytes(pair))) is not None:
                codes[b"\x8f" + bytes(pair)] = text
    if peer.four:
        for data in itertools.product(range(0x81, 0xFF), range(0x30, 0x3A), range(0x81, 0xFF), range(0x30, 0x3A)):
            if (text := peer.decode(bytes(data))) is not None:
                codes[bytes(data)] = text
    return dict(sorted(codes.items(), key=lambda code: (len(code[0]), code[0])))


def after(code):
    """The code that follows: the next last byte, or in four-byte forms the next of all."""
    if len(code) != 4 or code[1] not in b"0123456789":
        return code[:-1] + bytes([code[-1] + 1]) if code[-1] < 0xFF else b""
    digits = list(code)
    for at, (low, high) in zip((3, 2, 1, 0), ((0x30, 0x39), (0x81, 0xFE)) * 2):
        if digits[at] < high:
            digits[at] += 1
            return bytes(digits)
        digits[at] = low
    return b""


def shown(text):
    def one(c):
        plain = c.isprintable() and c not in "\\{}" and unicodedata.category(c)[0] in "LNPS" or c == " "
        return c if plain else f"\\u{{{ord(c):X}}}"

    made = "".join(map(one, text))
    return made if len(text) == 1 else f"{{{made}}}"


def listing(codes, next_code):
    """Runs of codes that follow one another."""
    runs = []
    for code, text in codes.items():
        if runs and next_code(runs[-1][-1][0]) == code:
            runs[-1].append((code, text))
        else:
            runs.append([(code, text)])
    for run in runs:
        while run:
            # As many as count up, or as many as do not.
            linear = 1
            while linear < len(run) and len(run[0][1]) == 1 and run[linear][1] == chr_or_none(ord(run[0][1]) + linear):
                linear += 1
            if linear >= 8 or linear == len(run) > 1 and len(run[0][1]) == 1 and len(run[0][0]) == 4:
                yield f"{run[0][0].hex().upper()}-{run[linear - 1][0].hex().upper()}\t={ord(run[0][1]):04X}"
                run = run[linear:]
                continue
            text = []
            at = 0
            while at < len(run) and not counts_up(run[at : at + 8]):
                text.append(shown(run[at][1]))
                at += 1
            at = max(at, 1)
            yield f"{run[0][0].hex().upper()}\t{''.join(text) or shown(run[0][1])}"
            run = run[at:]


def chr_or_none(scalar):
    return chr(scalar) if scalar < 0x110000 else None


def counts_up(run):
    return len(run) == 8 and all(len(t) == 1 for _, t in run) and all(ord(t) == ord(run[0][1]) + i for i, (_, t) in enumerate(run))


def written(peer, first):
    """What is written otherwise than as `first` has it."""
    other = {}
    for scalar in SCALARS:
        expected = first.get(chr(scalar))
        found = peer.encode(scalar)
        if found != expected:
            other[scalar] = found
    runs = []
    for scalar, found in other.items():
        last = runs[-1][-1] if runs else None
        if last and last[0] + 1 == scalar and (found is None) == (last[1] is None) and (found is None or found == after(last[1])):
            runs[-1].append((scalar, found))
        else:
            runs.append([(scalar, found)])
    for run in runs:
        code = run[0][1].hex().upper() if run[0][1] is not None else "-"
        if len(run) == 1:
            yield f"{code}\t{shown(chr(run[0][0]))}"
        else:
            yield f"{code}\t={run[0][0]:04X}-{run[-1][0]:04X}"


def table(peer):
    lines = []
    first = {}
    for state in peer.states:
        if state:
            lines.append(f"in {state.hex().upper()}")
        codes = characters(peer, state)
        for code, text in codes.items():
            end = b"\x1b(B" if state else b""
            first.setdefault(text, state + code + end)
        lines.extend(listing(codes, after))
    if other := list(written(peer, first)):
        lines.append("write")
        lines.extend(other)
    return lines


def algorithm(name, peer):
    """Tries what the form says, written out once more, of all strings of two bytes and of all characters."""

    def write(c):
        if name.startswith("utf-16"):
            units = [c] if c < 0x10000 else [0xD800 + (c - 0x10000 >> 10), 0xDC00 + (c - 0x10000 & 0x3FF)]
            return b"".join(unit.to_bytes(2, "little" if name.endswith("le") else "big") for unit in units)
        if name.startswith("utf-32"):
            return c.to_bytes(4, "little" if name.endswith("le") else "big")
        if name == "modified-utf-8" and c == 0:
            return b"\xc0\x80"
        if c < 0x80:
            return bytes([c])
        if c < 0x800:
            return bytes([0xC0 | c >> 6, 0x80 | c & 0x3F])
        if c < 0x10000:
            return bytes([0xE0 | c >> 12, 0x80 | c >> 6 & 0x3F, 0x80 | c & 0x3F])
        if name == "utf-8":
            return bytes([0xF0 | c >> 18, 0x80 | c >> 12 & 0x3F, 0x80 | c >> 6 & 0x3F, 0x80 | c & 0x3F])
        units = 0xD800 + (c - 0x10000 >> 10), 0xDC00 + (c - 0x10000 & 0x3FF)
        return b"".join(bytes([0xE0 | u >> 12, 0x80 | u >> 6 & 0x3F, 0x80 | u & 0x3F]) for u in units)

    known = {}
    for scalar in SCALARS:
        data = write(scalar)
        assert peer.encode(scalar) == data, (name, scalar)
        known[data] = chr(scalar)
    if name == "modified-utf-8":
        return  # DataInput reads what has a length in front, and nothing else.
    for a in range(256):
        one = bytes([a])
        assert peer.decode(one) == known.get(one), (name, one)
        for b in range(256):
            two = bytes([a, b])
            apart = known[one] + known[bytes([b])] if one in known and bytes([b]) in known else None
            assert peer.decode(two) == known.get(two, apart), (name, two)


def write_table(path, peer, form=None):
    lines = [f"# {peer.origin}. Written by tests/tables/generate.py, which says what stands here."]
    if form:
        algorithm(form, peer)
        lines.append(f"algorithm {form}")
    else:
        lines.extend(table(peer))
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    print(path.relative_to(HERE), path.stat().st_size)


def main():
    if "--java" not in sys.argv:
        for name in SINGLE + DOUBLE:
            write_table(HERE / "cpython" / f"{name}.txt", cpython(name))
        for name in UNICODE:
            write_table(HERE / "cpython" / f"{name}.txt", cpython(name), name)
    for name, charset in JAVA.items():
        form = name if name in ("cesu-8", "modified-utf-8") else None
        write_table(HERE / "java" / f"{name}.txt", java(name, charset), form)


if __name__ == "__main__":
    main()
