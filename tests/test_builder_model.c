/* graph/builder*.c: against a naive model that keeps ids as text and looks at everything the slow
 * way. */
#include "graph/builder.h"
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t state;

static uint64_t next(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * UINT64_C(2685821657736338717);
}

static uint64_t below(uint64_t n)
{
    return (next() >> 20) % n;
}

/* One edge line, or one vertex, of the input. */
typedef struct line {
    char src[24], dst[24];
    double weight;
    int64_t time;
    bool gone;
} line;

enum { MOST = 400 };

typedef struct input {
    gx_read_options options;
    line edge[MOST];
    char extra[MOST][24]; /* vertices */
    unsigned m, extras;
    bool text, weighted, timed, columns;
} input;

/* Ids of a kind: dense, with holes, sparse, huge, text. */
static void make_id(unsigned kind, char to[24])
{
    static const char *const words[] = {
        "a", "ab", "abcdefgh", "abcdefghi", "abcdefgh1", "b", "B", "\xc3\xa9", "z z", "10", "9"};
    const uint64_t x = below(30);
    if (kind == 0)
        sprintf(to, "%" PRIu64, x);
    else if (kind == 1)
        sprintf(to, "%" PRIu64, x * 97 % 1000);
    else if (kind == 2)
        sprintf(to, "%" PRIu64, x * 1000 + 3);
    else if (kind == 3)
        sprintf(to, "%" PRIu64, x == 0 ? 0 : UINT64_MAX - x * x * x * 1000003 + 1000003);
    else if (kind == 4)
        sprintf(to, "%" PRIu64, (uint64_t)UINT32_MAX - 3 + x % 6); /* across the narrow limit */
    else
        sprintf(to, "%s%" PRIu64, words[x % 11], x / 11);
}

enum { KINDS = 6 };

static void make_input(input *in, unsigned kind)
{
    static const gx_loops loops[] = {GX_LOOPS_KEEP, GX_LOOPS_DROP};
    static const gx_multi multi[] = {
        GX_MULTI_KEEP, GX_MULTI_FIRST, GX_MULTI_SUM, GX_MULTI_MIN, GX_MULTI_MAX, GX_MULTI_COUNT};
    *in = (input){.m = (unsigned)below(below(4) == 0 ? 4 : MOST), .text = kind == KINDS - 1};
    in->options.loops = loops[below(2)];
    in->options.multi = multi[below(6)];
    in->options.direction = below(2) == 0 ? GX_DIRECTED : GX_UNDIRECTED;
    in->options.drop_isolated = below(3) == 0;
    in->weighted = below(2) == 0;
    in->timed = below(2) == 0;
    in->columns = below(2) == 0;
    in->extras = below(2) == 0 ? 0 : (unsigned)below(20);
    if (in->m == 0 && in->extras == 0)
        in->extras = 1;
    for (unsigned i = 0; i < in->m; i++) {
        make_id(kind, in->edge[i].src);
        make_id(kind, in->edge[i].dst);
        in->edge[i].weight = in->weighted ? (double)below(64) / 4 : 1;
        in->edge[i].time = in->timed ? (int64_t)below(1000) : 0;
    }
    for (unsigned i = 0; i < in->extras; i++)
        make_id(kind, in->extra[i]);
}

static bool same_ends(const input *in, const line *a, const line *b)
{
    if (strcmp(a->src, b->src) == 0 && strcmp(a->dst, b->dst) == 0)
        return true;
    return in->options.direction == GX_UNDIRECTED && strcmp(a->src, b->dst) == 0 &&
           strcmp(a->dst, b->src) == 0;
}

static int by_id(const void *a, const void *b)
{
    const char *x = a, *y = b;
    return strcmp(x, y);
}

static int by_number(const void *a, const void *b)
{
    const uint64_t x = strtoull(a, NULL, 10), y = strtoull(b, NULL, 10);
    return x < y ? -1 : x > y;
}

/* The model: marks edges gone, folds weights; the sorted vertices. */
typedef struct model {
    line edge[MOST];
    char vertex[3 * MOST][24];
    unsigned vertices, isolated, loops, merged;
} model;

static void add_vertex(model *o, const char *id)
{
    for (unsigned i = 0; i < o->vertices; i++)
        if (strcmp(o->vertex[i], id) == 0)
            return;
    strcpy(o->vertex[o->vertices++], id);
}

