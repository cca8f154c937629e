/* Ids that are text: numbered as they come, by a seeded hash; in the order of their bytes at the
 * end. */
#define XXH_INLINE_ALL
#include "graph/builder_priv.h"
#include "graph/sort.h"

#include <string.h>
#include <sys/random.h>
#include <xxhash.h>

void gx_intern_clear(gx_intern *t)
{
    gx_free(t->offset);
    gx_free(t->bytes);
    gx_free(t->table);
    *t = (gx_intern){0};
}

static uint64_t hash_of(const gx_intern *t, const char *text, size_t length)
{
    return XXH3_64bits_withSeed(text, length, t->seed);
}

/* Twice the table, entries put again. The old one stays if there is no memory. */
static bool grow_table(gx_intern *t)
{
    const uint64_t size = t->table == NULL ? 1024 : 2 * (t->mask + 1);
    uint32_t *table = gx_alloc_zero(size, sizeof *table);
    if (table == NULL)
        return false;
    if (t->table == NULL)
        (void)!getrandom(&t->seed, sizeof t->seed, GRND_NONBLOCK);
    gx_free(t->table);
    t->table = table;
    t->mask = size - 1;
    for (uint32_t i = 0; i < t->count; i++) {
        uint64_t h = hash_of(t, t->bytes + t->offset[i], t->offset[i + 1] - t->offset[i]) & t->mask;
        while (table[h] != 0)
            h = (h + 1) & t->mask;
        table[h] = i + 1;
    }
    return true;
}

static bool append(gx_intern *t, const char *text, size_t length)
{
    const uint64_t at = t->count > 0 ? t->offset[t->count] : 0;
    size_t need;
    if (__builtin_add_overflow(at, length, &need) ||
        !gx_grow(
            (void **)&t->offset, &t->offset_capacity, (size_t)t->count + 2, sizeof *t->offset) ||
        !gx_grow((void **)&t->bytes, &t->bytes_capacity, need + 1, 1))
        return false;
    memcpy(t->bytes + at, text, length);
    t->offset[t->count] = at;
    t->offset[++t->count] = need;
    return true;
}

gx_status gx_intern_add(
    gx_intern *t, const char *text, size_t length, uint32_t *number, gx_error *err)
{
    if ((t->table == NULL || t->count > t->mask / 2) && !grow_table(t))
        return gx_builder_no_memory(err);
    uint64_t h = hash_of(t, text, length) & t->mask;
    for (; t->table[h] != 0; h = (h + 1) & t->mask) {
        const uint32_t i = t->table[h] - 1;
        if (t->offset[i + 1] - t->offset[i] == length &&
            memcmp(t->bytes + t->offset[i], text, length) == 0) {
            *number = i;
            return GX_OK;
        }
    }
    if (t->count >= GX_NO_SLOT - 1)
        return gx_fail(err, GX_EDATA, GX_NOWHERE, "there are more than 2^32 - 2 vertices");
    if (!append(t, text, length))
        return gx_builder_no_memory(err);
    t->table[h] = t->count;
    *number = t->count - 1;
    return GX_OK;
}

/* Bytewise, by the first eight bytes where they differ. */
typedef struct text_order {
    const gx_intern *t;
    const uint64_t *prefix; /* [count] big-endian, padded with zeros */
} text_order;

static int compare(const void *ctx, uint32_t a, uint32_t b)
{
    const text_order *o = ctx;
    if (o->prefix[a] != o->prefix[b])
        return o->prefix[a] < o->prefix[b] ? -1 : 1;
    const uint64_t *offset = o->t->offset;
    const uint64_t a_length = offset[a + 1] - offset[a], b_length = offset[b + 1] - offset[b];
    const uint64_t shorter = a_length < b_length ? a_length : b_length;
    const int order = memcmp(o->t->bytes + offset[a], o->t->bytes + offset[b], shorter);
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static void prefix_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const text_order *o = ctx;
    uint64_t *prefix = (uint64_t *)(uintptr_t)o->prefix;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++) {
        const uint64_t length = o->t->offset[i + 1] - o->t->offset[i];
        uint64_t p = 0;
        for (uint64_t j = 0; j < 8; j++)
            p = p << 8 | (j < length ? (unsigned char)o->t->bytes[o->t->offset[i] + j] : 0);
        prefix[i] = p;
    }
}

