#!/usr/bin/env python3
"""Makes the golden checkpoint of version 1 from docs/checkpoint-format.md alone; XXH3 comes from libxxhash. Run in tests/golden/.

Label propagation over the edges 0 1, 1 2, 2 0, 3 3 (directed, slots are ids), after one superstep."""
import ctypes, ctypes.util, os, struct

xxh = ctypes.CDLL(ctypes.util.find_library("xxhash") or "libxxhash.so.0")
xxh.XXH3_64bits_withSeed.restype = ctypes.c_uint64
xxh.XXH3_64bits_withSeed.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint64]
h = lambda b, seed: xxh.XXH3_64bits_withSeed(b, len(b), seed)
u64 = lambda *v: struct.pack(f"<{len(v)}Q", *v)
text = lambda s: u64(len(s) + 1) + s.encode() + b"\0"
pad = lambda b: b + bytes(-len(b) % 8)
MASK = 2**64 - 1


def mix(x):
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9 & MASK
    x = (x ^ x >> 27) * 0x94d049bb133111eb & MASK
    return x ^ x >> 31


def digest(slots, arcs):
    """Of a directed graph without weights in one part; cdlp's engine holds each arc both ways."""
    both = arcs + [(v, u) for u, v in arcs]
    total = mix(slots + (1 << 32)) + mix(len(both)) + 1 + 10
    total += sum(mix((mix(v + 1) + v) & MASK) for v in range(slots))
    return (total + sum(mix((u << 32 | v) ^ mix(1)) for u, v in both)) & MASK


generation, plan = 7, "cdlp --iterations 10 --seed 1"
pieces = [("numbers", u64(1, 3)), ("label", struct.pack("<4I", 1, 0, 0, 3))]
description = text("0.1.0") + text(plan) + u64(digest(4, [(0, 1), (1, 2), (2, 0), (3, 3)]), 4, 8, 1, 0x0102030405060708, 0)
description += text("cdlp/1") + u64(1, 1, 0, len(pieces))
for i, (name, data) in enumerate(pieces):
    description += text(name) + u64(len(data), h(data, generation * 64 + i))
body = pad(description) + b"".join(pad(data) for _, data in pieces)
head = b"GXRUN\r\n\x1a" + u64(1, generation, 64 + len(body), len(description), h(description, generation), 0)
os.makedirs("run_v1", exist_ok=True)
open(f"run_v1/run-{generation:08x}", "wb").write(head + u64(h(head, 0)) + body)
