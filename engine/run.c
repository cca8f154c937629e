/* What a run of supersteps holds, and how values get from masters to mirrors. */
#include "engine/run_priv.h"

#include <string.h>

enum { WORD_BLOCK = 64, APPLY_BLOCK = 1 << 12 };

GX_INLINE void copy_value(void *to, const void *from, size_t bytes)
{
    if (bytes == 4)
        memcpy(to, from, 4);
    else if (bytes == 8)
        memcpy(to, from, 8);
    else
        memcpy(to, from, bytes);
}

/* Dense: every local slot gets its value; 64 of them at a time, so that a word of the bitmap has one writer. */
static double mirror_words(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    gx_run *r = ctx;
    const gx_part *part = r->view[r->part].part;
    const size_t bytes = r->program->value_bytes;
    unsigned char *value = r->local_value + r->base[r->part] * bytes;
    uint64_t *bits = r->local_bits + r->base[r->part] / 64 + r->part, count = 0;
    (void)worker;
    for (uint64_t w = lo; w < hi; w++) {
        bits[w] = 0;
        for (uint64_t l = w * 64; l < w * 64 + 64 && l < part->n; l++) {
            const uint32_t v = part->vertex[l];
            bits[w] |= (r->bits[v >> 6] >> (v & 63) & 1) << (l & 63);
            copy_value(value + l * bytes, (const unsigned char *)r->value + v * bytes, bytes);
        }
        count += (unsigned)__builtin_popcountll(bits[w]);
    }
    return (double)count;
}

static void mirror_dense(gx_run *r)
{
    uint64_t count = 0;
    for (r->part = 0; r->part < r->k; r->part++)
        count += (uint64_t)gx_blocks_sum(
            ((uint64_t)r->view[r->part].part->n + 63) / 64, WORD_BLOCK, mirror_words, r);
    r->traffic += count * r->program->value_bytes;
}

static void clear_local_frontier(gx_run *r)
{
    for (uint32_t p = 0; p < r->k; p++) {
        uint64_t *bits = r->local_bits + r->base[p] / 64 + p;
        const uint32_t *list = r->local_list + r->base[p];
        if (r->after_sparse)
            for (uint64_t i = 0; i < r->local_count[p]; i++)
                bits[list[i] >> 6] = 0;
        else
            memset(bits, 0, ((r->view[p].part->n + 63ULL) / 64) * sizeof *bits);
        r->local_count[p] = 0;
    }
}

/* Sparse: only replicas of vertices that got something have a new value, and only those of active ones are listed. */
static void mirror_sparse(gx_run *r)
{
    const gx_replicas *replicas = r->fold.replicas;
    const size_t bytes = r->program->value_bytes;
    for (uint64_t i = 0; r->after_sparse && i < r->receivers_count; i++) {
        const uint32_t v = r->receivers[i];
        for (uint64_t j = replicas->offset[v]; j < replicas->offset[(size_t)v + 1]; j++)
            copy_value(r->local_value + (r->base[replicas->part[j]] + replicas->slot[j]) * bytes,
                (const unsigned char *)r->value + v * bytes, bytes);
        r->traffic += (replicas->offset[(size_t)v + 1] - replicas->offset[v]) * bytes;
    }
    for (uint64_t i = 0; i < r->list_count; i++) {
        const uint32_t v = r->list[i];
        for (uint64_t j = replicas->offset[v]; j < replicas->offset[(size_t)v + 1]; j++) {
            const uint32_t p = replicas->part[j], l = replicas->slot[j];
            r->local_bits[r->base[p] / 64 + p + (l >> 6)] |= 1ULL << (l & 63);
            r->local_list[r->base[p] + r->local_count[p]++] = l;
        }
    }
}

void gx_run_mirror(gx_run *r, bool dense)
{
    if (dense || !r->after_sparse)
        mirror_dense(r);
    if (!dense) {
        clear_local_frontier(r);
        mirror_sparse(r);
    }
    r->after_sparse = !dense;
}

static bool alloc_masters(gx_run *r)
{
    r->message = gx_alloc(r->n, r->program->message_bytes);
    r->got = gx_alloc_zero(r->n, 1);
    r->changed = gx_alloc_zero(r->n, 1);
    r->bits = gx_alloc_zero(r->words, sizeof *r->bits);
    r->list = gx_alloc(r->n, sizeof *r->list);
    r->receivers = gx_alloc(r->n, sizeof *r->receivers);
    r->view = gx_alloc_zero(r->k, sizeof *r->view);
    r->base = gx_alloc_zero((size_t)r->k + 1, sizeof *r->base);
    const bool aggregated = r->options->aggregates > 0;
    if (aggregated)
        r->block_aggregate =
            gx_alloc((size_t)r->n / APPLY_BLOCK + 1, GX_AGGREGATES * sizeof(double));
    return r->message != NULL && r->got != NULL && r->changed != NULL && r->bits != NULL &&
           r->list != NULL && r->receivers != NULL && r->view != NULL && r->base != NULL &&
           (!aggregated || r->block_aggregate != NULL);
}