static void fold(gx_multi how, line *into, const line *e)
{
    if (how == GX_MULTI_SUM || how == GX_MULTI_COUNT)
        into->weight += e->weight;
    else if (how == GX_MULTI_MIN && e->weight < into->weight)
        into->weight = e->weight;
    else if (how == GX_MULTI_MAX && e->weight > into->weight)
        into->weight = e->weight;
}

static void run_model(const input *in, model *o)
{
    memset(o, 0, sizeof *o);
    memcpy(o->edge, in->edge, sizeof o->edge);
    for (unsigned i = 0; i < in->m; i++) {
        line *e = &o->edge[i];
        if (in->options.multi == GX_MULTI_COUNT)
            e->weight = 1;
        if (strcmp(e->src, e->dst) == 0) {
            o->loops++;
            e->gone = in->options.loops == GX_LOOPS_DROP;
        }
    }
    for (unsigned i = 0; i < in->m; i++)
        for (unsigned j = 0; in->options.multi != GX_MULTI_KEEP && !o->edge[i].gone && j < i; j++)
            if (!o->edge[j].gone && same_ends(in, &o->edge[j], &o->edge[i])) {
                fold(in->options.multi, &o->edge[j], &o->edge[i]);
                o->edge[i].gone = true;
                o->merged++;
            }
    for (unsigned i = 0; i < in->m; i++)
        if (!o->edge[i].gone) {
            add_vertex(o, o->edge[i].src);
            add_vertex(o, o->edge[i].dst);
        }
    const unsigned used = o->vertices;
    for (unsigned i = 0; i < in->m; i++) {
        add_vertex(o, o->edge[i].src);
        add_vertex(o, o->edge[i].dst);
    }
    for (unsigned i = 0; i < in->extras; i++)
        add_vertex(o, in->extra[i]);
    if (in->options.drop_isolated)
        o->vertices = used;
    o->isolated = o->vertices - used;
    qsort(o->vertex, o->vertices, sizeof o->vertex[0], in->text ? by_id : by_number);
}

static gx_status add_numbers(const input *in, gx_builder *b, gx_error *err)
{
    uint64_t src[MOST], dst[MOST], extra[MOST];
    double weight[MOST];
    int64_t time[MOST];
    gx_status st = GX_OK;
    for (unsigned i = 0; i < in->m; i++) {
        src[i] = strtoull(in->edge[i].src, NULL, 10);
        dst[i] = strtoull(in->edge[i].dst, NULL, 10);
        weight[i] = in->edge[i].weight;
        time[i] = in->edge[i].time;
    }
    for (unsigned i = 0; i < in->extras; i++)
        extra[i] = strtoull(in->extra[i], NULL, 10);
    const unsigned third = in->m / 3; /* one call, then several chunks, one of them empty */
    const gx_edge_chunk chunk[] = {
        {third, src + third, dst + third, in->weighted ? weight + third : NULL,
            in->timed ? time + third : NULL},
        {0, NULL, NULL, NULL, NULL},
        {in->m - 2 * third, src + 2 * third, dst + 2 * third,
            in->weighted ? weight + 2 * third : NULL, in->timed ? time + 2 * third : NULL}};
    if ((st = gx_builder_edges(b, third, src, dst, in->weighted ? weight : NULL,
             in->timed ? time : NULL, err)) != GX_OK ||
        (st = gx_builder_edge_chunks(b, 3, chunk, err)) != GX_OK)
        return st;
    return gx_builder_vertices(b, in->extras, extra, err);
}

static gx_status add_texts(const input *in, gx_builder *b, gx_error *err)
{
    gx_status st = GX_OK;
    for (unsigned i = 0; i < in->m && st == GX_OK; i++)
        st = gx_builder_edge_text(b, in->edge[i].src, strlen(in->edge[i].src), in->edge[i].dst,
            strlen(in->edge[i].dst), in->edge[i].weight, in->edge[i].time, in->weighted, in->timed,
            err);
    for (unsigned i = 0; i < in->extras && st == GX_OK; i++)
        st = gx_builder_vertex_text(b, in->extra[i], strlen(in->extra[i]), err);
    return st;
}

/* Edge columns: line number and its text; vertex columns: the length of the id, by number or by
 * text. */
