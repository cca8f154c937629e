/* Two-phase streaming. The edges inside a part are taken in a pass of their own, before any other
 * is placed, so that the rest are placed with full knowledge of where vertices are; place, which
 * sees all edges again in the same order, repeats those decisions by counting. */
#include "partition/two_phase_priv.h"

#include <stdlib.h>
#include <string.h>

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the clusters of vertices");
}

gx_status gx_two_phase_begin(
    const gx_partition_args *args, double share, void **state, gx_error *err)
{
    gx_two_phase *s = gx_alloc_zero(1, sizeof *s);
    if (s == NULL)
        return no_memory(err);
    gx_status st = gx_scored_init(&s->scored, args, true, err);
    if (st != GX_OK)
        goto done;
    s->cluster_capacity = args->n;
    s->most_volume = (uint64_t)((double)args->m * 2 / args->k * share);
    s->taken = gx_alloc_zero(args->k, sizeof *s->taken);
    s->seen = gx_alloc_zero(args->k, sizeof *s->seen);
    s->cluster = gx_alloc(args->n, sizeof *s->cluster);
    if (s->taken == NULL || s->seen == NULL || s->cluster == NULL) {
        st = no_memory(err);
        goto done;
    }
    memset(s->cluster, 0xff, args->n * sizeof *s->cluster);
    *state = s;
    s = NULL;
done:
    gx_two_phase_end(s);
    return st;
}

void gx_two_phase_end(void *state)
{
    gx_two_phase *s = state;
    if (s == NULL)
        return;
    gx_scored_clear(&s->scored);
    gx_free(s->cluster);
    gx_free(s->volume);
    gx_free(s->home);
    gx_free(s->taken);
    gx_free(s->seen);
    gx_free(s);
}

gx_status gx_two_phase_reach(
    gx_two_phase *s, uint64_t m, const uint32_t src[], const uint32_t dst[], gx_error *err)
{
    const uint32_t before = s->scored.sets.n;
    const gx_status st = gx_scored_reach(&s->scored, m, src, dst, err);
    const uint32_t n = s->scored.sets.n;
    if (st != GX_OK || n == before)
        return st;
    if (!gx_grow((void **)&s->cluster, &s->cluster_capacity, n, sizeof *s->cluster))
        return no_memory(err);
    memset(s->cluster + before, 0xff, (n - before) * sizeof *s->cluster);
    return GX_OK;
}

/* v's cluster, a new one if it has none; false: no memory. */
static inline bool cluster_of(gx_two_phase *s, uint32_t v, uint32_t *c)
{
    *c = s->cluster[v];
    if (*c != GX_NO_CLUSTER)
        return true;
    if (!gx_grow(
            (void **)&s->volume, &s->volume_capacity, (size_t)s->clusters + 1, sizeof *s->volume))
        return false;
    *c = s->cluster[v] = s->clusters++;
    s->volume[*c] = s->scored.degrees.of[v];
    return true;
}

/* Bring the ends of an edge together: the one whose cluster is smaller without it moves to the
 * other's, where there is room. */
static gx_status join_clusters(
    gx_two_phase *s, uint64_t m, const uint32_t src[], const uint32_t dst[], gx_error *err)
{
    const uint32_t *degree = s->scored.degrees.of;
    for (uint64_t e = 0; e < m; e++) {
        uint32_t u = src[e], v = dst[e], cu, cv;
        gx_two_phase_prefetch(s, src, dst, e, m, false);
        if (!cluster_of(s, u, &cu) || !cluster_of(s, v, &cv))
            return no_memory(err);
        if (cu == cv || s->volume[cu] > s->most_volume || s->volume[cv] > s->most_volume)
            continue;
        if (s->volume[cu] - degree[u] > s->volume[cv] - degree[v]) {
            const uint32_t w = u, cw = cu;
            u = v, cu = cv;
            v = w, cv = cw;
        }
        if (s->volume[cv] + degree[u] > s->most_volume)
            continue;
        s->volume[cu] -= degree[u];
        s->volume[cv] += degree[u];
        s->cluster[u] = cv;
    }
    return GX_OK;
}

/* Largest first, each to the part with the least volume: Graham's rule, within 4/3 of the best
 * balance. */
typedef struct bin {
    uint64_t volume;
    uint32_t part;
} bin;

static bool lighter(bin a, bin b)
{
    return a.volume < b.volume || (a.volume == b.volume && a.part < b.part);
}

static void sink(bin heap[], uint32_t k)
{
    for (uint32_t i = 0;;) {
        uint32_t least = i;
        for (uint32_t child = 2 * i + 1; child <= 2 * i + 2 && child < k; child++)
            least = lighter(heap[child], heap[least]) ? child : least;
        if (least == i)
            return;
        const bin moved = heap[i];
        heap[i] = heap[least];
        heap[least] = moved;
        i = least;
    }
}

/* A cluster as what is sorted; falling volume, then the order in which they came to be. */
typedef struct weighed {
    uint64_t volume;
    uint32_t cluster;
} weighed;

static int heavier_first(const void *a, const void *b)
{
    const weighed *x = a, *y = b;
    if (x->volume != y->volume)
        return x->volume > y->volume ? -1 : 1;
    return x->cluster < y->cluster ? -1 : 1;
}

