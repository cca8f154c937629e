/* PageRank over a stream: ranks follow each version from the one before, within a bound that is certified every time.
 * A new arc u -> v gives v what all neighbours of u have, one that goes takes it back; then u is due, since its degree changed.
 * Nothing depends on the number of vertices, so they may come and go. */
#include "algorithms/pagerank/live.h"

#include "algorithms/pagerank/inputs.h"
#include "algorithms/pagerank/live_priv.h"
#include "graph/number.h"
#include "graph/parallel.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 1 << 12 /* slots */ };

static void close_live(void *state)
{
    gx_pl *p = state;
    if (p == NULL)
        return;
    for (uint32_t i = 0; i < p->seeds; i++)
        gx_free(p->seed[i].id);
    gx_free(p->seed);
    gx_free(p->vertex);
    gx_free(p->source);
    gx_free(p->loops);
    gx_free(p->strength);
    gx_free(p->teleport);
    gx_free(p->sending);
    gx_free(p->mark);
    gx_free(p->desk);
    gx_free(p->owner);
    gx_free(p->queue);
    gx_free(p->next);
    gx_free(p->amount);
    gx_free(p);
}

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for PageRank");
}

/* ---- seeds: ID[:w],... or @FILE with one a line ---- */

static gx_status add_seed(
    void *ctx, const char *id, size_t length, const char *text, size_t text_length, gx_error *err)
{
    gx_pl *p = ctx;
    double weight;
    uint64_t number;
    const gx_status st = gx_pr_seed_weight(id, length, text, text_length, &weight, err);
    if (st != GX_OK)
        return st;
    if (p->numbers && !gx_parse_u64(id, length, &number))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "seed %.*s can never be a vertex: ids are numbers (--ids string takes any text)",
            (int)(length < 200 ? length : 200), id);
    size_t capacity = p->seeds;
    char *copy = gx_alloc(length + 1, 1);
    if (copy == NULL ||
        !gx_grow((void **)&p->seed, &capacity, (size_t)p->seeds + 1, sizeof *p->seed)) {
        gx_free(copy);
        return no_memory(err);
    }
    memcpy(copy, id, length);
    copy[length] = '\0';
    p->seed[p->seeds++] = (gx_pl_seed){copy, weight, GX_NO_SLOT};
    return GX_OK;
}

/* ID or ID:w. What will be a vertex is not known yet, so the last colon counts. */
static gx_status add_word(gx_pl *p, const char *word, size_t length, gx_error *err)
{
    size_t colon = length;
    while (colon > 0 && word[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return add_seed(p, word, length, NULL, 0, err);
    if (colon == length)
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "seed %.*s: no weight behind the colon", (int)length, word);
    return add_seed(p, word, colon - 1, word + colon, length - colon, err);
}

static gx_status read_seeds(gx_pl *p, const char *text, gx_error *err)
{
    gx_status st = GX_OK;
    if (text[0] == '@')
        st = gx_pr_each_seed(text + 1, add_seed, p, err);
    else
        while (st == GX_OK && *text != '\0') {
            const size_t length = strcspn(text, ",");
            if (length > 0)
                st = add_word(p, text, length, err);
            text += length + (text[length] == ',');
        }
    double sum = 0;
    for (uint32_t i = 0; i < p->seeds; i++)
        sum += p->seed[i].weight;
    if (st == GX_OK && (!(sum > 0) || !isfinite(sum)))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "the weights of the seeds do not add up to a number above 0");
    for (uint32_t i = 0; i < p->seeds && st == GX_OK; i++)
        p->seed[i].weight /= sum;
    return st;
}

static gx_status open_live(
    const gx_incremental *self, const gx_live *g, const gx_options *o, void **state, gx_error *err)
{
    (void)self;
    gx_pl *p = gx_alloc_zero(1, sizeof *p);
    if (p == NULL)
        return no_memory(err);
    const char *norm = gx_options_string(o, "norm"), *seeds = gx_options_string(o, "seeds");
    p->damping = gx_options_real(o, "damping");
    p->error = gx_options_real(o, "error");
    p->d63 = (uint64_t)ldexp(p->damping, 63);
    p->lossy = strcmp(gx_options_string(o, "dangling"), "none") == 0;
    p->norm = strcmp(norm, "sum1") == 0 ? 1 : strcmp(norm, "none") == 0 ? -1 : 0;
    p->weighted = gx_live_options_of(g)->weighted;
    p->numbers = gx_live_options_of(g)->ids != GX_IDS_STRING;
    p->scale = 54;
    p->each = (int64_t)ldexp(1 - p->damping, (int)p->scale);
    p->threshold = INFINITY;
    p->shared = 1 << 18;
    const gx_status st = seeds != NULL ? read_seeds(p, seeds, err) : GX_OK;
    if (st != GX_OK) {
        close_live(p);
        return st;
    }
    *state = p;
    return GX_OK;
}

/* ---- one version ---- */

