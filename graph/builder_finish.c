/* The last steps of a graph: loops, parallel edges, isolated vertices, property columns. */
#include "graph/builder_priv.h"

#include "graph/bitmap_priv.h"

#include <string.h>

enum { BLOCK = 1 << 16 };

/* Move the values of kept elements forward, over the others; returns how many there are. */
static uint64_t squeeze(void *data, size_t width, uint64_t n, const uint64_t *dropped)
{
    uint64_t to = 0;
    if (width == 8) {
        uint64_t *a = data;
        for (uint64_t i = 0; i < n; i++)
            if (!gx_bitmap_test(dropped, i))
                a[to++] = a[i];
    } else if (width == 4) {
        uint32_t *a = data;
        for (uint64_t i = 0; i < n; i++)
            if (!gx_bitmap_test(dropped, i))
                a[to++] = a[i];
    } else if (width == 2) {
        uint16_t *a = data;
        for (uint64_t i = 0; i < n; i++)
            if (!gx_bitmap_test(dropped, i))
                a[to++] = a[i];
    } else {
        uint8_t *a = data;
        for (uint64_t i = 0; i < n; i++)
            if (!gx_bitmap_test(dropped, i))
                a[to++] = a[i];
    }
    return to;
}

static uint64_t squeeze_text(uint64_t *offset, char *bytes, uint64_t n, const uint64_t *dropped)
{
    uint64_t to = 0, at = 0;
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t from = offset[i], length = offset[i + 1] - from;
        if (gx_bitmap_test(dropped, i))
            continue;
        if (length > 0)
            memmove(bytes + at, bytes + from, length);
        offset[to++] = at;
        at += length;
    }
    offset[to] = at;
    return to;
}

static void squeeze_column(gx_column *c, const uint64_t *dropped)
{
    c->n = c->type == GX_COLUMN_STRING ? squeeze_text(c->offset, c->bytes, c->n, dropped)
                                       : squeeze(c->data, gx_column_width(c->type), c->n, dropped);
}

void gx_builder_compact(gx_graph *g)
{
    gx_edges *e = &g->edges;
    const uint64_t m = e->m;
    e->m = squeeze(e->src, sizeof *e->src, m, g->dropped);
    squeeze(e->dst, sizeof *e->dst, m, g->dropped);
    if (e->weight != NULL)
        squeeze(e->weight, sizeof *e->weight, m, g->dropped);
    if (e->time != NULL)
        squeeze(e->time, sizeof *e->time, m, g->dropped);
    if (g->cut_part_of != NULL)
        squeeze(g->cut_part_of, sizeof *g->cut_part_of, m, g->dropped);
    for (uint32_t c = 0; c < g->edge.count; c++)
        squeeze_column(&g->edge.column[c], g->dropped);
}

typedef struct scan_job {
    const gx_graph *g;
    uint64_t *bitmap; /* of loops, or of vertices that have an edge; NULL: only count loops */
    uint64_t loops;
    uint32_t *renamed;
} scan_job;

static void loops_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    scan_job *job = ctx;
    const gx_edges *e = &job->g->edges;
    uint64_t loops = 0;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++)
        loops += e->src[i] == e->dst[i];
    __atomic_fetch_add(&job->loops, loops, __ATOMIC_RELAXED);
    for (uint64_t i = lo; loops > 0 && job->bitmap != NULL && i < hi; i++)
        if (e->src[i] == e->dst[i])
            gx_bitmap_set_atomic(job->bitmap, i);
}

static void used_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const scan_job *job = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        gx_bitmap_set_atomic(job->bitmap, job->g->edges.src[i]);
        gx_bitmap_set_atomic(job->bitmap, job->g->edges.dst[i]);
    }
}

static void rename_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const scan_job *job = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        job->g->edges.src[i] = job->renamed[job->g->edges.src[i]];
        job->g->edges.dst[i] = job->renamed[job->g->edges.dst[i]];
    }
}

