/* Reading .sg and .wsg. Whether there are weights is seen by the length; the inverse graph is not needed and passed over. */
#include "graph/formats/gap/gap_priv.h"

#include <inttypes.h>
#include <string.h>

enum { BLOCK = 1 << 16, VERTICES = 1 << 12, STEP = 1 << 20 };

typedef struct gap {
    gx_input *in;
    bool directed, weighted;
    uint64_t n, m; /* m: arcs */
    uint64_t *offset;
    uint32_t
        *arc; /* target, or target and weight in turn; whatever else the stream holds behind it */
    uint64_t arc_bytes; /* read of it */
    gx_graph *g;
    uint64_t wrong; /* offsets out of order, targets out of range */
    uint64_t
        one_way; /* undirected: hashes of the arcs upwards less those of the arcs downwards; 0 if each has its other */
} gap;

static gx_status bad(const gap *f, gx_error *err, const char *why)
{
    return gx_fail_at(
        err, GX_EDATA, gx_input_path(f->in), 0, 0, NULL, 0, "", "it is no sg or wsg file: %s", why);
}

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the graph");
}

static gx_status read_header(gap *f, gx_error *err)
{
    unsigned char head[GX_GAP_HEADER];
    size_t got;
    int64_t m, n;
    const gx_status st = gx_input_read(f->in, head, sizeof head, &got, err);
    if (st != GX_OK)
        return st;
    if (got < sizeof head)
        return bad(f, err, "it is shorter than a header");
    memcpy(&m, head + 1, sizeof m);
    memcpy(&n, head + 9, sizeof n);
    if (head[0] > 1 || m < 0 || n < 1 || n > INT32_MAX || m > INT64_MAX / 16)
        return bad(f, err, "its header is not possible");
    f->directed = head[0] == 1;
    f->m = (uint64_t)m;
    f->n = (uint64_t)n;
    return GX_OK;
}

/* Bytes of the file with arcs of this width. */
static uint64_t file_bytes(const gap *f, uint64_t width)
{
    return GX_GAP_HEADER + (f->directed ? 2 : 1) * ((f->n + 1) * sizeof *f->offset + f->m * width);
}

/* Exactly `length` bytes, or (length UINT64_MAX) all that come. Memory grows with them. */
static gx_status take(gap *f, uint64_t length, void **out, uint64_t *taken, gx_error *err)
{
    gx_status st = GX_OK;
    void *bytes = NULL;
    size_t capacity = 0, have = 0, got, want;
    do {
        const uint64_t left = length - have;
        const size_t step = have > STEP ? have : STEP;
        want = left < step ? (size_t)left : step;
        if (!gx_grow(&bytes, &capacity, have + want + 1, 1)) { /* one more: never NULL */
            st = no_memory(err);
            goto done;
        }
        if ((st = gx_input_read(f->in, (char *)bytes + have, want, &got, err)) != GX_OK)
            goto done;
        have += got;
    } while (got == want && have < length);
    if (length != UINT64_MAX && have < length) {
        st = bad(f, err, "it is cut off");
        goto done;
    }
    *out = bytes;
    *taken = have;
    bytes = NULL;
done:
    gx_free(bytes);
    return st;
}

/* Read offsets and arcs; the length says whether there are weights. */
static gx_status read_body(gap *f, gx_error *err)
{
    gx_status st;
    void *bytes = NULL;
    int fd;
    uint64_t size, taken;
    const bool plain = gx_input_plain(f->in, &fd, &size);
    if (plain && size != file_bytes(f, 4) && size != file_bytes(f, 8))
        return bad(f, err, "it is not as long as its header says");
    if ((st = take(f, (f->n + 1) * sizeof *f->offset, &bytes, &taken, err)) != GX_OK)
        return st;
    f->offset = bytes;
    if (plain)
        f->weighted = size != file_bytes(f, 4);
    if ((st = take(f, plain ? f->m * (f->weighted ? 8 : 4) : UINT64_MAX, &bytes, &taken, err)) !=
        GX_OK)
        return st;
    f->arc = bytes;
    size = GX_GAP_HEADER + (f->n + 1) * sizeof *f->offset + taken;
    if (!plain && size != file_bytes(f, 4) && size != file_bytes(f, 8))
        return bad(f, err, "it is not as long as its header says");
    if (!plain)
        f->weighted = size != file_bytes(f, 4);
    for (uint64_t v = 0; v < f->n; v++)
        f->wrong += f->offset[v] > f->offset[v + 1];
    return f->wrong == 0 && f->offset[0] == 0 && f->offset[f->n] == f->m
               ? GX_OK
               : bad(f, err, "its offsets are not in order");
}