static gx_status add_columns(const input *in, gx_builder *b, gx_error *err)
{
    gx_column number = {0}, text = {0}, flag = {0}, length = {0};
    char bytes[MOST * 4];
    uint64_t ids[MOST];
    gx_status st;
    if ((st = gx_column_init(&number, "number", GX_COLUMN_I64, in->m, err)) != GX_OK ||
        (st = gx_column_init(&text, "text", GX_COLUMN_STRING, in->m, err)) != GX_OK ||
        (st = gx_column_init(&flag, "flag", GX_COLUMN_BOOL, in->m, err)) != GX_OK)
        goto done;
    text.bytes = bytes;
    for (unsigned i = 0; i < in->m; i++) {
        number.i64[i] = i;
        flag.boolean[i] = i % 3 == 0;
        text.offset[i + 1] = text.offset[i] + (unsigned)sprintf(bytes + text.offset[i], "%.*u",
                                                  i % 5 == 0 ? 0 : 1, i % 5 == 0 ? 0 : i);
    }
    if ((st = gx_builder_edge_column(b, &number, err)) != GX_OK ||
        (st = gx_builder_edge_column(b, &text, err)) != GX_OK ||
        (st = gx_builder_edge_column(b, &flag, err)) != GX_OK)
        goto done;
    const unsigned n = in->text ? gx_builder_text_ids(b) : in->extras;
    if ((st = gx_column_init(
             &length, "length", in->text ? GX_COLUMN_F64 : GX_COLUMN_STRING, n, err)) != GX_OK)
        goto done;
    if (in->text) {
        for (unsigned i = 0; i < n; i++)
            length.f64[i] = i + 1; /* in the order they came */
        st = gx_builder_vertex_text_column(b, &length, err);
        goto done;
    }
    length.bytes = bytes;
    for (unsigned i = 0; i < n; i++) {
        ids[i] = strtoull(in->extra[i], NULL, 10);
        length.offset[i + 1] = length.offset[i] + 1;
        bytes[i] = in->extra[i][strlen(in->extra[i]) - 1];
    }
    st = gx_builder_vertex_column(b, ids, &length, err);
done:
    text.bytes = NULL;
    length.bytes = NULL;
    gx_column_clear(&number);
    gx_column_clear(&text);
    gx_column_clear(&flag);
    gx_column_clear(&length);
    return st;
}

static gx_status build(const input *in, gx_graph **g, gx_error *err)
{
    gx_builder *b = NULL;
    gx_status st = gx_builder_new(&in->options, &b, err);
    if (st == GX_OK)
        st = in->text ? add_texts(in, b, err) : add_numbers(in, b, err);
    if (st == GX_OK && in->columns)
        st = add_columns(in, b, err);
    if (st == GX_OK)
        st = gx_builder_finish(b, g, err);
    gx_builder_free(b);
    return st;
}

static void check_id(const gx_graph *g, uint32_t s, const char *expected)
{
    char buffer[GX_ID_TEXT];
    size_t length;
    const char *text = gx_ids_text(&g->ids, s, buffer, &length);
    REQUIRE((length) == (strlen(expected)));
    REQUIRE(memcmp(text, expected, length) == 0);
    REQUIRE(gx_ids_present(&g->ids, s));
}

static void check_edge_columns(const gx_graph *g, uint64_t e, unsigned i)
{
    char text[8];
    const gx_column *t = gx_columns_find(&g->edge, "text");
    REQUIRE((gx_columns_find(&g->edge, "number")->i64[e]) == (i));
    REQUIRE((gx_columns_find(&g->edge, "flag")->boolean[e]) == (i % 3 == 0));
    const unsigned length = i % 5 == 0 ? 0 : (unsigned)sprintf(text, "%u", i);
    REQUIRE((t->offset[e + 1] - t->offset[e]) == (length));
    REQUIRE(length == 0 || memcmp(t->bytes + t->offset[e], text, length) == 0);
    REQUIRE((t->n) == (g->edges.m));
}

static void check_vertex_column(const input *in, const gx_graph *g, uint32_t s, const char *id)
{
    const gx_column *c = gx_columns_find(&g->vertex, "length");
    REQUIRE((c->n) == (g->ids.slots));
    if (!in->text) {
        bool listed = false;
        for (unsigned i = 0; i < in->extras; i++)
            listed = listed || strcmp(in->extra[i], id) == 0;
        REQUIRE((c->offset[s + 1] - c->offset[s]) == (listed));
        REQUIRE(!listed || c->bytes[c->offset[s]] == id[strlen(id) - 1]);
        return;
    }
    char seen[3 * MOST][24]; /* ids in the order they came */
    unsigned count = 0;
    for (unsigned i = 0; i < 2 * in->m + in->extras; i++) {
        const char *t = i < 2 * in->m ? (i % 2 == 0 ? in->edge[i / 2].src : in->edge[i / 2].dst)
                                      : in->extra[i - 2 * in->m];
        unsigned j = 0;
        while (j < count && strcmp(seen[j], t) != 0)
            j++;
        if (j == count)
            strcpy(seen[count++], t);
        if (strcmp(t, id) == 0) {
            REQUIRE((c->f64[s]) == (j + 1));
            return;
        }
    }
    ck_abort_msg("%s is not in the input", id);
}

