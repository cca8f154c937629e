/* One pass over the weights. */
#include "engine/weights.h"

#include "engine/engine_priv.h"

#include <limits.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { BLOCK = 1 << 17 };

/* The power of two of a number's lowest set bit. */
static inline int lowest_bit(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    const int biased = (int)(bits >> 52 & 0x7ff);
    const uint64_t mantissa = (bits & ((1ULL << 52) - 1)) | (uint64_t)(biased > 0) << 52;
    return mantissa == 0 ? INT_MAX : (biased > 0 ? biased : 1) - 1075 + __builtin_ctzll(mantissa);
}

typedef struct fold {
    const double *weight;
    _Atomic int exponent;
    _Atomic double least, most;
    _Atomic bool nan;
} fold;

static void lower(_Atomic double *to, double x)
{
    double old = atomic_load_explicit(to, memory_order_relaxed);
    while (x < old && !atomic_compare_exchange_weak(to, &old, x))
        ;
}

static double scan_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    fold *f = ctx;
    double least = INFINITY, most = -INFINITY, sum = 0;
    int exponent = INT_MAX;
    bool nan = false;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        const double w = f->weight[i];
        const int bit = lowest_bit(w);
        least = w < least ? w : least;
        most = w > most ? w : most;
        exponent = bit < exponent ? bit : exponent;
        nan |= w != w;
        sum += w;
    }
    lower(&f->least, least);
    lower(&f->most, -most);
    int old = atomic_load_explicit(&f->exponent, memory_order_relaxed);
    while (exponent < old && !atomic_compare_exchange_weak(&f->exponent, &old, exponent))
        ;
    if (nan)
        atomic_store_explicit(&f->nan, true, memory_order_relaxed);
    return sum;
}

static const gx_adjacency *weighted_arcs(const gx_part *p)
{
    return p->out.offset != NULL ? &p->out : &p->in;
}

const gx_weight_facts *gx_engine_weight_facts(const gx_engine *e)
{
    return &e->weights;
}

void gx_weights_look(gx_engine *e)
{
    fold f = {.exponent = INT_MAX, .least = INFINITY, .most = INFINITY};
    gx_weight_facts facts = {0};
    for (uint32_t p = 0; p < gx_engine_parts(e); p++) {
        const gx_part *part = gx_engine_part(e, p);
        const gx_adjacency *a = weighted_arcs(part);
        f.weight = a->weight;
        facts.sum += gx_blocks_sum(a->offset[part->n], BLOCK, scan_block, &f);
    }
    if (gx_engine_arcs(e) > 0) {
        facts.least = f.nan ? NAN : f.least;
        facts.most = -f.most;
    }
    facts.exponent = f.exponent;
    e->weights = facts;
}

/* Name the vertices of the arc at index i of a part's rows. */
static gx_status name_arc(
    const gx_engine *e, const gx_part *part, const gx_adjacency *a, uint64_t i, gx_error *err)
{
    const gx_ids *ids = &gx_engine_graph(e)->ids;
    uint32_t row = 0;
    while (a->offset[row + 1] <= i)
        row++;
    uint32_t from = gx_part_vertex(part, row), to = gx_part_vertex(part, a->target[i]);
    if (part->out.offset == NULL) {
        const uint32_t swap = from;
        from = to;
        to = swap;
    }
    char buffer[2][GX_ID_TEXT];
    size_t length[2];
    const char *a_text = gx_ids_text(ids, from, buffer[0], &length[0]);
    const char *b_text = gx_ids_text(ids, to, buffer[1], &length[1]);
    return gx_fail(err, GX_EDATA, i,
        "the edge %.*s - %.*s has the weight %.17g; a weight here is 0 or more and finite",
        (int)length[0], a_text, (int)length[1], b_text, a->weight[i]);
}

gx_status gx_weights_check(const gx_engine *e, gx_error *err)
{
    const gx_weight_facts *facts = &e->weights;
    if (facts->least >= 0 && facts->most <= 1.7976931348623157e308)
        return GX_OK;
    for (uint32_t p = 0; p < gx_engine_parts(e); p++) {
        const gx_part *part = gx_engine_part(e, p);
        const gx_adjacency *a = weighted_arcs(part);
        for (uint64_t i = 0; i < a->offset[part->n]; i++)
            if (!(a->weight[i] >= 0 && a->weight[i] <= 1.7976931348623157e308))
                return name_arc(e, part, a, i, err);
    }
    return GX_OK;
}