/* A table without the unused ids. */
static gx_status drop_slots(gx_graph *g, uint64_t *used, gx_error *err)
{
    gx_ids *ids = &g->ids;
    const uint32_t n = ids->slots;
    uint32_t *renamed = gx_alloc(n, sizeof *renamed), kept = 0;
    if (renamed == NULL)
        return gx_builder_no_memory(err);
    for (uint32_t s = 0; s < n; s++) {
        renamed[s] = kept;
        kept += gx_bitmap_test(used, s);
    }
    scan_job job = {.g = g, .renamed = renamed};
    gx_blocks(g->edges.m, BLOCK, rename_block, &job);
    gx_free(renamed);
    for (uint64_t w = 0; w < gx_bitmap_words(n); w++)
        used[w] = ~used[w];
    if (ids->kind == GX_IDS_STRING)
        squeeze_text(ids->offset, ids->bytes, n, used);
    else
        squeeze(ids->number, sizeof *ids->number, n, used);
    for (uint32_t c = 0; c < g->vertex.count; c++)
        squeeze_column(&g->vertex.column[c], used);
    ids->slots = kept;
    return GX_OK;
}

gx_status gx_builder_isolated(gx_graph *g, bool drop, gx_error *err)
{
    gx_status st = GX_OK;
    gx_ids *ids = &g->ids;
    const uint64_t words = gx_bitmap_words(ids->slots);
    uint64_t *used = gx_alloc_zero(words, sizeof *used);
    if (used == NULL)
        return gx_builder_no_memory(err);
    scan_job job = {.g = g, .bitmap = used};
    gx_blocks(g->edges.m, BLOCK, used_block, &job);
    const uint32_t have = (uint32_t)gx_bitmap_count(used, words);
    g->isolated = ids->vertices - have;
    if (!drop || g->isolated == 0)
        goto done;
    if (ids->number == NULL && ids->kind == GX_IDS_U64) {
        gx_free(ids->present);
        ids->present = used;
        used = NULL;
    } else if ((st = drop_slots(g, used, err)) != GX_OK) {
        goto done;
    }
    ids->vertices = have;
    g->isolated = 0;
done:
    gx_free(used);
    return st;
}

static gx_status drop_loops_and_repeats(gx_graph *g, const gx_read_options *options, gx_error *err)
{
    gx_status st;
    const uint64_t m = g->edges.m;
    scan_job job = {.g = g};
    if (options->loops == GX_LOOPS_DROP) {
        if ((g->dropped = gx_alloc_zero(gx_bitmap_words(m), sizeof *g->dropped)) == NULL)
            return gx_builder_no_memory(err);
        job.bitmap = g->dropped;
    }
    gx_blocks(m, BLOCK, loops_block, &job);
    g->input.self_loops = job.loops;
    if (options->multi != GX_MULTI_KEEP && m > 0 &&
        (st = gx_builder_merge(g, options->multi, &g->input.duplicates, err)) != GX_OK)
        return st;
    if (g->dropped != NULL && (options->loops != GX_LOOPS_DROP || job.loops == 0) &&
        g->input.duplicates == 0) {
        gx_free(g->dropped); /* nothing was dropped after all */
        g->dropped = NULL;
    }
    if (g->dropped != NULL)
        gx_builder_compact(g);
    return GX_OK;
}

/* Give back what growing took too much. */
static void *trim(void *p, uint64_t n, size_t size)
{
    void *less = p != NULL ? gx_realloc(p, n, size) : NULL;
    return less != NULL ? less : p;
}

static void trim_builder(gx_builder *b)
{
    const size_t width = b->wide ? sizeof(uint64_t) : sizeof(uint32_t);
    b->src = trim(b->src, b->m, width);
    b->dst = trim(b->dst, b->m, width);
    b->weight = trim(b->weight, b->m, sizeof *b->weight);
    b->time = trim(b->time, b->m, sizeof *b->time);
    b->src_capacity = b->dst_capacity = b->weight_capacity = b->time_capacity = b->m;
}

