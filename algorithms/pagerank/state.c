/* Setting up the state, looking at it, and the bound it certifies. */
#include "algorithms/pagerank/state.h"

#include <math.h>

enum { BLOCK = 1 << 14, LINE = 64 };

/* What a worker finds, on cache lines of its own. */
typedef struct gx_pr_desk {
    gx_pr_look look;
    uint64_t beyond;
    double most;
    char apart[2 * LINE - sizeof(gx_pr_look) - sizeof(uint64_t) - sizeof(double)];
} gx_pr_desk;

gx_status gx_pr_begin(
    gx_engine *e, const gx_pr_options *options, int64_t y[], gx_pr *s, gx_error *err)
{
    const uint32_t n = gx_engine_slots(e);
    const bool weighted = gx_engine_weighted(e);
    *s = (gx_pr){.engine = e,
        .options = *options,
        .n = n,
        .vertices = gx_engine_vertices(e),
        .arcs = gx_engine_arcs(e),
        .degree = gx_engine_out_degree(e),
        .ids = &gx_engine_graph(e)->ids};
    s->damping = (uint64_t)llround(ldexp(options->damping, 63));
    /* No sum of y reaches 2^63 whatever happens on the way: see docs/pagerank.md. */
    const double room = ldexp(1 - options->damping, 62) * 1.6;
    s->scale = (unsigned)fmax(floor(log2(room / (double)(s->vertices > 0 ? s->vertices : 1))), 0);
    s->teleport = (int64_t)ldexp(1 - options->damping, (int)s->scale);
    s->teleport = s->teleport > 0 ? s->teleport : 1;
    s->most_teleport = 2 * s->teleport;
    s->y = y;
    s->q = gx_alloc_zero(n, sizeof *s->q);
    s->desk = gx_alloc_zero(gx_threads(), sizeof *s->desk);
    if (weighted) {
        s->strength = gx_alloc_zero(n, sizeof *s->strength);
        s->factor = gx_alloc_zero(n, sizeof *s->factor);
    } else {
        s->delta = gx_alloc_zero(n, sizeof(int32_t));
    }
    if (s->q == NULL || s->desk == NULL ||
        (weighted ? s->strength == NULL || s->factor == NULL : s->delta == NULL))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for ranks");
    if (weighted)
        return GX_OK;
    const gx_status st = gx_spread_new(e, &s->spread, err);
    return st != GX_OK ? st : gx_pr_find_loops(s, err);
}

void gx_pr_end(gx_pr *s)
{
    gx_free(s->q);
    gx_free(s->delta);
    gx_free(s->seed);
    gx_free(s->start);
    gx_free(s->desk);
    gx_free(s->strength);
    gx_free(s->factor);
    gx_free(s->gain);
    gx_spread_clear(&s->spread);
    gx_pr_low_free(s->low);
    *s = (gx_pr){0};
}

double gx_pr_given(const gx_pr *s)
{
    return ldexp(1 - s->options.damping, (int)s->scale) * (double)s->vertices;
}

/* Of slots that are no vertices y, q, degree and seed are 0. No branch depends on a vertex. Without seeds the teleport is
 * added at the end, for all vertices at once. */
GX_INLINE void look_over(
    const gx_pr *s, uint32_t lo, uint32_t hi, bool seeded, bool weighted, gx_pr_look *into)
{
    gx_pr_look look = *into;
    for (uint32_t v = lo; v < hi; v++) {
        const int64_t teleport = seeded ? gx_pr_teleport(s, v) : 0;
        const bool target = weighted ? !gx_pr_sink(s, v) : s->degree[v] > 0;
        const int64_t sent = weighted ? s->q[v] : (int64_t)s->degree[v] * s->q[v];
        const int64_t due = (gx_pr_damped(s, v) - sent) & -(int64_t)target;
        const int64_t below = due & due >> 63;
        look.mass += (uint64_t)(teleport + s->y[v]);
        look.given += (uint64_t)teleport;
        look.returning += (uint64_t)(teleport & -(int64_t)target);
        look.positive += (uint64_t)(due - below);
        look.negative += (uint64_t)-below;
        look.active += due != 0;
        look.targets += target;
    }
    *into = look;
}

