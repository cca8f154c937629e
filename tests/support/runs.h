/* Batch runs over a file system in memory: jobs that differ in what they keep, lives of the process that runs one, and the bytes that each
 * has to come to: those of a run that keeps nothing. */
#ifndef GX_TESTS_RUNS_H
#define GX_TESTS_RUNS_H

#include "stream/run_state.h"
#include "tests/support/fakefs.h"

enum { RUN_N = 120, RUN_M = 360, RUN_JOBS = 13 };

typedef struct run_job {
    const char *algorithm;
    const char *word[3];
    bool directed, weighted;
    double factor; /* of the weights: one that is no power of two puts sssp into doubles */
    uint32_t parts;
} run_job;

extern const run_job run_jobs[RUN_JOBS];

typedef struct run_outcome {
    unsigned char *value; /* malloc'd */
    size_t size;
    uint64_t resumed, stored, supersteps;
    bool converged;
} run_outcome;

void run_drop(run_outcome *o);

extern uint64_t run_limit;    /* supersteps of the lives that follow, 0: none */
extern run_outcome run_whole; /* what the job gives when nothing is kept */

/* The job's graph: random edges and a path, many supersteps. */
gx_graph *run_graph(const run_job *j);

/* One life of the process: folder "st" of fs (NULL: nothing is kept), a checkpoint every `every` supersteps. */
gx_status run_life(
    const gx_fs *fs, const run_job *j, uint64_t every, run_outcome *out, gx_error *err);

/* One thread, small blocks, no limit; run_whole. */
void run_set_up(const run_job *j);

/* It ended, with the bytes of run_whole; o is dropped. */
void run_expect_whole(run_outcome *o);

/* A life that has to end well. */
void run_live_on(fakefs *f, const run_job *j, uint64_t every, run_outcome *out);

/* A disk with the two newest checkpoints of a job; the path of the newest in newest [32]. */
fakefs *run_two_checkpoints(const run_job *j, char newest[32]);

#endif
