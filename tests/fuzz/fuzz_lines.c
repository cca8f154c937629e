/* Lines of a stream with columns and options by the first byte: bytes in one piece, and in pieces of any size, give the same
 * operations, or the same refusal. */
#include "tests/fuzz/fuzz_state.h"

#include "graph/progress.h"
#include "stream/lines.h"

typedef struct taken {
    uint64_t m, sum, bad, position;
    gx_status st;
} taken;

static taken take(
    const gx_read_options *read, uint8_t how, const uint8_t *data, size_t size, size_t piece)
{
    gx_aside aside = {.file = -1, .skip = (how & 8) != 0};
    const gx_lines_options options = {.read = *read,
        .csv = (how & 16) != 0,
        .weighted = (how & 32) != 0,
        .timed = (how & 64) != 0,
        .aside = &aside};
    gx_arrival a = {.ops = {.ids = read->ids}};
    gx_lines *l = NULL;
    gx_error err;
    taken t = {.st = gx_lines_new(&options, "fuzz", 4096, &l, &err)};
    for (size_t at = 0; t.st == GX_OK;) {
        size_t room;
        char *to = gx_lines_room(l, &room);
        const size_t left = size - at, n = left < piece ? left : piece, come = n < room ? n : room;
        if (come > 0) {
            memcpy(to, data + at, come);
            gx_lines_came(l, come);
        }
        at += come;
        if (at == size)
            gx_lines_end(l);
        bool all = false;
        while (t.st == GX_OK && !all) {
            gx_arrival_reset(&a);
            t.st = gx_lines_take(l, &a, 3, &all, &err);
            for (uint64_t i = 0; i < a.ops.m; i++) {
                const gx_stream_op *op = &a.ops.op[i];
                if (op->kind > GX_OP_REMOVE && op->kind > GX_OP_SET)
                    abort();
                t.sum = t.sum * 31 + (read->ids == GX_IDS_STRING ? 0 : op->src + 7 * op->dst) +
                        op->kind + (uint64_t)op->time;
            }
            t.m += a.ops.m;
        }
        if (at == size || come == 0)
            break;
    }
    t.bad = aside.bad;
    t.position = l != NULL ? gx_lines_position(l) : 0;
    if (t.st != GX_OK && err.message[0] == '\0')
        abort();
    gx_lines_free(l);
    gx_arrival_clear(&a);
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const columns[] = {"src,dst", "src,dst,weight", "src,dst,time",
        "time,dst,src,weight", "-,src,dst", "src,dst,-,time", "dst,src", "src,dst,weight,time"};
    static const char *const units[] = {"s", "ms", "us", "ns", "date", NULL, "s", NULL};
    if (size < 3 || size > 1 << 16)
        return 0;
    const uint8_t how = data[0];
    const gx_read_options read = {.columns = columns[how & 7],
        .time_unit = units[data[1] & 7],
        .ids = (how & 128) != 0 ? GX_IDS_STRING : GX_IDS_U64,
        .negative_weights = (data[1] & 8) != 0,
        .skip_bad = (how & 8) != 0};
    fuzz_begin();
    const taken whole = take(&read, how, data + 3, size - 3, SIZE_MAX);
    const taken torn = take(&read, how, data + 3, size - 3, 1 + data[2]);
    if (whole.st != torn.st || whole.m != torn.m || whole.sum != torn.sum || whole.bad != torn.bad)
        abort();
    return fuzz_end();
}
