/* The layout of .gxg files (docs/gxg.md), and what its reader, checker and writer share. */
#ifndef GX_GRAPH_FORMATS_GXG_PRIV_H
#define GX_GRAPH_FORMATS_GXG_PRIV_H

#include "graph/graph.h"
#include "graph/input.h"
#include "graph/output.h"

enum {
    GX_GXG_VERSION = 1,
    GX_GXG_ORDER = 0x01020304,
    GX_GXG_DIRECTED = 1, /* of flags */
    GX_GXG_MAX_SECTIONS = 4096,
    GX_GXG_ALIGN = 64,
    GX_GXG_PIECE = 1 << 20, /* of a checksum */
};

typedef struct gx_gxg_header {
    unsigned char magic[8];
    uint32_t order, version, required, flags;
    uint64_t size, edges;
    uint32_t slots, vertices, isolated, sections, cut_parts, ids;
    uint8_t zero[48];
    uint64_t table_checksum, checksum;
} gx_gxg_header;

typedef struct gx_gxg_entry {
    uint32_t kind, type;
    uint64_t offset, length, checksum;
} gx_gxg_entry;

_Static_assert(
    sizeof(gx_gxg_header) == 128 && sizeof(gx_gxg_entry) == 32, "the layout of the file");

typedef enum gx_gxg_ids { GX_GXG_IDS_SLOTS = 1, GX_GXG_IDS_NUMBERS, GX_GXG_IDS_STRINGS } gx_gxg_ids;

typedef enum gx_gxg_kind {
    GX_GXG_PRESENT = 1,
    GX_GXG_NUMBER,
    GX_GXG_ID_OFFSET,
    GX_GXG_ID_BYTES,
    GX_GXG_SRC,
    GX_GXG_DST,
    GX_GXG_WEIGHT,
    GX_GXG_TIME,
    GX_GXG_CUT,
    GX_GXG_NAMES,
    GX_GXG_VERTEX_VALUES,
    GX_GXG_VERTEX_BYTES,
    GX_GXG_EDGE_VALUES,
    GX_GXG_EDGE_BYTES
} gx_gxg_kind;

extern const unsigned char gx_gxg_magic[8];

static inline uint64_t gx_gxg_pad(uint64_t bytes)
{
    return (bytes + GX_GXG_ALIGN - 1) / GX_GXG_ALIGN * GX_GXG_ALIGN;
}

/* Column types on disk are numbers of their own. false: there is no such type. */
uint32_t gx_gxg_type(gx_column_type type);
bool gx_gxg_column_type(uint32_t number, gx_column_type *type);

/* Checksum of `length` bytes followed by zeros up to the alignment, on all workers. Errors: GX_ENOMEM. */
gx_status gx_gxg_checksum(const void *bytes, uint64_t length, uint64_t *sum, gx_error *err);

/* XXH3 of bytes in one go, and of the row of piece checksums. */
uint64_t gx_gxg_hash(const void *bytes, size_t length);

/* Read all of `in` into a graph; nothing of it is trusted. */
gx_status gx_gxg_read(gx_input *in, gx_graph **out, gx_error *err);

/* What the sections say, once their checksums are right. */
gx_status gx_gxg_check_offsets(const uint64_t offset[], uint64_t n, uint64_t bytes, gx_error *err);
gx_status gx_gxg_check_ids(const gx_ids *ids, gx_error *err);
gx_status gx_gxg_check_edges(gx_graph *g, gx_error *err); /* counts loops, too */
gx_status gx_gxg_check_column(const gx_graph *g, const gx_column *c, gx_error *err);

gx_status gx_gxg_write(const gx_graph *g, gx_output *out, gx_error *err);

#endif