/* The finaliser of MurmurHash3 (public domain), over an edge and its weight. */
static uint64_t edge_hash(uint64_t low, uint64_t high, uint64_t weight)
{
    uint64_t h = (low << 32 | high) + weight * UINT64_C(0x9e3779b97f4a7c15);
    h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
    h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

static void check_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    gap *f = ctx;
    uint64_t wrong = 0, one_way = 0;
    const uint64_t width = f->weighted ? 2 : 1;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++)
        for (uint64_t i = f->offset[v]; i < f->offset[v + 1]; i++) {
            const uint32_t to = f->arc[i * width];
            const uint32_t weight = f->weighted ? f->arc[i * width + 1] : 0;
            if (to >= f->n)
                wrong++;
            if (to > v)
                one_way += edge_hash(v, to, weight);
            else if (to < v)
                one_way -= edge_hash(to, v, weight);
        }
    __atomic_fetch_add(&f->wrong, wrong, __ATOMIC_RELAXED);
    __atomic_fetch_add(&f->one_way, one_way, __ATOMIC_RELAXED);
}

/* The arcs of v are edges; of an undirected graph those upwards, and every other one of the loops, which stand there twice. */
static uint64_t edges_of(const gap *f, uint32_t v, uint64_t at, bool count_only)
{
    gx_edges *e = &f->g->edges;
    const uint64_t width = f->weighted ? 2 : 1;
    bool twin = false;
    for (uint64_t i = f->offset[v]; i < f->offset[v + 1]; i++) {
        const uint32_t to = f->arc[i * width];
        if (!f->directed && to == v) {
            twin = !twin;
            if (!twin)
                continue;
        } else if (!f->directed && to < v) {
            continue;
        }
        if (!count_only) {
            e->src[at] = v;
            e->dst[at] = to;
            if (f->weighted)
                e->weight[at] = (int32_t)f->arc[i * width + 1];
        }
        at++;
    }
    return at;
}

typedef struct fill_job {
    const gap *f;
    uint64_t *start; /* [n + 1] first edge of each vertex; NULL: as the offsets */
} fill_job;

static void count_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const fill_job *job = ctx;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++)
        job->start[v] = edges_of(job->f, (uint32_t)v, 0, true);
}

static void fill_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const fill_job *job = ctx;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++)
        edges_of(
            job->f, (uint32_t)v, job->start != NULL ? job->start[v] : job->f->offset[v], false);
}

static gx_status make_edges(gap *f, gx_error *err)
{
    gx_status st = GX_OK;
    gx_edges *e = &f->g->edges;
    fill_job job = {.f = f};
    e->m = f->m;
    if (!f->directed) {
        uint64_t sum = 0;
        if ((job.start = gx_alloc(f->n, sizeof *job.start)) == NULL)
            return no_memory(err);
        gx_blocks(f->n, VERTICES, count_block, &job);
        for (uint64_t v = 0; v < f->n; v++) {
            const uint64_t count = job.start[v];
            job.start[v] = sum;
            sum += count;
        }
        e->m = sum;
    }
    e->src = gx_alloc(e->m, sizeof *e->src);
    e->dst = gx_alloc(e->m, sizeof *e->dst);
    if (f->weighted)
        e->weight = gx_alloc(e->m, sizeof *e->weight);
    if (e->src == NULL || e->dst == NULL || (f->weighted && e->weight == NULL)) {
        st = no_memory(err);
        goto done;
    }
    gx_blocks(f->n, VERTICES, fill_block, &job);
done:
    gx_free(job.start);
    return st;
}

static gx_status check_weights(const gap *f, const gx_read_options *options, gx_error *err)
{
    const gx_edges *e = &f->g->edges;
    for (uint64_t i = 0; f->weighted && !options->negative_weights && i < e->m; i++)
        if (e->weight[i] < 0)
            return gx_fail(err, GX_EDATA, i,
                "the edge %" PRIu32 " %" PRIu32 " has a negative weight", e->src[i], e->dst[i]);
    return GX_OK;
}

gx_status gx_gap_open(gx_input *in, const gx_read_options *options, gx_graph **out, gx_error *err)
{
    gx_status st;
    gap f = {.in = in};
    if (options->vertices != NULL) {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "--vertices does not go with an sg file, which has its vertices");
        return GX_EUSAGE;
    }
    if ((f.g = gx_alloc_zero(1, sizeof *f.g)) == NULL)
        return no_memory(err);
    if ((st = read_header(&f, err)) != GX_OK || (st = read_body(&f, err)) != GX_OK)
        goto done;
    gx_blocks(f.n, VERTICES, check_block, &f);
    if (f.wrong > 0) {
        st = bad(&f, err, "a vertex is not below its count of vertices");
        goto done;
    }
    if (!f.directed && f.one_way != 0) {
        st = bad(&f, err, "an undirected edge does not stand there both ways");
        goto done;
    }
    f.g->ids = (gx_ids){.kind = GX_IDS_U64, .slots = (uint32_t)f.n, .vertices = (uint32_t)f.n};
    if ((st = make_edges(&f, err)) != GX_OK)
        goto done;
    f.g->directed =
        options->direction == GX_AS_FORMAT ? f.directed : options->direction == GX_DIRECTED;
    f.g->input.edges = f.g->edges.m;
    f.g->input.bytes = file_bytes(&f, f.weighted ? 8 : 4);
    if ((st = check_weights(&f, options, err)) != GX_OK ||
        (st = gx_graph_reduce(f.g, options, err)) != GX_OK)
        goto done;
    *out = f.g;
    f.g = NULL;
done:
    gx_free(f.offset);
    gx_free(f.arc);
    gx_graph_free(f.g);
    return st;
}
