/* Whole streams over a file system in memory: kinds of streams that differ in what they keep, lives of the process that runs one, and
 * the truth that every life has to come to: a run that was never disturbed, and kept nothing. */
#ifndef GX_TESTS_LIVES_H
#define GX_TESTS_LIVES_H

#include "stream/stream.h"
#include "tests/support/fakefs.h"

enum { LIFE_BATCHES = 64 };

typedef struct life_kind {
    const char *name;
    const char *algorithm;
    const char *word; /* an option of it, or NULL */
    const char *columns;
    gx_trigger trigger;
    int64_t window, slide, delay; /* seconds; delay below 0: no watermark */
    gx_late late;
    bool weighted, text, undirected, base;
    double max_replay_ms; /* 1e-9: a checkpoint after each batch; 0: at the end alone */
    uint64_t segment_bytes;
    uint32_t keep; /* generations of checkpoints; 0: two */
    double scrub;  /* share of the time for looking again at what is kept */
} life_kind;

extern const life_kind life_kinds[];
extern const unsigned life_kinds_count;

/* What a batch was, as far as it does not depend on how often its process died. */
typedef struct life_batch {
    uint64_t vertices, edges, window_edges;
    int64_t watermark;
} life_batch;

typedef struct life_truth {
    const life_kind *kind;
    char events[200], base[200]; /* files on the real disk */
    gx_options *options;
    life_batch batch[LIFE_BATCHES];
    uint64_t batches;
    char *text; /* of the results */
    size_t size;
} life_truth;

/* Make the input of a kind (lines by the seed) in a folder and run it undisturbed; fails the test if that fails. */
void life_truth_make(
    life_truth *t, const life_kind *kind, const char *folder, uint64_t lines, uint64_t seed);
void life_truth_clear(life_truth *t);

/* What a row of lives shares, beside the disk. */
typedef struct life {
    const life_truth *truth;
    fakefs *disk;
    uint64_t told;    /* batches that whoever watches was told of: they are never told again */
    uint64_t paused;  /* how often the disk was full */
    uint64_t give_up; /* naps until the stream is stopped */
    uint64_t naps;
    uint64_t room;                  /* bytes that a nap adds to the disk */
    int64_t (*wall)(void *ctx);     /* NULL: the machine's */
    void (*before)(struct life *l); /* called before each batch is told; NULL */
} life;

/* From opening to the end, or to the first failure. Each batch that is told, and the result of a life that ends well, is held against
 * the truth; a difference fails the test. */
gx_status life_run(life *l, gx_error *err);

/* Whatever a disk holds: a life over it ends well. `what` and `number` say where it came from. */
void life_must_end_well(life *l, fakefs *disk, const char *what, uint64_t number);

#endif
