/* libgraphx: all public headers at once. Compile with what `pkg-config --cflags graphx` says, or link graphx::graphx. */
#ifndef GRAPHX_H
#define GRAPHX_H

#include "algorithms/algorithm.h"
#include "algorithms/keep/keep.h"
#include "engine/engine.h"
#include "graph/builder.h"
#include "graph/format.h"
#include "graph/generator.h"
#include "graph/graph.h"
#include "graph/number.h"
#include "graph/output.h"
#include "partition/partition.h"
#include "stream/stream.h"

#endif
