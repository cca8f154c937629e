/* Collecting: edges as pairs of 32-bit ids while they fit (8 bytes an edge), of 64-bit ids once a
 * larger one came. */
#include "graph/builder_priv.h"

#include <inttypes.h>
#include <string.h>

enum { COPY_BLOCK = 1 << 16 };

gx_status gx_builder_no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the graph");
}

gx_status gx_builder_new(const gx_read_options *options, gx_builder **out, gx_error *err)
{
    gx_builder *b = gx_alloc_zero(1, sizeof *b);
    if (b == NULL)
        return gx_builder_no_memory(err);
    if (options != NULL)
        b->options = *options;
    b->directed = b->options.direction != GX_UNDIRECTED;
    *out = b;
    return GX_OK;
}

void gx_builder_free(gx_builder *b)
{
    if (b == NULL)
        return;
    gx_free(b->src);
    gx_free(b->dst);
    gx_free(b->weight);
    gx_free(b->time);
    gx_free(b->vertex);
    gx_free(b->range);
    gx_intern_clear(&b->intern);
    gx_columns_clear(&b->edge);
    for (size_t i = 0; i < b->vertex_columns; i++) {
        gx_free(b->vertex_values[i].ids);
        gx_column_clear(&b->vertex_values[i].values);
    }
    gx_free(b->vertex_values);
    gx_free(b);
}

void gx_builder_directed(gx_builder *b, bool directed)
{
    if (b->options.direction == GX_AS_FORMAT)
        b->directed = directed;
}

gx_input_facts *gx_builder_facts(gx_builder *b)
{
    return &b->facts;
}

static gx_status both_kinds(gx_error *err)
{
    return gx_fail(err, GX_EDATA, GX_NOWHERE, "some ids are numbers and some are text");
}

static void raise_max(gx_builder *b, uint64_t id)
{
    if (id > b->max_id)
        b->max_id = id;
    b->any_id = true;
}

static void widen_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    void *const *job = ctx;
    const uint32_t *from = job[0];
    uint64_t *to = job[1];
    (void)worker;
    for (uint64_t i = lo; i < hi; i++)
        to[i] = from[i];
}

static gx_status widen(gx_builder *b, gx_error *err)
{
    uint64_t *src = gx_alloc(b->m, sizeof *src), *dst = gx_alloc(b->m, sizeof *dst);
    if (src == NULL || dst == NULL) {
        gx_free(src);
        gx_free(dst);
        return gx_builder_no_memory(err);
    }
    void *job_src[] = {b->src, src}, *job_dst[] = {b->dst, dst};
    gx_blocks(b->m, COPY_BLOCK, widen_block, job_src);
    gx_blocks(b->m, COPY_BLOCK, widen_block, job_dst);
    gx_free(b->src);
    gx_free(b->dst);
    b->src = src;
    b->dst = dst;
    b->src_capacity = b->dst_capacity = b->m;
    b->wide = true;
    return GX_OK;
}

/* Room for `more` edges; weights and times begin with the first edge that has one. */
static gx_status make_room(gx_builder *b, uint64_t more, bool weight, bool time, gx_error *err)
{
    const size_t width = b->wide ? sizeof(uint64_t) : sizeof(uint32_t);
    const size_t had_weight = b->weight != NULL ? b->m : 0, had_time = b->time != NULL ? b->m : 0;
    uint64_t need;
    if (__builtin_add_overflow(b->m, more, &need) ||
        !gx_grow(&b->src, &b->src_capacity, need, width) ||
        !gx_grow(&b->dst, &b->dst_capacity, need, width) ||
        ((weight || b->weight != NULL) &&
            !gx_grow((void **)&b->weight, &b->weight_capacity, need, sizeof *b->weight)) ||
        ((time || b->time != NULL) &&
            !gx_grow((void **)&b->time, &b->time_capacity, need, sizeof *b->time)))
        return gx_builder_no_memory(err);
    if (b->weight != NULL)
        for (uint64_t i = had_weight; i < b->m; i++)
            b->weight[i] = 1;
    if (b->time != NULL)
        for (uint64_t i = had_time; i < b->m; i++)
            b->time[i] = 0;
    return GX_OK;
}