static gx_status pack(gx_two_phase *s, gx_error *err)
{
    const uint32_t k = s->scored.loads.k;
    gx_status st = GX_OK;
    uint32_t count = 0;
    for (uint32_t c = 0; c < s->clusters; c++)
        count += s->volume[c] > 0;
    bin *heap = gx_alloc(k, sizeof *heap);
    weighed *order = gx_alloc(count, sizeof *order);
    uint16_t *home = gx_alloc_zero(s->clusters, sizeof *home);
    if (heap == NULL || order == NULL || home == NULL) {
        gx_free(home);
        st = no_memory(err);
        goto done;
    }
    for (uint32_t c = 0, i = 0; c < s->clusters; c++)
        if (s->volume[c] > 0)
            order[i++] = (weighed){s->volume[c], c};
    qsort(order, count, sizeof *order, heavier_first);
    for (uint32_t p = 0; p < k; p++)
        heap[p] = (bin){0, p};
    for (uint32_t i = 0; i < count; i++) {
        home[order[i].cluster] = (uint16_t)heap[0].part;
        heap[0].volume += order[i].volume;
        sink(heap, k);
    }
    s->home = home;
done:
    gx_free(heap);
    gx_free(order);
    return st;
}

/* Take the edges inside a part in their order, as long as it has room. */
static gx_status take_in_order(
    gx_two_phase *s, uint64_t m, const uint32_t src[], const uint32_t dst[], gx_error *err)
{
    for (uint64_t e = 0; e < m; e++) {
        gx_two_phase_prefetch(s, src, dst, e, m, true);
        const uint32_t p = gx_two_phase_home(s, src[e]);
        if (p != gx_two_phase_home(s, dst[e]) || gx_loads_full(&s->scored.loads, p))
            continue;
        if (!gx_scored_commit(&s->scored, src[e], dst[e], p))
            return no_memory(err);
        s->taken[p]++;
    }
    return GX_OK;
}

enum { BLOCK = 1 << 16 };

typedef struct taking {
    gx_two_phase *s;
    const uint32_t *src, *dst;
    uint64_t *inside;  /* [workers * k] edges inside a part */
    uint64_t *touched; /* bitmap [n]: vertices that have such an edge */
} taking;

static inline void touch(uint64_t bits[], uint32_t v)
{
    const uint64_t bit = (uint64_t)1 << (v & 63);
    if ((__atomic_load_n(&bits[v >> 6], __ATOMIC_RELAXED) & bit) == 0)
        __atomic_fetch_or(&bits[v >> 6], bit, __ATOMIC_RELAXED);
}

static void find_inside(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const taking *t = ctx;
    const gx_two_phase *s = t->s;
    uint64_t *inside = t->inside + (size_t)worker * s->scored.loads.k;
    for (uint64_t e = lo; e < hi; e++) {
        gx_two_phase_prefetch(s, t->src, t->dst, e, hi, true);
        const uint32_t p = gx_two_phase_home(s, t->src[e]);
        if (p != gx_two_phase_home(s, t->dst[e]))
            continue;
        inside[p]++;
        touch(t->touched, t->src[e]);
        touch(t->touched, t->dst[e]);
    }
}

/* Where every part has room for all edges inside it their order does not matter: all threads take them, *taken. The sets of parts are
 * still empty or hold the home only, so that adding it needs no memory. */
static gx_status take_at_once(gx_two_phase *s, uint64_t m, const uint32_t src[],
    const uint32_t dst[], bool *taken, gx_error *err)
{
    gx_status st = GX_OK;
    const uint32_t k = s->scored.loads.k, n = s->scored.sets.n;
    const unsigned workers = gx_threads();
    taking t = {s, src, dst, gx_alloc_zero((size_t)workers * k, sizeof *t.inside),
        gx_alloc_zero((size_t)n / 64 + 1, sizeof *t.touched)};
    if (t.inside == NULL || t.touched == NULL) {
        st = no_memory(err);
        goto done;
    }
    gx_blocks(m, BLOCK, find_inside, &t);
    *taken = true;
    for (uint32_t p = 0; p < k; p++) {
        for (unsigned w = 1; w < workers; w++)
            t.inside[p] += t.inside[(size_t)w * k + p];
        *taken = *taken && s->scored.loads.load[p] + t.inside[p] <= s->scored.loads.capacity;
    }
    if (!*taken)
        goto done;
    for (uint32_t v = 0; v < n; v++) {
        bool fresh;
        if ((t.touched[v >> 6] >> (v & 63) & 1) != 0)
            gx_part_sets_add(&s->scored.sets, v, s->home[s->cluster[v]], &fresh);
    }
    gx_loads_add_all(&s->scored.loads, t.inside);
    for (uint32_t p = 0; p < k; p++)
        s->taken[p] += t.inside[p];
done:
    gx_free(t.inside);
    gx_free(t.touched);
    return st;
}

static gx_status take_inside(
    gx_two_phase *s, uint64_t m, const uint32_t src[], const uint32_t dst[], gx_error *err)
{
    bool taken = false;
    if (gx_threads() > 1 && m > BLOCK && m >= s->scored.sets.n) {
        const gx_status st = take_at_once(s, m, src, dst, &taken, err);
        if (st != GX_OK || taken)
            return st;
    }
    return take_in_order(s, m, src, dst, err);
}

gx_status gx_two_phase_observe(void *state, unsigned pass, uint64_t m, const uint32_t src[],
    const uint32_t dst[], gx_error *err)
{
    gx_two_phase *s = state;
    gx_status st = GX_OK;
    if (pass == 0) {
        if ((st = gx_two_phase_reach(s, m, src, dst, err)) != GX_OK)
            return st;
        return gx_degrees_add(&s->scored.degrees, m, src, dst, err);
    }
    if (pass + 1 < GX_TWO_PHASE_PASSES)
        return join_clusters(s, m, src, dst, err);
    if (s->home == NULL && (st = pack(s, err)) != GX_OK)
        return st;
    return take_inside(s, m, src, dst, err);
}