void gx_pr_look_range(gx_pr *s, uint32_t lo, uint32_t hi, unsigned worker)
{
    gx_pr_look *look = &s->desk[worker].look;
    if (s->seed == NULL && s->strength == NULL)
        look_over(s, lo, hi, false, false, look);
    else
        look_over(s, lo, hi, s->seed != NULL, s->strength != NULL, look);
}

void gx_pr_look_begin(gx_pr *s)
{
    for (unsigned w = 0; w < gx_threads(); w++)
        s->desk[w].look = (gx_pr_look){0};
}

void gx_pr_look_end(gx_pr *s, gx_pr_look *look)
{
    *look = (gx_pr_look){0};
    for (unsigned w = 0; w < gx_threads(); w++) {
        const gx_pr_look *part = &s->desk[w].look;
        look->positive += part->positive;
        look->negative += part->negative;
        look->mass += part->mass;
        look->given += part->given;
        look->returning += part->returning;
        look->active += part->active;
        look->targets += part->targets;
    }
    if (s->seed == NULL) {
        look->given = (uint64_t)s->teleport * s->vertices;
        look->mass += look->given;
        look->returning = (uint64_t)s->teleport * look->targets;
    }
}

static void look_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    gx_pr_look_range(ctx, (uint32_t)lo, (uint32_t)hi, worker);
}

void gx_pr_look_at(gx_pr *s, gx_pr_look *look)
{
    gx_pr_look_begin(s);
    gx_blocks(s->n, BLOCK, look_block, s);
    gx_pr_look_end(s, look);
}

static void most_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    gx_pr *s = ctx;
    double most = s->desk[worker].most;
    for (uint32_t v = (uint32_t)lo; v < hi; v++) {
        if (s->degree[v] == 0)
            continue;
        const double share = fabs((double)gx_pr_due(s, v)) / s->degree[v] * gx_pr_gain(s, v);
        most = share > most ? share : most;
    }
    s->desk[worker].most = most;
}

double gx_pr_most(gx_pr *s)
{
    double most = 0;
    for (unsigned w = 0; w < gx_threads(); w++)
        s->desk[w].most = 0;
    gx_blocks(s->n, BLOCK, most_block, s);
    for (unsigned w = 0; w < gx_threads(); w++)
        most = s->desk[w].most > most ? s->desk[w].most : most;
    return most;
}

void gx_pr_beyond(gx_pr *s, unsigned worker, uint64_t amount)
{
    s->desk[worker].beyond += amount;
}

uint64_t gx_pr_beyond_all(gx_pr *s)
{
    uint64_t sum = 0;
    for (unsigned w = 0; w < gx_threads(); w++) {
        sum += s->desk[w].beyond;
        s->desk[w].beyond = 0;
    }
    return sum;
}

double gx_pr_bound(const gx_pr *s, const gx_pr_look *look, bool owed_only)
{
    /* Each due is known to a unit. A seed's teleport is rounded twice. An edge's weight is applied to half a unit and to
     * the precision of a double. */
    const double d = s->options.damping, unsure = (double)look->targets;
    const double seeds = 4 * (double)s->seeds;
    const double edges = s->strength == NULL ? 0 : (double)s->arcs + ldexp((double)look->mass, -50);
    double owed = (double)look->positive + (double)look->negative + 2 * unsure + 2 * edges + seeds;
    double bound;
    if (s->options.lossy) {
        bound = owed / (double)look->given;
    } else {
        if (!owed_only)
            owed += fabs((double)look->positive - (double)look->negative);
        bound = owed / ((1 - d) * (double)look->mass);
    }
    return bound * (1 + 1e-12) + 4e-16; /* and of the printed ranks */
}

void gx_pr_balance(gx_pr *s, const gx_pr_look *look)
{
    const double due = (double)look->positive - (double)look->negative, now = (double)s->teleport;
    /* From seeds nothing is sent at the start: what they begin with is all there is, and the teleport falls to 1 - d of it. */
    const double share =
        s->seed == NULL ? 1. / 2048 : fmin(1. / 2048, (1 - s->options.damping) / 16);
    const double highest = (double)s->most_teleport, lowest = fmax(highest * share, 1);
    if (look->returning == 0 || !(s->options.damping > 0))
        return;
    double next = now * (1 - due / (s->options.damping * (double)look->returning));
    next = next < now / 2 ? now / 2 : next > now * 2 ? now * 2 : next;
    next = next > highest ? highest : next < lowest ? lowest : next;
    s->teleport = (int64_t)next;
}
