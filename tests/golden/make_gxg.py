#!/usr/bin/env python3
"""Makes the golden .gxg files of version 1 from docs/gxg.md alone; XXH3 comes from libxxhash. Run in tests/golden/."""
import ctypes, ctypes.util, struct

xxh = ctypes.CDLL(ctypes.util.find_library("xxhash") or "libxxhash.so.0")
xxh.XXH3_64bits.restype = ctypes.c_uint64
xxh.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
h = lambda b: xxh.XXH3_64bits(b, len(b))
pad = lambda b: b + bytes(-len(b) % 64)
u16, u32, u64 = (lambda v, f=f: b"".join(struct.pack("<" + f, x) for x in v) for f in "HIQ")
f64, i64 = (lambda v, f=f: b"".join(struct.pack("<" + f, x) for x in v) for f in "dq")
offsets = lambda texts: u64([sum(map(len, texts[:i])) for i in range(len(texts) + 1)])


def checksum(b):
    return h(u64([h(b[i:i + (1 << 20)]) for i in range(0, len(b), 1 << 20)]))


def write(name, directed, m, n, vertices, isolated, k, ids, sections):
    at, table, body = 128 + len(pad(bytes(32 * len(sections)))), b"", b""
    for kind, type, data in sections:
        table += struct.pack("<IIQQQ", kind, type, at, len(data), checksum(pad(data)))
        at += len(pad(data))
        body += pad(data)
    head = b"\x89GXG\r\n\x1a\n" + struct.pack("<IIIIQQ6I48xQ", 0x01020304, 1, 0, directed, at, m, n, vertices, isolated,
                                             len(sections), k, ids, checksum(pad(table)))
    open(name, "wb").write(head + u64([h(head)]) + pad(table) + body)


# Slots are ids; 3 is a hole, 5 has no edge. Every kind of column.
names = ["score", "label", "weekday", "who", "big", "ok"]
write("all_v1.gxg", 1, 4, 6, 5, 1, 3, 1, [
    (1, 0, u64([0b110111])), (5, 0, u32([0, 4, 2, 2])), (6, 0, u32([1, 0, 2, 4])), (7, 0, f64([1, .5, -2, 1e300])),
    (8, 0, i64([10, -1, 0, 2**62])), (9, 0, u16([2, 0, 1, 1])),
    (10, 0, b"".join(u32([len(s)]) + s.encode() for s in names)),
    (11, 1, f64([0, 1.5, 2, 0, 4, 5])), (11, 4, offsets([b"", b"one", b"", b"", b"vier", b"\xc3\xa9"])), (12, 0, b"onevier\xc3\xa9"),
    (13, 2, i64([1, -7, 3, 3])), (13, 5, u32([0, 5, 2**32 - 1, 1])), (13, 6, u32([9, 2**32 - 1, 0, 1])), (13, 3, bytes([0, 1, 1, 0]))])
texts = [b"ann", b"bob", b"bobby", b"zo\xc3\xab"]
write("strings_v1.gxg", 0, 2, 4, 4, 0, 0, 3, [(3, 0, offsets(texts)), (4, 0, b"".join(texts)), (5, 0, u32([3, 1])), (6, 0, u32([0, 2]))])
write("numbers_v1.gxg", 1, 1, 3, 3, 1, 0, 2, [(2, 0, u64([7, 2**63, 2**64 - 1])), (5, 0, u32([2])), (6, 0, u32([0]))])