static void appear(gx_pl *p, uint32_t v)
{
    gx_pl_vertex *x = &p->vertex[v];
    if (x->flags & GX_PL_PRESENT)
        return;
    x->flags |= GX_PL_PRESENT;
    p->vertices++;
    p->given += gx_pl_teleport(p, v);
    p->mass += gx_pl_teleport(p, v) + p->vertex[v].y;
}

static void vanish(gx_pl *p, uint32_t v)
{
    gx_pl_vertex *x = &p->vertex[v];
    if ((x->flags & GX_PL_PRESENT) == 0)
        return;
    p->given -= gx_pl_teleport(p, v);
    p->mass -= gx_pl_teleport(p, v) + p->vertex[v].y;
    p->vertices--;
    x->flags &= ~(uint32_t)GX_PL_PRESENT;
    p->source[v].q = 0; /* no neighbour has anything of it */
    if (p->weighted)
        p->source[v].f = 0;
}

/* The slot of a seed, GX_NO_SLOT while its id was never seen. */
static uint32_t find_seed(const gx_pl *p, const gx_live *g, const gx_pl_seed *s)
{
    uint64_t number;
    uint32_t slot = GX_NO_SLOT;
    if (gx_live_options_of(g)->ids == GX_IDS_STRING)
        slot = gx_live_find_text(g, s->id, strlen(s->id));
    else if (gx_parse_u64(s->id, strlen(s->id), &number))
        slot = gx_live_find(g, number);
    return slot < p->slots ? slot : GX_NO_SLOT;
}

/* Seeds take their share of the teleport when their vertices are there. The whole teleport is that of 16 average vertices: any
 * amount would do, it cancels in the ranks. */
static void place_seeds(gx_pl *p, const gx_live *g)
{
    for (uint32_t i = 0; i < p->seeds; i++) {
        gx_pl_seed *s = &p->seed[i];
        if (s->slot != GX_NO_SLOT || (s->slot = find_seed(p, g, s)) == GX_NO_SLOT)
            continue;
        int64_t more = (int64_t)ldexp(s->weight * (1 - p->damping), (int)p->scale + 4);
        if (more == 0 && s->weight > 0)
            more = 1; /* it may be the only one that is there */
        gx_pl_desk d = {.mass = 0};
        const int64_t was = gx_pl_due(p, s->slot);
        p->teleport[s->slot] += more;
        gx_pl_count(&d, was, gx_pl_due(p, s->slot));
        p->positive += d.positive;
        p->negative += d.negative;
        if (p->vertex[s->slot].flags & GX_PL_PRESENT) {
            p->given += more;
            p->mass += more;
        }
    }
}

static gx_status check_weights(const gx_pl *p, const gx_delta *d, gx_error *err)
{
    for (uint64_t i = 0; i < d->arcs && p->weighted; i++)
        if (d->arc[i].sign > 0 && !(d->arc[i].weight >= 0 && d->arc[i].weight < 1e300))
            return gx_fail(err, GX_EDATA, i,
                "the weight %.17g: PageRank needs weights of at least 0", d->arc[i].weight);
    return GX_OK;
}

static gx_status advance_live(
    void *state, const gx_live *g, const gx_delta *d, gx_advance *did, gx_error *err)
{
    gx_pl *p = state;
    gx_status st = check_weights(p, d, err);
    if (st != GX_OK)
        return st;
    if (!gx_pl_grow(p, gx_live_slots(g)))
        return no_memory(err);
    p->pushed = p->touched = p->sweeps = 0;
    p->arcs = gx_live_arcs(g);
    p->cold = p->vertices == 0;
    p->owed = (double)p->positive + (double)p->negative;
    for (uint32_t i = 0; i < d->appeareds; i++)
        appear(p, d->appeared[i]);
    if (p->seed != NULL)
        place_seeds(p, g);
    gx_pl_take_arcs(p, d);
    for (uint32_t i = 0; i < d->vanisheds; i++)
        vanish(p, d->vanished[i]);
    gx_pl_follow(p, g, d);
    gx_pl_settle(p, g);
    *did = (gx_advance){.affected = p->pushed < p->vertices ? p->pushed : p->vertices,
        .touched = p->touched,
        .supersteps = p->sweeps + (p->pushed > 0),
        .error_bound = gx_pl_bound(p),
        .mode = p->sweeps > 0 ? "dense" : "incremental"};
    return GX_OK;
}

static gx_status values_live(void *state, const gx_live *g, gx_column *out, gx_error *err)
{
    const gx_pl *p = state;
    const uint32_t n = gx_live_slots(g);
    const bool scaled = !p->lossy && p->norm >= 0;
    double divisor = scaled ? (double)p->mass : (double)p->given / (1 - p->damping);
    if (p->given <= 0)
        divisor = 0; /* as in gx_pl_bound */
    const gx_status st = gx_column_init(out, "rank", GX_COLUMN_F64, n, err);
    if (p->norm != 1)
        divisor /= (double)p->vertices;
    for (uint32_t v = 0; v < n && v < p->slots && st == GX_OK; v++)
        if ((p->vertex[v].flags & GX_PL_PRESENT) != 0 && divisor > 0)
            out->f64[v] = (double)(gx_pl_teleport(p, v) + p->vertex[v].y) / divisor;
    return st;
}

