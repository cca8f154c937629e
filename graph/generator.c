/* What the generators share: their common options, and the loop that fills the edges of a graph in
 * parallel. */
#include "graph/generator.h"

#include <string.h>

#include "graph/random.h"

enum { EDGE_BLOCK = 1 << 16, PURPOSE_WEIGHT = 0x77 };

const gx_option gx_generator_options[] = {
    {"scale", GX_OPTION_U64, "S", "16", "2^S vertices", NULL, 0, 31},
    {"vertices", GX_OPTION_U64, "N", NULL, "N vertices, instead of --scale", NULL, 1, 4294967294.0},
    {"degree", GX_OPTION_U64, "D", "16", "D edges for each vertex", NULL, 0, 4294967295.0},
    {"edges", GX_OPTION_U64, "M", NULL, "M edges, instead of --degree", NULL, 0, 281474976710656.0},
    {"seed", GX_OPTION_U64, "S", "1", "another seed, another graph; the same seed, the same one",
        NULL, 0, 0},
    {"undirected", GX_OPTION_FLAG, NULL, NULL,
        "an undirected graph: each edge once, whichever way round", NULL, 0, 0},
    {"max-weight", GX_OPTION_U64, "W", "0", "random whole weights from 1 to W; 0: none", NULL, 0,
        4294967295.0},
    {0},
};

const gx_generator *gx_generator_named(const char *name)
{
    for (size_t i = 0; gx_generators[i] != NULL; i++)
        if (strcmp(gx_generators[i]->name, name) == 0)
            return gx_generators[i];
    return NULL;
}

gx_status gx_generator_vertices(const gx_options *options, uint32_t *n, gx_error *err)
{
    const bool given = gx_options_given(options, "vertices");
    if (given && gx_options_given(options, "scale"))
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "--vertices and --scale say the same thing: give one");
    const uint64_t scale = gx_options_u64(options, "scale");
    if (!given && scale > 31)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--scale is at most 31");
    const uint64_t wanted = given ? gx_options_u64(options, "vertices") : UINT64_C(1) << scale;
    if (wanted == 0 || wanted >= GX_NO_SLOT)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "a graph has 1 to 4294967294 vertices");
    *n = (uint32_t)wanted;
    return GX_OK;
}

gx_status gx_generator_edges(const gx_options *options, uint32_t n, uint64_t *m, gx_error *err)
{
    const bool given = gx_options_given(options, "edges");
    if (given && gx_options_given(options, "degree"))
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "--edges and --degree say the same thing: give one");
    uint64_t wanted = gx_options_u64(options, given ? "edges" : "degree");
    if ((!given && __builtin_mul_overflow(wanted, (uint64_t)n, &wanted)) || wanted > UINT64_C(1)
                                                                                         << 48)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "more than 2^48 edges are asked for");
    *m = wanted;
    return GX_OK;
}

gx_status gx_generator_no_edges(
    const gx_options *options, const char *what, const char *from, gx_error *err)
{
    for (int i = 0; i < 2; i++) {
        const char *name = i == 0 ? "edges" : "degree";
        if (gx_options_given(options, name))
            return gx_fail(err, GX_EUSAGE, GX_NOWHERE,
                "--%s does not go with %s: the edges follow from %s", name, what, from);
    }
    return GX_OK;
}

uint64_t gx_generator_owner(const uint64_t offset[], uint64_t n, uint64_t i)
{
    uint64_t lo = 0, hi = n; /* offset[lo] <= i < offset[hi] */
    while (hi - lo > 1) {
        const uint64_t mid = lo + (hi - lo) / 2;
        if (offset[mid] <= i)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

typedef struct fill_job {
    const gx_recipe *recipe;
    gx_edges edges;
    uint64_t weight_key, max_weight;
    uint64_t *seen; /* bitmap: has an edge */
} fill_job;

/* The bits are the same whoever sets them first; most are set already, and looking is cheaper than
 * locking. */
static inline void mark(uint64_t *seen, uint32_t v)
{
    const uint64_t bit = UINT64_C(1) << (v & 63);
    if ((__atomic_load_n(&seen[v >> 6], __ATOMIC_RELAXED) & bit) == 0)
        __atomic_fetch_or(&seen[v >> 6], bit, __ATOMIC_RELAXED);
}

static void fill(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const fill_job *job = ctx;
    (void)worker;
    if (gx_interrupted())
        return;
    job->recipe->edges(job->recipe->ctx, lo, hi, job->edges.src + lo, job->edges.dst + lo);
    for (uint64_t e = lo; e < hi; e++) {
        mark(job->seen, job->edges.src[e]);
        mark(job->seen, job->edges.dst[e]);
    }
    if (job->edges.weight == NULL)
        return;
    for (uint64_t e = lo; e < hi; e++) {
        gx_random r = gx_random_at(job->weight_key, e >> job->recipe->weight_shift);
        job->edges.weight[e] = (double)(1 + gx_random_below(&r, job->max_weight));
    }
}

gx_status gx_generator_make(
    const gx_options *options, const gx_recipe *recipe, gx_graph **out, gx_error *err)
{
    gx_status st = GX_OK;
    const uint64_t words = (uint64_t)recipe->n / 64 + 1;
    fill_job job = {.recipe = recipe,
        .weight_key = gx_random_key(gx_options_u64(options, "seed"), PURPOSE_WEIGHT),
        .max_weight = gx_options_u64(options, "max-weight")};
    gx_graph *g = gx_alloc_zero(1, sizeof *g);
    job.seen = gx_alloc_zero(words, sizeof *job.seen);
    if (g == NULL || job.seen == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a graph of %u vertices", recipe->n);
        goto done;
    }
    g->ids = (gx_ids){.kind = GX_IDS_U64, .slots = recipe->n, .vertices = recipe->n};
    g->directed = !gx_options_flag(options, "undirected");
    g->edges.m = recipe->m;
    g->edges.src = gx_alloc(recipe->m, sizeof *g->edges.src);
    g->edges.dst = gx_alloc(recipe->m, sizeof *g->edges.dst);
    if (job.max_weight > 0)
        g->edges.weight = gx_alloc(recipe->m, sizeof *g->edges.weight);
    if (g->edges.src == NULL || g->edges.dst == NULL ||
        (job.max_weight > 0 && g->edges.weight == NULL)) {
        st = gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "no memory for %llu edges", (unsigned long long)recipe->m);
        goto done;
    }
    job.edges = g->edges;
    gx_blocks(recipe->m, EDGE_BLOCK, fill, &job);
    if (gx_interrupted()) {
        st = gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted");
        goto done;
    }
    uint64_t with_edge = 0;
    for (uint64_t i = 0; i < words; i++)
        with_edge += (uint64_t)__builtin_popcountll(job.seen[i]);
    g->isolated = (uint32_t)(recipe->n - with_edge);
    *out = g;
    g = NULL;
done:
    gx_free(job.seen);
    gx_graph_free(g);
    return st;
}