static void check_graph(const input *in, const model *o, const gx_graph *g)
{
    unsigned slot = 0;
    REQUIRE((g->directed) == (in->options.direction == GX_DIRECTED));
    REQUIRE((g->ids.vertices) == (o->vertices));
    REQUIRE((g->isolated) == (o->isolated));
    REQUIRE((g->input.edges) == (in->m));
    REQUIRE((g->input.self_loops) == (o->loops));
    REQUIRE((g->input.duplicates) == (o->merged));
    for (unsigned i = 0; i < o->vertices; i++, slot++) {
        while (!gx_ids_present(&g->ids, slot))
            slot++;
        check_id(g, slot, o->vertex[i]);
        REQUIRE((gx_ids_find(&g->ids, o->vertex[i], strlen(o->vertex[i]))) == (slot));
        if (in->columns)
            check_vertex_column(in, g, slot, o->vertex[i]);
    }
    const bool makes_weights =
        in->options.multi == GX_MULTI_SUM || in->options.multi == GX_MULTI_COUNT;
    REQUIRE((g->edges.weight != NULL) == (in->m > 0 && (in->weighted || makes_weights)));
    REQUIRE((g->edges.time != NULL) == (in->m > 0 && in->timed));
    uint64_t e = 0;
    bool any_gone = false;
    for (unsigned i = 0; i < in->m; i++) {
        const line *l = &o->edge[i];
        any_gone = any_gone || l->gone;
        REQUIRE((g->dropped != NULL && (g->dropped[i / 64] >> i % 64 & 1)) == (l->gone));
        if (l->gone)
            continue;
        check_id(g, g->edges.src[e], l->src);
        check_id(g, g->edges.dst[e], l->dst);
        if (g->edges.weight != NULL)
            REQUIRE((g->edges.weight[e]) == (l->weight));
        if (g->edges.time != NULL)
            REQUIRE((g->edges.time[e]) == (l->time));
        if (in->columns)
            check_edge_columns(g, e, i);
        e++;
    }
    REQUIRE((g->edges.m) == (e));
    REQUIRE((g->dropped != NULL) == (any_gone));
}

START_TEST(like_the_model)
{
    static input in;
    static model o;
    for (unsigned seed = 1; seed <= 60; seed++) {
        gx_graph *g = NULL;
        gx_error err = {0};
        state = seed * 1000 + (unsigned)_i;
        gx_set_threads(1 + seed % 4);
        gx_set_block_cap(seed % 3 == 0 ? 0 : 16);
        make_input(&in, (unsigned)_i);
        run_model(&in, &o);
        const gx_status st = build(&in, &g, &err);
        if (o.vertices == 0) {
            ck_assert_int_eq(st, GX_EDATA);
        } else {
            ck_assert_msg(st == GX_OK, "seed %u: %s", seed, err.message);
            check_graph(&in, &o, g);
        }
        gx_graph_free(g);
        ck_assert_msg(gx_memory_held() == 0, "seed %u", seed);
    }
    gx_set_block_cap(0);
}
END_TEST

START_TEST(no_memory)
{
    static input in;
    for (unsigned seed = 1; seed <= 1; seed++) {
        state = 7 * seed;
        do
            make_input(&in, (unsigned)_i);
        while (in.m < 50 || !in.columns || (seed > 1 && in.options.multi == GX_MULTI_KEEP) ||
               in.options.drop_isolated != (seed % 2 == 0));
        for (unsigned on = 0; on < 2; on++) {
            gx_status st = GX_ENOMEM;
            for (uint64_t n = 0; st != GX_OK; n++) {
                gx_graph *g = NULL;
                gx_memory_fail_after(n, on == 1);
                st = build(&in, &g, NULL);
                gx_memory_fail_after(UINT64_MAX, false);
                REQUIRE(st == GX_OK || (st == GX_ENOMEM && g == NULL));
                gx_graph_free(g);
                REQUIRE(gx_memory_held() == 0);
            }
        }
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("builder model");
    TCase *tests = tcase_create("builder model");
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, like_the_model, 0, KINDS);
    tcase_add_loop_test(tests, no_memory, 0, KINDS);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
