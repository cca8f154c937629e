/* Cutting a file that is larger than memory. Each pass parses the text anew: at memory speed that costs less than anything a method does with
 * an edge, and nothing has to be kept but what is known about vertices. Streaming methods want the order of the file, so one worker
 * reads it. */
#include <string.h>

#include "graph/number.h"
#include "graph/output.h"
#include "graph/pairs.h"
#include "partition/partition.h"
#include "partition/tally_priv.h"

enum { BLOCK = 1 << 15, PART_TEXT = 6 };

typedef struct stream {
    const gx_partitioner *method;
    void *state;
    bool counting; /* the first pass */
    unsigned pass; /* then: of observe; == method->passes: place */
    uint64_t m;    /* edges, and the end of their ids: found by counting */
    uint32_t n;
    uint32_t waiting; /* edges in the block */
    uint32_t *src, *dst;
    uint16_t *part_of;
    char *text;
    gx_output *out;    /* NULL: nothing is written */
    gx_part_sets sets; /* for the quality */
    gx_tally tally;
    gx_status st; /* the first failure inside gx_pairs_read, and its error */
    gx_error err;
} stream;

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to cut the stream of edges");
}

static gx_status tally_block(stream *s)
{
    for (uint32_t e = 0; e < s->waiting; e++) {
        const uint16_t p = s->part_of[e];
        bool fresh_u, fresh_v;
        if (!gx_part_sets_add(&s->sets, s->src[e], p, &fresh_u) ||
            !gx_part_sets_add(&s->sets, s->dst[e], p, &fresh_v))
            return no_memory(&s->err);
        s->tally.replicas_of[p] += (uint64_t)fresh_u + fresh_v;
        s->tally.edges_of[p]++;
    }
    return GX_OK;
}

static gx_status write_block(stream *s)
{
    size_t length = 0;
    for (uint32_t e = 0; e < s->waiting; e++) {
        length += gx_print_u64(s->text + length, s->part_of[e]);
        s->text[length++] = '\n';
    }
    return gx_output_write(s->out, s->text, length, &s->err);
}

static gx_status take_block(stream *s)
{
    const gx_partitioner *method = s->method;
    gx_status st = GX_OK;
    if (s->waiting == 0 || s->counting)
        return GX_OK;
    if (s->pass < method->passes)
        return method->observe(s->state, s->pass, s->waiting, s->src, s->dst, &s->err);
    if (s->state != NULL)
        st = method->place(s->state, s->waiting, s->src, s->dst, s->part_of, &s->err);
    if (st == GX_OK)
        st = tally_block(s);
    if (st == GX_OK && s->out != NULL)
        st = write_block(s);
    return st;
}

static gx_status begin(
    void *ctx, uint32_t limit, uint32_t likely, uint64_t edges, unsigned workers, gx_error *err)
{
    (void)limit;
    (void)likely;
    (void)edges;
    (void)workers;
    (void)err;
    stream *s = ctx;
    s->waiting = 0;
    return GX_OK;
}

static bool place(
    void *ctx, unsigned worker, uint64_t chunk, const uint32_t (*pairs)[2], uint32_t m)
{
    (void)worker;
    (void)chunk;
    stream *s = ctx;
    if (s->counting) {
        uint32_t end = s->n;
        for (uint32_t e = 0; e < m; e++) {
            end = pairs[e][0] >= end ? pairs[e][0] + 1 : end;
            end = pairs[e][1] >= end ? pairs[e][1] + 1 : end;
        }
        s->n = end;
        s->m += m;
        return true;
    }
    if (s->waiting + m > BLOCK) {
        if ((s->st = take_block(s)) != GX_OK)
            return false;
        s->waiting = 0;
    }
    for (uint32_t e = 0; e < m; e++) {
        s->src[s->waiting + e] = pairs[e][0];
        s->dst[s->waiting + e] = pairs[e][1];
    }
    s->waiting += m;
    return true;
}

/* One pass over the file, in order: one worker. */
static gx_status read_file(stream *s, const char *path, const gx_read_options *read,
    gx_input_facts *facts, bool *suited, gx_error *err)
{
    const gx_pair_sink sink = {s, begin, place};
    const unsigned threads = gx_threads();
    gx_set_threads(1);
    gx_status st = gx_pairs_read(path, read, &sink, facts, suited, err);
    gx_set_threads(threads);
    if (s->st == GX_OK && st == GX_OK && *suited)
        st = s->st = take_block(s);
    if (s->st != GX_OK && err != NULL)
        *err = s->err;
    return s->st != GX_OK ? s->st : st;
}

