/* Supersteps ordered by priority: of the vertices that wait, those of the least bucket go first, in parallel, until their
 * bucket is empty. It is delta-stepping's schedule (Meyer and Sanders, 2003) with bucket fusion (Zhang et al., GraphIt's
 * ordered extension, CGO 2020): a worker goes on with its own entries of the current bucket while they are few, so a round
 * that would only be a barrier is none. For programs whose combine is idempotent: their fixed point does not depend on who
 * was first. */
#ifndef GX_ENGINE_ORDERED_H
#define GX_ENGINE_ORDERED_H

#include "engine/resume.h"

/* A vertex that waits, with its value when it was queued: an entry whose vertex has got better since is passed over. */
typedef struct gx_waiting {
    uint32_t v;
    union {
        double real;
        uint64_t whole;
    };
} gx_waiting;

enum { GX_WAITING_BLOCK = 255, GX_ORDERED_WINDOW = 256 };

typedef struct gx_waiting_block {
    struct gx_waiting_block *next;
    uint32_t count;
    gx_waiting entry[GX_WAITING_BLOCK];
} gx_waiting_block;

/* The queues of one worker; the bucket `first + i` waits in bin i, later ones in `far`. */
typedef struct gx_ordered_worker {
    gx_waiting_block *bin[GX_ORDERED_WINDOW + 1];
    uint64_t far_least; /* least bucket in `far` */
    uint64_t first;
    gx_waiting_block *spare, *slabs;
    bool failed;
    uint64_t processed, messages;
    char apart[64]; /* so that two workers do not share a line */
} gx_ordered_worker;

/* A new block in front of a bin; false: no memory, and the run ends with GX_ENOMEM. */
bool gx_ordered_block(gx_ordered_worker *w, uint32_t bin);

/* Queue a vertex under a bucket (not below the one that is being worked on). */
GX_INLINE void gx_ordered_push(gx_ordered_worker *w, uint64_t bucket, gx_waiting entry)
{
    const uint64_t ahead = bucket - w->first;
    const uint32_t bin = ahead < GX_ORDERED_WINDOW ? (uint32_t)ahead : (uint32_t)GX_ORDERED_WINDOW;
    if (bin == GX_ORDERED_WINDOW && bucket < w->far_least)
        w->far_least = bucket;
    gx_waiting_block *b = w->bin[bin];
    if (b == NULL || b->count == GX_WAITING_BLOCK) {
        if (!gx_ordered_block(w, bin))
            return;
        b = w->bin[bin];
    }
    b->entry[b->count++] = entry;
}

typedef struct gx_ordered_program {
    void *ctx;
    /* Work on entries of the current bucket: pass over those that are out of date, relax the arcs of the others and queue
     * what got better. Adds to w->processed and w->messages. Runs on several workers at once. */
    void (*relax)(void *ctx, gx_ordered_worker *w, const gx_waiting entry[], uint32_t count);
    /* The bucket of an entry, for those that waited far away. */
    uint64_t (*bucket)(const void *ctx, gx_waiting entry);
    uint64_t max_supersteps; /* rounds with a barrier; 0: no limit */
    /* Where e has a keeper, the values are kept between rounds, as pieces [pieces] under this name. NULL: they are not. Who waits
     * follows from them: every slot below `slots` whose bucket has not been passed. */
    gx_engine *keeper_of;
    const char *name;
    gx_kept *piece; /* at most GX_KEPT_PIECES - 1 */
    uint32_t pieces, slots;
    /* The entry of a slot with its value of now; false: it was not reached. */
    bool (*entry)(const void *ctx, uint32_t v, gx_waiting *entry);
} gx_ordered_program;

/* Run from one entry until nothing waits. Each round is a step of the report ("ordered"): active are the entries that were
 * worked on, messages the arcs relaxed; with fusion and more than one thread these counts (not the result) depend on timing.
 * Cost    the program's; memory for the entries that wait at once
 * Errors  GX_ENOMEM; GX_EIO of the keeper. Interrupted: GX_OK with report->stop_reason "interrupted" and the result so far. */
gx_status gx_ordered_run(
    const gx_ordered_program *p, gx_waiting start, gx_report *report, gx_error *err);

#endif
