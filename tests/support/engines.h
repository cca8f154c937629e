/* Small graphs and engines over cuts of them, for tests of engine/ and algorithms/. */
#ifndef GX_TESTS_ENGINES_H
#define GX_TESTS_ENGINES_H

#include "algorithms/algorithm.h"

/* A graph over n slots that are their own ids; the columns are copied, weight may be NULL. */
gx_graph *graph_of(
    uint32_t n, uint64_t m, const uint32_t (*edges)[2], const double *weight, bool directed);

/* m random edges, endpoints drawn so that a few vertices are hubs; loops, parallel and isolated ones occur. With `weighted` the
 * weights are multiples of 1/4 from 0 up, every fifth is 0. */
gx_graph *random_graph(uint32_t n, uint64_t m, bool directed, bool weighted, uint64_t seed);

/* An engine that owns g, over a random cut into k parts. */
gx_engine *engine_of(gx_graph *g, uint32_t k, unsigned needs, uint64_t seed);
gx_cut *random_cut(uint64_t m, uint32_t k, uint64_t seed);

/* Options of an algorithm from words "name=value" or "name", NULL at the end. */
gx_options *options_of(const gx_algorithm *a, const char *const words[]);

/* Run an algorithm over g (owned) cut into k parts; fails the test on an error. */
void run_on(gx_graph *g, uint32_t k, uint64_t seed, const char *algorithm,
    const char *const words[], gx_result *out);

uint64_t next_random(uint64_t *state);

/* A Graphalytics example: NAME.v and NAME.e, as a graph whose slots ascend with the ids. NULL (test to be left) when absent. */
gx_graph *graphalytics_graph(const char *name, bool directed, bool weighted);

/* For every way that an allocation can fail: run fails cleanly with GX_ENOMEM, nothing stays held; at last it succeeds. */
void fail_each_allocation(gx_status (*run)(void *ctx), void *ctx);

#endif
