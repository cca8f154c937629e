/* Neighbour lists by counting: degrees, ranks, then each edge is put into the lists of its ends. */
#include "partition/neighbours.h"

enum {
    EXACT = 2048,        /* degrees below are classes of their own */
    CLASSES = 2 * EXACT, /* larger ones: EXACT degrees a class, the largest together */
    BATCH = 32,          /* edges looked up at a time; divides CHUNK */
    CHUNK = 1 << 20,     /* edges between two looks at the interrupt */
};

/* Classes ascend with falling degree. */
static uint32_t class_of(uint32_t degree)
{
    const uint32_t key = degree < EXACT ? degree : EXACT + degree / EXACT;
    return CLASSES - 1 - (key < CLASSES ? key : CLASSES - 1);
}

void gx_neighbours_clear(gx_neighbours *a)
{
    gx_free(a->rank);
    gx_free(a->vertex);
    gx_free(a->first);
    gx_free(a->length);
    gx_free(a->to);
    *a = (gx_neighbours){0};
}

static gx_status count_degrees(const gx_edges *edges, uint32_t degree[], gx_error *err)
{
    bool wrapped = false;
    for (uint64_t lo = 0; lo < edges->m; lo += CHUNK) {
        const uint64_t hi = edges->m - lo < CHUNK ? edges->m : lo + CHUNK;
        for (uint64_t e = lo; e < hi; e++) {
            const uint32_t u = edges->src[e], v = edges->dst[e];
            wrapped |= ++degree[u] == 0;
            if (u != v)
                wrapped |= ++degree[v] == 0;
        }
        if (gx_interrupted())
            return gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted while counting degrees");
    }
    if (wrapped)
        return gx_fail(err, GX_EDATA, GX_NOWHERE,
            "a vertex has more than 4294967295 edges, the most this partitioner takes");
    return GX_OK;
}

typedef struct fill {
    const gx_edges *edges;
    gx_neighbours *a;
    bool between;  /* edges between high vertices stand in their lists */
    uint64_t *end; /* [n] where the next neighbour of a rank goes */
    uint32_t *lo;  /* [pieces + 1] ranks of a piece */
} fill;

/* Ranks of a few edges, so that their lists are asked for before the first is written. */
typedef struct batch {
    uint32_t count, u[BATCH], v[BATCH];
} batch;

/* The ranks from, from + 1, ..., mine of them, are the worker's own: no other's lists are looked at. */
static inline void look_up(const fill *f, uint64_t e, uint32_t from, uint32_t mine, batch *b)
{
    const uint32_t *src = f->edges->src + e, *dst = f->edges->dst + e, *rank = f->a->rank;
    b->count = f->edges->m - e < BATCH ? (uint32_t)(f->edges->m - e) : BATCH;
    for (uint32_t i = 0; i < b->count; i++) {
        b->u[i] = rank[src[i]];
        b->v[i] = rank[dst[i]];
        __builtin_prefetch(&f->end[b->u[i]], 1);
        __builtin_prefetch(&f->end[b->v[i]], 1);
    }
    for (uint32_t i = 0; i < b->count; i++) {
        const uint32_t u = b->u[i] - from < mine ? b->u[i] : from;
        const uint32_t v = b->v[i] - from < mine ? b->v[i] : from;
        __builtin_prefetch(&f->a->to[f->end[u]], 1);
        __builtin_prefetch(&f->a->to[f->end[v]], 1);
    }
}

/* Each worker goes through all edges and fills the lists of its own ranks: the lists are the same
 * whoever does it. What stands in no list, or in another's, goes to the place behind the last list: nobody can guess which it is, and a
 * store costs less than a wrong guess. */
static void fill_piece(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    (void)worker;
    const fill *f = ctx;
    const uint32_t from = f->lo[lo], mine = f->lo[hi] - from;
    const uint32_t low = f->between ? 0 : f->a->high, high = f->a->high;
    uint64_t *end = f->end, nowhere = f->a->first[f->a->n] + lo;
    uint32_t *list = f->a->to;
    batch b;
    if (mine == 0)
        return;
    for (uint64_t e = 0; e < f->edges->m; e += b.count) {
        if (e % CHUNK == 0 && gx_interrupted())
            return;
        look_up(f, e, from, mine, &b);
        for (uint32_t i = 0; i < b.count; i++) {
            const uint32_t u = b.u[i], v = b.v[i];
            const bool of_u = (u - from < mine) & (u >= low) & ((u >= high) | (v < high));
            uint64_t *at = of_u ? &end[u] : &nowhere;
            list[*at] = v;
            *at += of_u;
            const bool of_v =
                (v - from < mine) & (v >= low) & ((v >= high) | (u < high)) & (u != v);
            at = of_v ? &end[v] : &nowhere;
            list[*at] = u;
            *at += of_v;
        }
    }
}

