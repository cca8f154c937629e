/* Hybrid edge partitioner: neighbourhood expansion of the vertices of low degree; the edges between
 * those of high degree are placed one by one. The lower tau, the less memory and time, and the more
 * replicas.
 * Cost    as ne (partition/expand.h); 4 bytes for an edge between low and high, 0 for one between
 *         two high vertices
 * Source  Mayer and Jacobsen, Hybrid Edge Partitioner, SIGMOD 2021 */
#include "partition/expand.h"
#include "partition/method_options_priv.h"

enum { TAU = 100 };

static const gx_option options[] = {
    {.name = "tau",
        .type = GX_OPTION_REAL,
        .arg = "T",
        .fallback = "100",
        .help = "expand vertices of at most T times the mean degree",
        .min = 1e-6,
        .max = 1e12},
    {.name = NULL},
};

static gx_status cut(
    const gx_partition_args *args, const gx_edges *edges, uint16_t part_of[], gx_error *err)
{
    const double tau = gx_method_real(args->options, "tau", TAU);
    return gx_expand(args, tau, false, edges, part_of, err);
}

GX_PARTITIONER(hep) = {
    .name = "hep",
    .summary = "hybrid edge partitioner: expands low degrees, places the edges of hubs one by one",
    .options = options,
    .keeps_balance = true,
    .cut = cut,
};
