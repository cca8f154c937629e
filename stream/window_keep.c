/* The window in checkpoints: its times, then the edges in the order of their arrival. */
#include "graph/sort.h"
#include "stream/bytes_priv.h"
#include "stream/window_priv.h"

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the window");
}

static int by_arrival(const void *ctx, uint32_t a, uint32_t b)
{
    const gx_window_entry *e = ctx;
    return (e[a].arrival > e[b].arrival) - (e[a].arrival < e[b].arrival);
}

/* The edges that are there: order [*count] to be freed. */
static gx_status in_order(const gx_window *w, uint32_t **order, uint64_t *count, gx_error *err)
{
    uint32_t *a = gx_alloc(w->alive, sizeof *a);
    uint64_t n = 0;
    if (a == NULL)
        return no_memory(err);
    for (size_t i = 0; i < w->heap_size; i++) /* everything that has a place is in the heap */
        if (w->entry[w->heap[i]].link[0].bucket != GX_WINDOW_NONE)
            a[n++] = w->heap[i];
    const gx_status st = gx_sort_indices(a, n, by_arrival, w->entry, err);
    if (st != GX_OK) {
        gx_free(a);
        return st;
    }
    *order = a;
    *count = n;
    return GX_OK;
}

gx_status gx_window_save(const gx_window *w, unsigned char **bytes, size_t *size, gx_error *err)
{
    gx_bytes b = {0};
    gx_ops ops = {.ids = w->options.ids == GX_IDS_STRING ? GX_IDS_STRING : GX_IDS_U64};
    uint32_t *order = NULL;
    uint64_t count = 0;
    gx_status st = in_order(w, &order, &count, err);
    gx_bytes_u64(&b, (uint64_t)w->newest);
    gx_bytes_u64(&b, (uint64_t)w->watermark);
    for (uint64_t i = 0; i < count && st == GX_OK; i++)
        st = gx_window_put(w, &w->entry[order[i]], GX_OP_ADD, &ops, err);
    gx_free(order);
    if (st == GX_OK &&
        (b.no_memory || !gx_ops_encode(&ops, 0, ops.m, &b.data, &b.size, &b.capacity)))
        st = no_memory(err);
    gx_ops_clear(&ops);
    if (st != GX_OK) {
        gx_free(b.data);
        return st;
    }
    *bytes = b.data;
    *size = b.size;
    return GX_OK;
}

gx_status gx_window_load(gx_window *w, const unsigned char *bytes, size_t size, gx_error *err)
{
    gx_view v = {bytes, size, 0, false};
    gx_ops ops = {.ids = GX_IDS_U64};
    w->newest = (int64_t)gx_view_u64(&v);
    w->watermark = (int64_t)gx_view_u64(&v);
    if (v.bad)
        return gx_fail(err, GX_EDATA, GX_NOWHERE, "a checkpoint's window is damaged");
    const int64_t newest = w->newest;
    gx_status st = gx_ops_decode(&ops, bytes + v.at, size - v.at, err);
    if (st == GX_OK)
        st = gx_window_follow(w, &ops, err);
    w->newest = newest;
    gx_ops_clear(&ops);
    return st;
}
