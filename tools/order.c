/* The order of result lines by value: falling, ties by id. Every value becomes a key of 64 bits
 * that ascends as the value falls; slots ascend with ids, so a stable sort, and a heap that looks
 * at the slot too, settle ties. */
#include "tools/tools.h"

#include <string.h>

typedef struct keyed {
    uint64_t key;
    uint32_t slot;
} keyed;

static uint64_t key_of_f64(double x)
{
    uint64_t bits;
    if (x != x)
        return UINT64_MAX; /* not a number: last */
    x += 0.0;              /* -0 is 0 */
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? bits : ~bits & INT64_MAX;
}

static uint64_t key_of(const gx_column *c, uint32_t s)
{
    switch (c->type) {
    case GX_COLUMN_F64:
        return key_of_f64(c->f64[s]);
    case GX_COLUMN_I64:
        return ~((uint64_t)c->i64[s] ^ (uint64_t)1 << 63);
    case GX_COLUMN_BOOL:
        return c->boolean[s] == 0;
    case GX_COLUMN_SLOT: /* ids ascend with slots; UINT32_MAX stands for none, or -1: last */
    case GX_COLUMN_U32:
        return c->u32[s] == UINT32_MAX ? UINT64_MAX : UINT32_MAX - c->u32[s];
    case GX_COLUMN_STRING:
        break;
    }
    return 0;
}

static bool before(keyed a, keyed b)
{
    return a.key < b.key || (a.key == b.key && a.slot < b.slot);
}

/* heap[0 .. n) has its last in order at the root; let x sink from i. */
static void sink(keyed heap[], uint64_t n, uint64_t i, keyed x)
{
    for (uint64_t child; (child = 2 * i + 1) < n; i = child) {
        child += child + 1 < n && before(heap[child], heap[child + 1]);
        if (!before(x, heap[child]))
            break;
        heap[i] = heap[child];
    }
    heap[i] = x;
}

static uint64_t collect(const gx_ids *ids, const gx_column *value, keyed out[])
{
    uint64_t n = 0;
    for (uint32_t s = 0; s < ids->slots; s++)
        if (gx_ids_present(ids, s))
            out[n++] = (keyed){key_of(value, s), s};
    return n;
}

static uint64_t select_first(const gx_ids *ids, const gx_column *value, uint64_t top, keyed heap[])
{
    uint64_t n = 0;
    for (uint32_t s = 0; s < ids->slots; s++) {
        if (!gx_ids_present(ids, s))
            continue;
        const keyed x = {key_of(value, s), s};
        if (n < top) {
            heap[n++] = x;
            for (uint64_t i = n == top ? n / 2 : 0; i-- > 0;)
                sink(heap, n, i, heap[i]);
        } else if (before(x, heap[0])) {
            sink(heap, n, 0, x);
        }
    }
    for (uint64_t i = n < top ? n / 2 : 0; i-- > 0;)
        sink(heap, n, i, heap[i]);
    for (uint64_t end = n; end > 1; end--) { /* the last of the rest goes to its end */
        const keyed last = heap[0];
        sink(heap, end - 1, 0, heap[end - 1]);
        heap[end - 1] = last;
    }
    return n;
}

/* Least significant digit first; digits that are the same everywhere are passed over. Returns the
 * array with the result. */
static keyed *radix_sort(keyed *from, keyed *to, uint64_t n)
{
    enum { DIGIT = 256 };
    for (unsigned shift = 0; shift < 64; shift += 8) {
        uint64_t count[DIGIT] = {0}, sum = 0;
        for (uint64_t i = 0; i < n; i++)
            count[from[i].key >> shift & 0xff]++;
        if (n == 0 || count[from[0].key >> shift & 0xff] == n)
            continue;
        for (unsigned d = 0; d < DIGIT; d++) {
            const uint64_t c = count[d];
            count[d] = sum;
            sum += c;
        }
        for (uint64_t i = 0; i < n; i++)
            to[count[from[i].key >> shift & 0xff]++] = from[i];
        keyed *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

gx_status gx_order_by_value(const gx_ids *ids, const gx_column *value, uint64_t top,
    uint32_t **slots, uint64_t *count, gx_error *err)
{
    gx_status st = GX_OK;
    if (value->type == GX_COLUMN_STRING)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--top and --sort: the values are no numbers");
    const bool few = top < ids->vertices / 8;
    keyed *a = gx_alloc(few ? top : ids->vertices, sizeof *a);
    keyed *b = gx_alloc(few ? 1 : ids->vertices, sizeof *b);
    uint32_t *out = NULL;
    if (a == NULL || b == NULL)
        goto no_memory;
    uint64_t n = few ? select_first(ids, value, top, a) : collect(ids, value, a);
    const keyed *sorted = few ? a : radix_sort(a, b, n);
    n = n < top ? n : top;
    if ((out = gx_alloc(n, sizeof *out)) == NULL)
        goto no_memory;
    for (uint64_t i = 0; i < n; i++)
        out[i] = sorted[i].slot;
    *slots = out;
    *count = n;
    goto done;
no_memory:
    st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to sort %u values", ids->vertices);
done:
    gx_free(a);
    gx_free(b);
    return st;
}