/* Cut the ranks into pieces of about the same number of neighbours, and fill them at
 * once. */
static gx_status fill_lists(const gx_edges *edges, bool between, gx_neighbours *a, gx_error *err)
{
    const unsigned pieces = gx_threads();
    gx_status st = GX_OK;
    fill f = {.edges = edges, .a = a, .between = between};
    f.end = gx_alloc(a->n, sizeof *f.end);
    f.lo = gx_alloc((size_t)pieces + 1, sizeof *f.lo);
    if (f.end == NULL || f.lo == NULL) {
        st = gx_fail(
            err, GX_ENOMEM, GX_NOWHERE, "no memory for the neighbour lists of %u vertices", a->n);
        goto done;
    }
    for (uint32_t r = 0; r < a->n; r++)
        f.end[r] = a->first[r];
    uint32_t r = 0;
    for (unsigned p = 0; p < pieces; p++) {
        f.lo[p] = r;
        while (r < a->n && a->first[r] < a->first[a->n] / pieces * (p + 1))
            r++;
    }
    f.lo[pieces] = a->n;
    gx_blocks(pieces, 1, fill_piece, &f);
    for (r = 0; r < a->high; r++)
        a->length[r] = (uint32_t)(f.end[r] - a->first[r]);
    if (gx_interrupted())
        st =
            gx_fail(err, GX_EINTERRUPTED, GX_NOWHERE, "interrupted while building neighbour lists");
done:
    gx_free(f.end);
    gx_free(f.lo);
    return st;
}

/* Ranks, slots and lengths from degrees: counting sort by class, slots ascending inside. */
static bool rank_by_degree(uint32_t slots, const uint32_t degree[], gx_neighbours *a)
{
    uint32_t start[CLASSES + 1] = {0};
    for (uint32_t v = 0; v < slots; v++)
        start[class_of(degree[v]) + 1]++;
    for (uint32_t c = 0; c < CLASSES; c++)
        start[c + 1] += start[c];
    a->n = start[CLASSES - 1]; /* the last class has no edge */
    a->rank = gx_alloc(slots, sizeof *a->rank);
    a->vertex = gx_alloc(a->n, sizeof *a->vertex);
    a->length = gx_alloc(a->n, sizeof *a->length);
    a->first = gx_alloc((size_t)a->n + 1, sizeof *a->first);
    if (a->rank == NULL || a->vertex == NULL || a->length == NULL || a->first == NULL)
        return false;
    for (uint32_t v = 0; v < slots; v++) {
        if (degree[v] == 0)
            continue;
        const uint32_t r = start[class_of(degree[v])]++;
        a->rank[v] = r;
        a->vertex[r] = v;
        a->length[r] = degree[v];
        a->most = degree[v] > a->most ? degree[v] : a->most;
    }
    return true;
}

gx_status gx_neighbours_build(uint32_t slots, const gx_edges *edges, double tau, double limit,
    bool between, gx_neighbours *out, gx_error *err)
{
    gx_status st = GX_OK;
    gx_neighbours a = {0};
    uint32_t *degree = gx_alloc_zero(slots, sizeof *degree);
    if (degree == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the degrees of %u vertices", slots);
        goto done;
    }
    if ((st = count_degrees(edges, degree, err)) != GX_OK)
        goto done;
    if (!rank_by_degree(slots, degree, &a)) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to sort %u vertices by degree", slots);
        goto done;
    }
    gx_free(degree);
    degree = NULL;
    const double mean = a.n > 0 ? 2 * (double)edges->m / a.n : 0;
    const double most = tau * mean < limit ? tau * mean : limit;
    /* Inside a class degrees may rise again: high is a prefix of ranks, as long as the limit is
     * passed. */
    while (a.high < a.n && a.length[a.high] > most)
        a.high++;
    uint64_t total = 0;
    for (uint32_t r = 0; r < a.n; r++) {
        a.length[r] = r < a.high && !between ? 0 : a.length[r];
        a.first[r] = total;
        total += a.length[r];
    }
    a.first[a.n] = total;
    a.to = gx_alloc((size_t)total + gx_threads(), sizeof *a.to); /* see fill_piece */
    if (a.to == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the neighbour lists of %llu edges",
            (unsigned long long)edges->m);
        goto done;
    }
    if ((st = fill_lists(edges, between, &a, err)) != GX_OK)
        goto done;
    *out = a;
    a = (gx_neighbours){0};
done:
    gx_neighbours_clear(&a);
    gx_free(degree);
    return st;
}