/* ---- checkpoints: a head of 32 bytes, then q (or f) of each slot; the rest is made from the graph again ---- */

typedef struct head {
    uint64_t slots, vertices;
    int64_t each;
    uint32_t scale, weighted;
} head;

static gx_status save_live(
    void *state, const gx_live *g, unsigned char **bytes, size_t *size, gx_error *err)
{
    gx_pl *p = state;
    if (!gx_pl_grow(p, gx_live_slots(g)))
        return no_memory(err);
    const head h = {p->slots, p->vertices, p->each, p->scale, p->weighted};
    unsigned char *to = gx_alloc(sizeof h + (size_t)p->slots * 16, 1);
    if (to == NULL)
        return no_memory(err);
    memcpy(to, &h, sizeof h);
    for (uint32_t v = 0; v < p->slots; v++) {
        const int64_t teleport = p->teleport != NULL ? p->teleport[v] : 0;
        memcpy(to + sizeof h + (size_t)v * 16, &p->source[v].q, 8);
        memcpy(to + sizeof h + (size_t)v * 16 + 8, &teleport, 8);
    }
    *bytes = to;
    *size = sizeof h + (size_t)p->slots * 16;
    return GX_OK;
}

/* What a vertex has of its neighbours, added up anew. Whole numbers: the order does not matter. */
typedef struct receiving {
    gx_pl *p;
    const gx_live *g;
} receiving;

static void receive_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const receiving *r = ctx;
    const gx_pl_source *source = r->p->source;
    (void)worker;
    for (uint64_t v = lo; v < hi; v++) {
        const gx_list *l = gx_live_in(r->g, (uint32_t)v);
        uint64_t y = 0; /* damaged numbers may go round */
        if (r->p->weighted)
            for (uint32_t e = 0; e < l->size; e++)
                y += (uint64_t)gx_pl_share(gx_list_weights(l)[e], source[gx_list_end(l, e)].f);
        else if (l->wide)
            for (uint32_t e = 0; e < l->size; e++)
                y += (uint64_t)source[gx_end_at(l->ends, true, e)].q;
        else
            for (uint32_t e = 0; e < l->size; e++)
                y += (uint64_t)source[gx_end_at(l->ends, false, e)].q;
        r->p->vertex[v].y += (int64_t)y;
    }
}

static gx_status load_live(
    void *state, const gx_live *g, const unsigned char *bytes, size_t size, gx_error *err)
{
    gx_pl *p = state;
    head h;
    if (size < sizeof h)
        return gx_fail(err, GX_EDATA, GX_NOWHERE, "saved ranks are damaged");
    memcpy(&h, bytes, sizeof h);
    if (h.slots != gx_live_slots(g) || h.vertices != gx_live_vertices(g) ||
        h.weighted != p->weighted || h.scale > 60 || size != sizeof h + (size_t)h.slots * 16)
        return gx_fail(err, GX_EDATA, GX_NOWHERE, "saved ranks are of another graph");
    if (!gx_pl_grow(p, gx_live_slots(g)))
        return no_memory(err);
    p->scale = h.scale;
    p->each = h.each;
    p->arcs = gx_live_arcs(g);
    for (uint32_t v = 0; v < p->slots; v++) {
        memcpy(&p->source[v].q, bytes + sizeof h + (size_t)v * 16, 8);
        if (p->teleport != NULL)
            memcpy(&p->teleport[v], bytes + sizeof h + (size_t)v * 16 + 8, 8);
    }
    for (uint32_t v = 0; v < p->slots && p->weighted; v++)
        if (!(fabs(p->source[v].f) < 1e300))
            return gx_fail(err, GX_EDATA, v, "saved ranks are damaged");
    receiving r = {p, g};
    gx_blocks(p->slots, BLOCK, receive_block, &r);
    for (uint32_t v = 0; v < p->slots; v++) {
        if (gx_live_is_vertex(g, v))
            appear(p, v);
        gx_pl_look_all_again(p, g, v);
    }
    for (uint32_t i = 0; i < p->seeds;
         i++) /* those that are there were placed, and are in the teleport */
        p->seed[i].slot = find_seed(p, g, &p->seed[i]);
    for (uint32_t v = 0; v < p->slots; v++)
        p->vertex[v].flags &= ~(uint32_t)GX_PL_TOO_MUCH; /* they only begin */
    gx_pl_look(p);
    memset(p->mark, 0, p->slots);
    p->ripe = false;
    return GX_OK;
}

const gx_incremental gx_pagerank_live = {.open = open_live,
    .close = close_live,
    .advance = advance_live,
    .least_weight = 1e-200, /* sums of 2^31 of them can be divided by */
    .most_weight = 1e200,
    .whole = true, /* nothing was sent yet, and so many arcs are not followed one by one */
    .values = values_live,
    .save = save_live,
    .load = load_live};
