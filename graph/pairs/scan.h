/* Between graph/pairs.c and the scanners: one worker's view of the text. */
#ifndef GX_GRAPH_PAIRS_SCAN_H
#define GX_GRAPH_PAIRS_SCAN_H

#include "graph/pairs.h"

enum {
    GX_PAIRS_FULL = 2048, /* pairs that go to the sink at once */
    GX_PAIRS_SLACK = 8,   /* a vector store may write these behind them */
    GX_TEXT_SLACK = 64,   /* bytes that may be read (not used) behind the end of a text */
    GX_PLAIN_LINE = 4000, /* longer lines, and so those of more than 4,096 columns, are left to the
                           * general reader */
};

#define GX_WIDER_WARNING                                                                           \
    "there are more columns than were asked for: the rest is ignored (see --columns)"

typedef enum gx_scan_state {
    GX_SCAN_GOES_ON = 0,
    GX_SCAN_UNSUITED, /* something that only the general reader can take, or complain about */
    GX_SCAN_NO_MEMORY,
} gx_scan_state;

typedef struct gx_scan {
    const gx_pair_sink *sink; /* place NULL: pairs are counted and dropped (a sample) */
    unsigned worker;
    uint64_t chunk;
    uint32_t limit; /* every id is to be below it */
    char separator; /* what stands between two ids in most lines; the fast path takes no other */
    gx_scan_state state; /* anything but GOES_ON ends the scan */
    uint64_t lines, comments, edges, self_loops;
    uint64_t wider;   /* lines with further columns */
    uint32_t largest; /* id, of the pairs handed on */
    uint32_t m;       /* pairs waiting */
    _Alignas(64) uint32_t pairs[GX_PAIRS_FULL + GX_PAIRS_SLACK][2];
} gx_scan;

/* Scan the lines of [at, end), the last of which ends there, with or without a line end. Readable to end + GX_TEXT_SLACK.
 * Pairs stay waiting until there are GX_PAIRS_FULL of them: end with gx_scan_flush. */
typedef void (*gx_scan_fn)(gx_scan *s, const char *at, const char *end);
void gx_scan_plain(gx_scan *s, const char *at, const char *end);
#ifdef __x86_64__
#define GX_SCAN_VBMI 1
void gx_scan_vbmi(gx_scan *s, const char *at, const char *end);
#endif

/* The fastest one that this processor can run. */
gx_scan_fn gx_scan_best(void);

/* At most `lines` lines by the plain path; where the next one starts. */
const char *gx_scan_lines(gx_scan *s, const char *at, const char *end, unsigned lines);

/* Check the waiting pairs and give them to the sink; false (and s->state) when the scan is over. */
bool gx_scan_flush(gx_scan *s);

/* The second half of it, when the largest id and the self loops of the waiting pairs are known. */
bool gx_scan_hand_on(gx_scan *s, uint32_t largest, uint32_t loops);

/* The part of gx_pairs_read behind the question of formats and options: the text of a file from byte `first` on. */
gx_status gx_pairs_scan_file(int fd, uint64_t size, uint64_t first, const gx_pair_sink *sink,
    gx_input_facts *facts, bool *suited, gx_error *err);

/* For tests: bytes of a chunk (0: as measured best), and the scanner (NULL: the best). */
void gx_pairs_force(size_t chunk_bytes, gx_scan_fn scan);

#endif