typedef struct number_job {
    const uint32_t *order;
    uint32_t *rank, *ends;
} number_job;

static void rank_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const number_job *job = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++)
        job->rank[job->order[i]] = (uint32_t)i;
}

static void renumber_block(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    const number_job *job = ctx;
    (void)worker;
    for (uint64_t i = lo; i < hi; i++)
        job->ends[i] = job->rank[job->ends[i]];
}

/* The texts of the table in `order`, one after the other. */
static gx_status sorted_texts(
    const gx_intern *t, const uint32_t order[], gx_ids *ids, gx_error *err)
{
    ids->offset = gx_alloc((size_t)t->count + 1, sizeof *ids->offset);
    ids->bytes = gx_alloc(t->count > 0 ? t->offset[t->count] : 0, 1);
    if (ids->offset == NULL || ids->bytes == NULL)
        return gx_builder_no_memory(err);
    ids->offset[0] = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        const uint64_t from = t->offset[order[i]], length = t->offset[order[i] + 1] - from;
        memcpy(ids->bytes + ids->offset[i], t->bytes + from, length);
        ids->offset[i + 1] = ids->offset[i] + length;
    }
    return GX_OK;
}

/* Values that came by text number go to the slots of the texts: their ids become slots. */
static gx_status place_values(gx_builder *b, const uint32_t rank[], gx_error *err)
{
    for (size_t c = 0; c < b->vertex_columns; c++) {
        gx_vertex_values *v = &b->vertex_values[c];
        if ((v->ids = gx_alloc(v->values.n, sizeof *v->ids)) == NULL)
            return gx_builder_no_memory(err);
        for (uint64_t i = 0; i < v->values.n; i++)
            v->ids[i] = rank[i];
    }
    return GX_OK;
}

gx_status gx_builder_text_slots(gx_builder *b, gx_graph *g, gx_error *err)
{
    gx_status st;
    const gx_intern *t = &b->intern;
    uint32_t *order = gx_alloc(t->count, sizeof *order), *rank = NULL;
    uint64_t *prefix = gx_alloc(t->count, sizeof *prefix);
    if (order == NULL || prefix == NULL) {
        st = gx_builder_no_memory(err);
        goto done;
    }
    const text_order by_text = {t, prefix};
    gx_blocks(t->count, 1 << 14, prefix_block, (void *)(uintptr_t)&by_text);
    for (uint32_t i = 0; i < t->count; i++)
        order[i] = i;
    if ((st = gx_sort_indices(order, t->count, compare, &by_text, err)) != GX_OK)
        goto done;
    gx_free(prefix);
    prefix = NULL;
    if ((rank = gx_alloc(t->count, sizeof *rank)) == NULL) {
        st = gx_builder_no_memory(err);
        goto done;
    }
    number_job job = {order, rank, b->src};
    gx_blocks(t->count, 1 << 16, rank_block, &job);
    if ((st = sorted_texts(t, order, &g->ids, err)) != GX_OK ||
        (st = place_values(b, rank, err)) != GX_OK)
        goto done;
    gx_blocks(b->m, 1 << 16, renumber_block, &job);
    job.ends = b->dst;
    gx_blocks(b->m, 1 << 16, renumber_block, &job);
    g->ids.kind = GX_IDS_STRING;
    g->ids.slots = g->ids.vertices = t->count;
    g->edges.src = b->src;
    g->edges.dst = b->dst;
    b->src = b->dst = NULL;
    gx_intern_clear(&b->intern);
done:
    gx_free(order);
    gx_free(rank);
    gx_free(prefix);
    return st;
}