static gx_status make_buffers(stream *s, uint32_t k, gx_error *err)
{
    s->src = gx_alloc(BLOCK, sizeof *s->src);
    s->dst = gx_alloc(BLOCK, sizeof *s->dst);
    s->part_of = gx_alloc_zero(BLOCK, sizeof *s->part_of); /* stays so where there is one part */
    s->text = gx_alloc(BLOCK, PART_TEXT);
    if (s->src == NULL || s->dst == NULL || s->part_of == NULL || s->text == NULL)
        return no_memory(err);
    return gx_tally_init(&s->tally, k, err);
}

/* The passes after the counting one. */
static gx_status run_passes(stream *s, const char *path, const gx_read_options *read,
    const gx_cut_options *options, uint32_t k, gx_error *err)
{
    const gx_partition_args args = {
        .n = s->n,
        .m = s->m,
        .k = k,
        .balance = options->balance != 0 ? options->balance : GX_BALANCE,
        .seed = options->seed,
        .options = options->options,
    };
    gx_status st = k > 1 ? s->method->begin(&args, &s->state, err) : GX_OK;
    s->counting = false;
    for (s->pass = k > 1 ? 0 : s->method->passes; st == GX_OK && s->pass <= s->method->passes;
         s->pass++) {
        gx_input_facts facts;
        bool suited = false;
        if (s->pass == s->method->passes) /* measuring needs memory only now */
            st = gx_part_sets_init(&s->sets, s->n, k, err);
        if (st == GX_OK)
            st = read_file(s, path, read, &facts, &suited, err);
        if (st == GX_OK && (!suited || facts.edges != s->m))
            st = gx_fail_at(
                err, GX_EIO, path, 0, 0, NULL, 0, "", "the file changed while it was read");
    }
    return st;
}

static gx_status finish(stream *s, const char *path, const gx_read_options *read,
    const gx_input_facts *facts, gx_graph **graph, gx_cut *cut, gx_error *err)
{
    gx_graph *g = gx_alloc_zero(1, sizeof *g);
    char *name = gx_alloc(strlen(path) + 1, 1);
    if (g == NULL || name == NULL) {
        gx_free(g);
        gx_free(name);
        return no_memory(err);
    }
    gx_tally_sets(&s->tally, &s->sets);
    gx_tally_quality(&s->tally, s->m, &cut->quality);
    cut->m = s->m;
    g->ids = (gx_ids){.kind = GX_IDS_U64, .slots = s->n, .vertices = (uint32_t)s->tally.vertices};
    g->directed = read->direction != GX_UNDIRECTED;
    g->edges.m = s->m;
    g->input = *facts;
    g->path = strcpy(name, path);
    *graph = g;
    return GX_OK;
}

static void clear(stream *s)
{
    if (s->state != NULL)
        s->method->end(s->state);
    gx_part_sets_clear(&s->sets);
    gx_tally_clear(&s->tally);
    gx_free(s->src);
    gx_free(s->dst);
    gx_free(s->part_of);
    gx_free(s->text);
    gx_output_abandon(s->out);
}

gx_status gx_cut_stream(const char *path, const gx_read_options *read,
    const gx_cut_options *options, const char *output, bool *suited, gx_graph **graph, gx_cut **cut,
    gx_error *err)
{
    stream s = {.counting = true};
    gx_input_facts facts = {0};
    gx_cut *made = NULL;
    const double started = gx_now_ms();
    const uint64_t held = gx_memory_peak_begin();
    *suited = false;
    gx_status st = gx_cut_check(options, &s.method, err);
    if (st != GX_OK || s.method == NULL || s.method->place == NULL || options->refine > 0)
        return st;
    const uint32_t k = options->parts > 0 ? options->parts : 1;
    if ((st = make_buffers(&s, k, err)) != GX_OK)
        goto done;
    if ((made = gx_alloc_zero(1, sizeof *made)) == NULL) {
        st = no_memory(err);
        goto done;
    }
    *made = (gx_cut){.method = s.method, .k = k};
    if ((st = read_file(&s, path, read, &facts, suited, err)) != GX_OK || !*suited)
        goto done;
    if (output != NULL && (st = gx_output_open(output, &s.out, err)) != GX_OK)
        goto done;
    if ((st = run_passes(&s, path, read, options, k, err)) != GX_OK)
        goto done;
    made->quality.seconds = (gx_now_ms() - started) / 1e3;
    made->quality.bytes = gx_memory_peak_held() - held;
    if ((st = finish(&s, path, read, &facts, graph, made, err)) != GX_OK)
        goto done;
    if (s.out != NULL) {
        st = gx_output_commit(s.out, err);
        s.out = NULL;
    }
    if (st != GX_OK) {
        gx_graph_free(*graph);
        *graph = NULL;
        goto done;
    }
    *cut = made;
    made = NULL;
done:
    clear(&s);
    gx_cut_free(made);
    return st;
}
