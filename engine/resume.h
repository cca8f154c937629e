/* What lets a run go on where it was: a loop of supersteps names the pieces of memory that it needs for that, once, and a keeper
 * writes them down between supersteps. Whoever runs the engine gives it a keeper (stream/run_state.h has the one of --state);
 * without one, all of this does nothing. */
#ifndef GX_ENGINE_RESUME_H
#define GX_ENGINE_RESUME_H

#include "engine/engine.h"

/* A piece of a loop's state. No pointers in it, and no bytes that were never set. */
typedef struct gx_kept {
    const char *name; /* the same in every run */
    void *data;
    size_t bytes; /* there are; after going on with `fewer`: that were taken */
    bool fewer;   /* the one kept may have been shorter */
} gx_kept;

enum { GX_KEPT_PIECES = 16 };

/* A moment between two supersteps. */
typedef struct gx_resume_mark {
    uint32_t loop;       /* of the run, from 0 */
    const char *name;    /* of the loop */
    uint64_t superstep;  /* how many of the loop are done */
    uint64_t supersteps; /* and of the run */
    bool complete;       /* the loop has ended by itself */
} gx_resume_mark;

typedef struct gx_keeper {
    void *ctx;
    /* The moment that can be gone on from; false: there is none. */
    bool (*find)(void *ctx, gx_resume_mark *mark);
    /* Fill the pieces with what was kept then.
     * Errors  GX_EDATA they are not those that were kept, nothing was written; GX_EIO, GX_ENOMEM */
    gx_status (*load)(void *ctx, gx_kept piece[], uint32_t count, gx_error *err);
    /* Is it time, after so many supersteps of the run? */
    bool (*due)(void *ctx, uint64_t supersteps);
    gx_status (*store)(void *ctx, const gx_resume_mark *mark, const gx_kept piece[], uint32_t count,
        gx_error *err);
} gx_keeper;

/* Borrowed; for the runs over e from here on. NULL: nothing is kept. */
void gx_engine_set_keeper(gx_engine *e, const gx_keeper *keeper);

/* The keeping of one loop. All zero: it keeps nothing. */
typedef struct gx_resume {
    gx_engine *engine;
    gx_report *report; /* of the loop: its `supersteps` go on, too */
    const char *name;
    uint32_t loop;
    bool active;
} gx_resume;

/* Before a loop: take up what was kept of it.
 *   name     of the loop and the version of its state; the same program has the same loops in the same order
 *   limit    the supersteps that the loop is limited to, 0: none. What was kept beyond is not used, and not replaced
 *   piece    [count] as they are before the first superstep; filled if *resumed
 *   mark     out, if *resumed: NULL is fine
 * The report of the engine says `resumedFrom`. A loop before the one that was kept is run again, and keeps nothing meanwhile.
 * Errors  GX_EIO, GX_ENOMEM: the pieces may be half filled */
gx_status gx_resume_begin(gx_resume *k, gx_engine *e, const char *name, gx_report *report,
    uint64_t limit, gx_kept piece[], uint32_t count, gx_resume_mark *mark, bool *resumed,
    gx_error *err);

/* Is a loop of this name, which is still to come, the one that was kept? Then the next gx_resume_begin is taken for its: the loops
 * before it need not run again. */
bool gx_resume_skip_to(gx_engine *e, const char *name);

/* After a superstep that was done whole: keep the pieces if it is time. Failing to is a warning.
 *   superstep  of the loop, how many are done */
void gx_resume_step(const gx_resume *k, uint64_t superstep, const gx_kept piece[], uint32_t count);

/* The loop ends, its last superstep done whole: by itself (complete), or interrupted. One that stops at its limit keeps nothing here. */
void gx_resume_end(
    const gx_resume *k, uint64_t superstep, bool complete, const gx_kept piece[], uint32_t count);

/* Are all numbers [count] below `limit`? What indexes is not believed, whatever the checksum of the file says. */
bool gx_kept_below(const uint32_t number[], uint64_t count, uint32_t limit);

/* What identifies the graph of an engine and its cut: docs/checkpoint-format.md.
 * Cost    a look at all arcs, parallel */
uint64_t gx_engine_digest(const gx_engine *e);

#endif
