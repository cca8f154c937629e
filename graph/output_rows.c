/* Many rows: blocks of them are formatted (and packed) by the workers, and written in order by
 * whichever worker finds the next one ready, while others go on formatting. The bytes depend on the
 * rows alone. */
#include "graph/memory.h"
#include "graph/output_priv.h"
#include "graph/parallel.h"

#include <stdatomic.h>
#include <string.h>

enum { PLAIN_BYTES = 256 << 10, PACKED_BYTES = 1 << 20, ROUND = 32 };

typedef struct block {
    char *text, *packed; /* packed NULL: not to be packed */
    size_t length;       /* of what is to be written */
    gx_status st;        /* of formatting */
    atomic_bool ready;
} block;

typedef struct rows_job {
    gx_output *o;
    uint64_t n, rows, first; /* rows in all, a block, and the first one of this round */
    gx_row_fn row;
    void *ctx;
    block block[ROUND];
    uint64_t count, next; /* blocks of this round; the next one to write */
    atomic_flag writing;
    gx_status st;
    gx_error err;
} rows_job;

static void format_block(rows_job *job, uint64_t b)
{
    block *to = &job->block[b];
    const uint64_t lo = job->first + b * job->rows;
    const uint64_t hi = job->n - lo < job->rows ? job->n : lo + job->rows;
    size_t length = 0;
    for (uint64_t i = lo; i < hi; i++)
        length += job->row(job->ctx, i, to->text + length);
    to->length = length;
    to->st = GX_OK;
    if (to->packed != NULL && length > 0)
        to->st =
            gx_pack(gx_output_packing(job->o), to->text, length, to->packed, &to->length, NULL);
    atomic_store_explicit(&to->ready, true, memory_order_release);
}

/* Write the blocks that are ready and next; the caller holds `writing`. */
static void drain(rows_job *job)
{
    while (job->next < job->count &&
           atomic_load_explicit(&job->block[job->next].ready, memory_order_acquire)) {
        const block *b = &job->block[job->next++];
        if (job->st == GX_OK && b->st != GX_OK)
            job->st = gx_fail(&job->err, b->st, GX_NOWHERE, "no memory to pack");
        if (job->st == GX_OK)
            job->st = gx_output_raw(job->o,
                b->packed != NULL && b->length > 0 ? b->packed : b->text, b->length, &job->err);
    }
}

static void work(void *ctx, uint64_t lo, uint64_t hi, unsigned worker)
{
    rows_job *job = ctx;
    (void)worker;
    for (uint64_t b = lo; b < hi; b++) {
        format_block(job, b);
        if (!atomic_flag_test_and_set_explicit(&job->writing, memory_order_acquire)) {
            drain(job);
            atomic_flag_clear_explicit(&job->writing, memory_order_release);
        }
    }
}

gx_status gx_output_rows(
    gx_output *o, uint64_t n, size_t most, gx_row_fn row, void *ctx, gx_error *err)
{
    const gx_packing packing = gx_output_packing(o);
    const size_t bytes = packing == GX_PACK_NONE ? PLAIN_BYTES : PACKED_BYTES;
    uint64_t rows = most < bytes ? bytes / (most > 0 ? most : 1) : 1;
    if (rows > n)
        rows = n;
    gx_status st = gx_output_flush(o, err);
    if (st != GX_OK || n == 0)
        return st;
    const uint64_t blocks = n / rows + (n % rows != 0);
    const size_t slots = blocks < ROUND ? (size_t)blocks : ROUND;
    size_t size = 0, bound = 0;
    char *text = NULL, *packed = NULL;
    rows_job *job = gx_alloc_zero(1, sizeof *job);
    if (job == NULL || __builtin_mul_overflow(rows, most, &size) ||
        (text = gx_alloc(slots, size)) == NULL ||
        (packing != GX_PACK_NONE && ((bound = gx_pack_bound(packing, size)) == 0 ||
                                        (packed = gx_alloc(slots, bound)) == NULL))) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for writing");
        goto done;
    }
    *job = (rows_job){.o = o, .n = n, .rows = rows, .row = row, .ctx = ctx};
    atomic_flag_clear(&job->writing);
    for (uint64_t b = 0; b < blocks && job->st == GX_OK; b += job->count) {
        job->first = b * rows;
        job->count = blocks - b < slots ? blocks - b : slots;
        job->next = 0;
        for (uint64_t i = 0; i < job->count; i++) {
            job->block[i].text = text + i * size;
            job->block[i].packed = packed != NULL ? packed + i * bound : NULL;
            atomic_store(&job->block[i].ready, false);
        }
        gx_blocks(job->count, 1, work, job);
        drain(job);
    }
    st = job->st;
    if (st != GX_OK && err != NULL)
        *err = job->err;
done:
    if (st != GX_OK)
        gx_output_failed(o, st);
    gx_free(text);
    gx_free(packed);
    gx_free(job);
    return st;
}
