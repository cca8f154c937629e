/* GAP's serialised graphs, .sg and (with whole-number weights) .wsg: what the GAP benchmark suite reads. */
#include "graph/formats/gap/gap_priv.h"

GX_FORMAT(gap) = {
    .name = "gap",
    .summary = "serialised graphs of the GAP benchmark suite",
    .endings = "sg wsg",
    .positions = true,
    .binary = true,
    .open = gx_gap_open,
    .write = gx_gap_write,
};
