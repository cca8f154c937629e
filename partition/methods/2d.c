/* GraphX's EdgePartition2D: parts are cells of a matrix, the column a hash of the source and the
 * row a hash of the destination, so that no vertex is in more than 2 ceil(sqrt k) parts. Where k is
 * no square, all columns but the last have ceil(k / columns) rows and the last has what remains, as
 * in GraphX since 1.3; its cells are then fuller than the others'. Cost    O(1) an edge, no memory,
 * any number of threads Source  Gonzalez et al., GraphX, OSDI 2014; Catalyurek, Aykanat, SC 2001 */
#include "partition/hash_priv.h"

typedef struct grid {
    gx_hash hash;
    uint32_t columns, rows, last; /* rows of all columns but the last, rows of the last */
} grid;

static gx_status begin(const gx_partition_args *args, void **state, gx_error *err)
{
    grid *g = gx_alloc(1, sizeof *g);
    if (g == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the partitioner");
    uint32_t columns = 1;
    while (columns * columns < args->k)
        columns++;
    const uint32_t rows = (args->k + columns - 1) / columns;
    *g = (grid){gx_hash_of(args), columns, rows, args->k - rows * (columns - 1)};
    *state = g;
    return GX_OK;
}

static gx_status place(void *state, uint64_t m, const uint32_t src[], const uint32_t dst[],
    uint16_t part_of[], gx_error *err)
{
    (void)err;
    const grid *g = state;
    const uint32_t k = g->hash.k, rows = g->rows;
    for (uint64_t e = 0; e < m; e++) {
        /* A column is as likely as it has rows: that is what dividing a part number by rows gives.
         */
        const uint32_t column = gx_hash_range(gx_hash_vertex(&g->hash, src[e]), k) / rows;
        const uint32_t height = column + 1 < g->columns ? rows : g->last;
        /* Mixed once more, so that a vertex's row and column are independent. */
        const uint64_t row = gx_hash_range(gx_mix(gx_hash_vertex(&g->hash, dst[e])), height);
        part_of[e] = (uint16_t)(column * rows + row);
    }
    return GX_OK;
}

GX_PARTITIONER(2d) = {
    .name = "2d",
    .summary = "hash of source by hash of destination: at most 2 sqrt(parts) replicas a vertex",
    .also = "EdgePartition2D",
    .by_pair = true,
    .begin = begin,
    .place = place,
    .end = gx_hash_end,
    .renumber = gx_hash_renumber,
};