static void trim_edges(gx_edges *e)
{
    e->src = trim(e->src, e->m, sizeof *e->src);
    e->dst = trim(e->dst, e->m, sizeof *e->dst);
    e->weight = trim(e->weight, e->m, sizeof *e->weight);
    e->time = trim(e->time, e->m, sizeof *e->time);
}

/* What has been collected becomes the graph's; the ends of edges are slots from here on. */
static gx_status take(gx_builder *b, gx_graph *g, gx_error *err)
{
    trim_builder(b);
    if ((b->src == NULL && (b->src = gx_alloc(0, 1)) == NULL) ||
        (b->dst == NULL && (b->dst = gx_alloc(0, 1)) == NULL))
        return gx_builder_no_memory(err); /* without an edge there are columns, too */
    const gx_status st =
        b->text ? gx_builder_text_slots(b, g, err) : gx_builder_number_slots(b, g, err);
    if (st != GX_OK)
        return st;
    g->directed = b->directed;
    g->edges.m = b->m;
    g->edges.weight = b->weight;
    g->edges.time = b->time;
    g->edge = b->edge;
    g->input = b->facts;
    g->input.edges = b->m;
    b->weight = NULL;
    b->time = NULL;
    b->edge = (gx_columns){0};
    return GX_OK;
}

gx_status gx_builder_finish(gx_builder *b, gx_graph **out, gx_error *err)
{
    gx_status st;
    gx_graph *g = NULL;
    if (!b->text && !b->any_id) {
        st = gx_fail(err, GX_EDATA, GX_NOWHERE, "there is no vertex in it");
        goto done;
    }
    if ((g = gx_alloc_zero(1, sizeof *g)) == NULL) {
        st = gx_builder_no_memory(err);
        goto done;
    }
    if ((st = take(b, g, err)) != GX_OK ||
        (st = drop_loops_and_repeats(g, &b->options, err)) != GX_OK ||
        (st = gx_builder_place_columns(b, g, err)) != GX_OK)
        goto done;
    if (g->dropped != NULL)
        trim_edges(&g->edges);
    if ((b->options.drop_isolated || b->text || b->vertices > 0 || b->ranges > 0 ||
            b->vertex_columns > 0 || g->dropped != NULL) &&
        (st = gx_builder_isolated(g, b->options.drop_isolated, err)) != GX_OK)
        goto done;
    if (g->ids.vertices == 0) {
        st = gx_fail(err, GX_EDATA, GX_NOWHERE, "no vertex is left in it");
        goto done;
    }
    *out = g;
    g = NULL;
done:
    gx_graph_free(g);
    return st;
}

/* Where loops are errors: the first one. */
static gx_status refuse_loops(const gx_graph *g, gx_error *err)
{
    char text[GX_ID_TEXT];
    size_t length;
    for (uint64_t e = 0; e < g->edges.m; e++)
        if (g->edges.src[e] == g->edges.dst[e]) {
            const char *id = gx_ids_text(&g->ids, g->edges.src[e], text, &length);
            gx_fail(err, GX_EDATA, e, "edge %llu is a loop at %.*s", (unsigned long long)e + 1,
                (int)(length < 80 ? length : 80), id);
            gx_hint(err, "--loops keep or --loops drop");
            return GX_EDATA;
        }
    return GX_OK;
}

gx_status gx_graph_reduce(gx_graph *g, const gx_read_options *options, gx_error *err)
{
    gx_status st;
    if (options->loops == GX_LOOPS_ERROR && (st = refuse_loops(g, err)) != GX_OK)
        return st;
    if ((st = drop_loops_and_repeats(g, options, err)) != GX_OK)
        return st;
    if (g->dropped != NULL)
        trim_edges(&g->edges);
    if ((st = gx_builder_isolated(g, options->drop_isolated, err)) != GX_OK)
        return st;
    return g->ids.vertices > 0 ? GX_OK
                               : gx_fail(err, GX_EDATA, GX_NOWHERE, "no vertex is left in it");
}
