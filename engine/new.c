/* From a graph to an engine: the cut, its quality, then the parts. */
#include "engine/engine_priv.h"

gx_status gx_engine_new(
    gx_graph *g, bool own, const gx_engine_options *options, gx_engine **out, gx_error *err)
{
    gx_cut *cut = NULL;
    const double start = gx_now_ms();
    gx_status st = gx_cut_build(g, &options->cut, &cut, err);
    if (st != GX_OK)
        return st;
    if (options->measure_cut && (st = gx_cut_measure(g, cut, err)) != GX_OK) {
        gx_cut_free(cut);
        return st;
    }
    const double cut_ms = gx_now_ms() - start;
    if ((st = gx_engine_with_cut(g, own, options, cut, out, err)) == GX_OK)
        (*out)->durations.partition_ms = cut_ms;
    return st;
}
