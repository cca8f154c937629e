/* How many operations in a row has each vertex had with less than a minute between two of them, at most? A vertex without one for an
 * hour is forgotten.
 *     bursts FILE [STATE]        lines: source, target, time in seconds */
#include "stream/stream.h"

#include <inttypes.h>
#include <stdio.h>

#define SECOND INT64_C(1000000000)

/* What is kept of a vertex, as bytes in the checkpoints: a plain struct without pointers or holes. */
typedef struct burst {
    int64_t newest; /* time of its last operation */
    int64_t now, longest;
} burst;

/* Once for every vertex that the batch names, with what names it. */
static bool follow(const gx_keep_call *call, void *state)
{
    burst *b = state;
    for (uint64_t i = 0; i < call->ops; i++) {
        const int64_t time = call->op[i].time;
        b->now = b->now > 0 && time - b->newest < 60 * SECOND ? b->now + 1 : 1;
        b->newest = time > b->newest ? time : b->newest;
        b->longest = b->now > b->longest ? b->now : b->longest;
    }
    return true; /* false would forget it */
}

static int64_t longest(void *ctx, const void *state)
{
    (void)ctx;
    return ((const burst *)state)->longest;
}

/* A stateless transform: edges from a vertex to itself are not taken. */
static bool between_two(void *ctx, const gx_ops *ops, gx_stream_op *op)
{
    (void)ctx, (void)ops;
    return op->src != op->dst;
}

/* The batch that has just been run. */
static gx_status say(void *ctx, const gx_stream_batch *b, gx_error *err)
{
    (void)err;
    fprintf(ctx, "batch %" PRIu64 ": %" PRIu64 " rows, %" PRIu64 " vertices named\n", b->batch,
        b->rows, b->advance.affected);
    return GX_OK;
}

static gx_status find_bursts(
    const char *file, const char *folder, uint64_t batch, FILE *out, gx_error *err)
{
    const gx_keep keep = {.name = "bursts",
        .size = sizeof(burst),
        .update = follow,
        .integer = longest,
        .timeout = 3600 * SECOND,
        .by_time = true};
    gx_incremental live;
    gx_algorithm algorithm;
    gx_picture picture = {0};
    gx_stream_summary summary;
    gx_status st = gx_keep_algorithm(&keep, &live, &algorithm, err);
    if (st != GX_OK)
        return st;
    const gx_stream_options options = {.algorithm = &algorithm,
        .source = &file,
        .sources = 1,
        .read = {.columns = "src,dst,time"},
        .graph = {.directed = true, .ids = GX_IDS_U64},
        .trigger = {GX_TRIGGER_EDGES, batch},
        .window = {.delay = 0,     /* the watermark is the newest time; */
            .late = GX_LATE_APPLY, /* what is older counts all the same */
            .directed = true,
            .ids = GX_IDS_U64},
        .max_ahead = -1,
        .folder = folder,
        .transform = between_two,
        .transform_name = "between-two"};
    const gx_stream_watch watch = {.ctx = out, .batch = say};
    if ((st = gx_stream_run(&options, &watch, &picture, &summary, err)) != GX_OK)
        return st;
    for (uint32_t i = 0; i < picture.ids.slots; i++)
        fprintf(out, "%" PRIu64 "\t%" PRId64 "\n", gx_ids_number(&picture.ids, i),
            picture.value.i64[i]);
    gx_picture_clear(&picture);
    return GX_OK;
}

int main(int argc, char **argv)
{
    gx_error err = {0};
    char text[2048];
    if (argc > 1 && find_bursts(argv[1], argc > 2 ? argv[2] : NULL, 1000, stdout, &err) == GX_OK)
        return 0;
    gx_error_format(&err, text, sizeof text);
    fputs(argc > 1 ? text : "usage: bursts FILE [STATE]\n", stderr);
    return argc > 1 ? (int)err.status : GX_EUSAGE;
}