static bool alloc_replicas(gx_run *r)
{
    const uint64_t replicas = r->base[r->k];
    r->local_value = gx_alloc(replicas, r->program->value_bytes);
    r->local_message = gx_alloc(replicas, r->program->message_bytes);
    r->local_got = gx_alloc_zero(replicas, 1);
    r->local_bits = gx_alloc_zero(replicas / 64 + r->k + 1, sizeof *r->local_bits);
    r->local_list = gx_alloc(replicas, sizeof *r->local_list);
    r->touched = gx_alloc(replicas, sizeof *r->touched);
    r->local_count = gx_alloc_zero(r->k, sizeof *r->local_count);
    r->touched_count = gx_alloc_zero(r->k, sizeof *r->touched_count);
    return r->local_value != NULL && r->local_message != NULL && r->local_got != NULL &&
           r->local_bits != NULL && r->local_list != NULL && r->touched != NULL &&
           r->local_count != NULL && r->touched_count != NULL;
}

static void set_views(gx_run *r)
{
    const bool back = r->options->reverse;
    for (uint32_t p = 0; p < r->k; p++) {
        const gx_part *part = gx_engine_part(r->engine, p);
        gx_view *view = &r->view[p];
        *view = (gx_view){.part = part,
            .out = back ? &part->in : &part->out,
            .in = back ? &part->out : &part->in,
            .direction = r->options->direction,
            .ctx = r->options->ctx};
        view->value = r->k == 1 ? r->value : r->local_value + r->base[p] * r->program->value_bytes;
        view->active = r->k == 1 ? r->bits : r->local_bits + r->base[p] / 64 + p;
        view->message =
            r->k == 1 ? r->message : r->local_message + r->base[p] * r->program->message_bytes;
        view->got = r->k == 1 ? r->got : r->local_got + r->base[p];
    }
    r->fold = (gx_fold){gx_engine_replicas(r->engine), r->view, r->message, r->got};
}

/* Which adjacencies are there decides which kinds of step are possible. */
static gx_status check_arcs(gx_run *r, gx_error *err)
{
    const gx_active direction = r->options->direction;
    const bool out = r->view[0].out->offset != NULL, in = r->view[0].in->offset != NULL;
    r->can_dense = in && (out || !r->program->to_source);
    r->can_sparse = direction == GX_ACTIVE_IN       ? in
                    : direction == GX_ACTIVE_EITHER ? in && out
                                                    : out;
    if ((r->options->every ? !r->can_dense : !r->can_dense && !r->can_sparse))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "%s: the engine was built without the arcs it goes along", r->program->name);
    const uint32_t *by_out = gx_engine_out_degree(r->engine),
                   *by_in = gx_engine_in_degree(r->engine);
    const bool back = r->options->reverse;
    r->count_out = direction != GX_ACTIVE_IN ? (back ? by_in : by_out) : NULL;
    r->count_in =
        direction == GX_ACTIVE_IN || direction == GX_ACTIVE_EITHER ? (back ? by_out : by_in) : NULL;
    return GX_OK;
}

/* The first frontier: the vertices named, or all that are there. */
static void first_frontier(gx_run *r)
{
    const gx_ids *ids = &gx_engine_graph(r->engine)->ids;
    const uint64_t count = r->options->start != NULL ? r->options->starts : r->n;
    for (uint64_t i = 0; i < count; i++) {
        const uint32_t v = r->options->start != NULL ? r->options->start[i] : (uint32_t)i;
        if (!gx_ids_present(ids, v))
            continue;
        r->bits[v >> 6] |= 1ULL << (v & 63);
        r->active++;
        r->active_arcs += gx_run_arcs_of(r, v);
    }
}

gx_status gx_run_init(gx_run *r, gx_engine *e, const gx_program *program,
    const gx_run_options *options, void *value, gx_error *err)
{
    *r = (gx_run){.engine = e,
        .program = program,
        .options = options,
        .value = value,
        .n = gx_engine_slots(e),
        .k = gx_engine_parts(e),
        .arcs = gx_engine_arcs(e)};
    r->words = ((uint64_t)r->n + 63) / 64;
    bool there = alloc_masters(r);
    for (uint32_t p = 0; there && p < r->k; p++)
        r->base[p + 1] = r->base[p] + gx_engine_part(e, p)->n;
    if (there && r->k > 1)
        there = alloc_replicas(r);
    if (!there)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "%s: no memory for the messages of %u vertices",
            program->name, r->n);
    set_views(r);
    const gx_status st = check_arcs(r, err);
    if (st == GX_OK)
        first_frontier(r);
    return st;
}

void gx_run_clear(gx_run *r)
{
    void *const all[] = {r->message, r->got, r->changed, r->bits, r->list, r->receivers, r->view,
        r->base, r->local_value, r->local_message, r->local_got, r->local_bits, r->local_list,
        r->touched, r->local_count, r->touched_count, r->block_aggregate};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        gx_free(all[i]);
}