/* Chunks laid end to end: block [lo, hi) of them goes to the same place behind the edges there are.
 */
typedef struct copy_job {
    gx_builder *b;
    const gx_edge_chunk *chunk;
    const uint64_t *start; /* [count + 1] of each chunk */
    size_t count;
    bool refuse_loops;
    uint64_t max, loop; /* largest id; least index of a loop */
} copy_job;

static void atomic_max(uint64_t *to, uint64_t x)
{
    uint64_t now = __atomic_load_n(to, __ATOMIC_RELAXED);
    while (now < x &&
           !__atomic_compare_exchange_n(to, &now, x, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

static void atomic_min(uint64_t *to, uint64_t x)
{
    uint64_t now = __atomic_load_n(to, __ATOMIC_RELAXED);
    while (now > x &&
           !__atomic_compare_exchange_n(to, &now, x, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

/* Copy edges [from, to) of one chunk to place `at` of the builder. */
static void copy_part(
    copy_job *job, const gx_edge_chunk *c, uint64_t from, uint64_t to, uint64_t at)
{
    gx_builder *b = job->b;
    const uint64_t n = to - from, *src = c->src + from, *dst = c->dst + from;
    uint64_t max = 0;
    if (b->wide) {
        memcpy((uint64_t *)b->src + at, src, n * sizeof *src);
        memcpy((uint64_t *)b->dst + at, dst, n * sizeof *dst);
    } else {
        uint32_t *to_src = (uint32_t *)b->src + at, *to_dst = (uint32_t *)b->dst + at;
        for (uint64_t i = 0; i < n; i++) {
            to_src[i] = (uint32_t)src[i];
            to_dst[i] = (uint32_t)dst[i];
        }
    }
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t larger = src[i] > dst[i] ? src[i] : dst[i];
        max = larger > max ? larger : max;
    }
    atomic_max(&job->max, max);
    for (uint64_t i = 0; b->weight != NULL && i < n; i++)
        b->weight[at + i] = c->weight != NULL ? c->weight[from + i] : 1;
    for (uint64_t i = 0; b->time != NULL && i < n; i++)
        b->time[at + i] = c->time != NULL ? c->time[from + i] : 0;
    for (uint64_t i = 0; job->refuse_loops && i < n; i++)
        if (src[i] == dst[i]) {
            atomic_min(&job->loop, at + i - b->m);
            break;
        }
}

static void copy_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    copy_job *job = ctx;
    size_t c = 0, last = job->count; /* the chunk that holds lo */
    (void)worker;
    while (c + 1 < last) {
        const size_t mid = c + (last - c) / 2;
        if (job->start[mid] <= lo)
            c = mid;
        else
            last = mid;
    }
    for (; lo < hi; c++) {
        const uint64_t end = job->start[c + 1] < hi ? job->start[c + 1] : hi;
        if (end > lo)
            copy_part(job, &job->chunk[c], lo - job->start[c], end - job->start[c], job->b->m + lo);
        lo = end > lo ? end : lo;
    }
}

gx_status gx_builder_edge_chunks(
    gx_builder *b, size_t count, const gx_edge_chunk chunk[], gx_error *err)
{
    gx_status st = GX_OK;
    uint64_t one[2] = {0, 0}, *start = count > 1 ? gx_alloc(count + 1, sizeof *start) : one,
             total = 0;
    bool weight = false, time = false;
    if (start == NULL)
        return gx_builder_no_memory(err);
    for (size_t c = 0; c < count; c++) {
        start[c] = total;
        total += chunk[c].m;
        weight = weight || chunk[c].weight != NULL;
        time = time || chunk[c].time != NULL;
    }
    start[count] = total;
    if (total == 0)
        goto done;
    if (b->text) {
        st = both_kinds(err);
        goto done;
    }
    copy_job job = {.b = b,
        .chunk = chunk,
        .start = start,
        .count = count,
        .refuse_loops = b->options.loops == GX_LOOPS_ERROR,
        .loop = UINT64_MAX};
    if ((st = make_room(b, total, weight, time, err)) != GX_OK)
        goto done;
    gx_blocks(total, COPY_BLOCK, copy_block, &job);
    if (!b->wide && job.max >= GX_NARROW_IDS) {
        if ((st = widen(b, err)) != GX_OK || (st = make_room(b, total, weight, time, err)) != GX_OK)
            goto done;
        gx_blocks(total, COPY_BLOCK, copy_block, &job);
    }
    if (job.loop != UINT64_MAX) {
        size_t c = 0;
        while (start[c + 1] <= job.loop)
            c++;
        st = gx_fail(err, GX_EDATA, job.loop, "the edge %" PRIu64 " %" PRIu64 " is a loop",
            chunk[c].src[job.loop - start[c]], chunk[c].dst[job.loop - start[c]]);
        gx_hint(err, "--loops keep or --loops drop");
        goto done;
    }
    raise_max(b, job.max);
    b->m += total;
done:
    if (start != one)
        gx_free(start);
    return st;
}

gx_status gx_builder_edges(gx_builder *b, uint64_t m, const uint64_t src[], const uint64_t dst[],
    const double weight[], const int64_t time[], gx_error *err)
{
    const gx_edge_chunk chunk = {m, src, dst, weight, time};
    return gx_builder_edge_chunks(b, 1, &chunk, err);
}

gx_status gx_builder_edge_text(gx_builder *b, const char *src, size_t src_length, const char *dst,
    size_t dst_length, double weight, int64_t time, bool has_weight, bool has_time, gx_error *err)
{
    uint32_t u, v;
    gx_status st;
    if (b->any_id)
        return both_kinds(err);
    if ((st = gx_intern_add(&b->intern, src, src_length, &u, err)) != GX_OK ||
        (st = gx_intern_add(&b->intern, dst, dst_length, &v, err)) != GX_OK ||
        (st = make_room(b, 1, has_weight, has_time, err)) != GX_OK)
        return st;
    b->text = true;
    if (u == v && b->options.loops == GX_LOOPS_ERROR) {
        gx_fail(err, GX_EDATA, 0, "the edge %.*s %.*s is a loop",
            (int)(src_length < 80 ? src_length : 80), src, (int)(dst_length < 80 ? dst_length : 80),
            dst);
        gx_hint(err, "--loops keep or --loops drop");
        return GX_EDATA;
    }
    ((uint32_t *)b->src)[b->m] = u;
    ((uint32_t *)b->dst)[b->m] = v;
    if (b->weight != NULL)
        b->weight[b->m] = has_weight ? weight : 1;
    if (b->time != NULL)
        b->time[b->m] = has_time ? time : 0;
    b->m++;
    return GX_OK;
}

gx_status gx_builder_vertices(gx_builder *b, uint64_t n, const uint64_t ids[], gx_error *err)
{
    size_t need;
    if (n == 0)
        return GX_OK;
    if (b->text)
        return both_kinds(err);
    if (__builtin_add_overflow(b->vertices, n, &need) ||
        !gx_grow((void **)&b->vertex, &b->vertex_capacity, need, sizeof *b->vertex))
        return gx_builder_no_memory(err);
    memcpy(b->vertex + b->vertices, ids, n * sizeof *ids);
    b->vertices = need;
    for (uint64_t i = 0; i < n; i++)
        raise_max(b, ids[i]);
    return GX_OK;
}

gx_status gx_builder_vertex_text(gx_builder *b, const char *id, size_t length, gx_error *err)
{
    uint32_t number;
    if (b->any_id)
        return both_kinds(err);
    b->text = true;
    return gx_intern_add(&b->intern, id, length, &number, err);
}

uint32_t gx_builder_text_ids(const gx_builder *b)
{
    return b->intern.count;
}

gx_status gx_builder_vertex_range(gx_builder *b, uint64_t lo, uint64_t hi, gx_error *err)
{
    if (lo >= hi)
        return GX_OK;
    if (b->text)
        return both_kinds(err);
    if (b->ranges > 0 && b->range[b->ranges - 1].hi == lo) {
        b->range[b->ranges - 1].hi = hi;
    } else {
        if (!gx_grow((void **)&b->range, &b->range_capacity, b->ranges + 1, sizeof *b->range))
            return gx_builder_no_memory(err);
        b->range[b->ranges++] = (gx_id_range){lo, hi};
    }
    raise_max(b, hi - 1);
    return GX_OK;
}
