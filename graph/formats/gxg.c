/* The native binary format (docs/gxg.md): columns as they are in memory, each under a checksum. */
#include "graph/format.h"
#include "graph/formats/gxg/gxg_priv.h"

#include <inttypes.h>
#include <string.h>

static bool sniff(const unsigned char *head, size_t length)
{
    return length >= sizeof gx_gxg_magic && memcmp(head, gx_gxg_magic, sizeof gx_gxg_magic) == 0;
}

static gx_status check_weights(const gx_graph *g, const gx_read_options *options, gx_error *err)
{
    char text[GX_ID_TEXT];
    size_t length;
    for (uint64_t e = 0; !options->negative_weights && g->edges.weight != NULL && e < g->edges.m;
         e++)
        if (g->edges.weight[e] < 0) {
            const char *id = gx_ids_text(&g->ids, g->edges.src[e], text, &length);
            return gx_fail(err, GX_EDATA, e, "edge %" PRIu64 ", from %.*s, has a negative weight",
                e + 1, (int)(length < 80 ? length : 80), id);
        }
    return GX_OK;
}

static gx_status open_gxg(
    gx_input *in, const gx_read_options *options, gx_graph **out, gx_error *err)
{
    gx_graph *g = NULL;
    gx_status st;
    if (options->vertices != NULL) {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "--vertices does not go with a gxg file, which has its vertices");
        gx_hint(err, "give --vertices where the gxg file is made");
        return GX_EUSAGE;
    }
    if ((st = gx_gxg_read(in, &g, err)) != GX_OK || (st = check_weights(g, options, err)) != GX_OK)
        goto done;
    if (options->direction != GX_AS_FORMAT)
        g->directed = options->direction == GX_DIRECTED;
    if ((options->loops != GX_LOOPS_KEEP || options->multi != GX_MULTI_KEEP ||
            options->drop_isolated) &&
        (st = gx_graph_reduce(g, options, err)) != GX_OK)
        goto done;
    *out = g;
    g = NULL;
done:
    gx_graph_free(g);
    return st;
}

GX_FORMAT(gxg) = {
    .name = "gxg",
    .summary = "native binary columns, checksummed",
    .endings = "gxg",
    .binary = true,
    .sniff = sniff,
    .open = open_gxg,
    .write = gx_gxg_write,
};
