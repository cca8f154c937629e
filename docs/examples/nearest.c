/* Which of some stations is nearest to each vertex, and how many edges away?
 *     nearest FILE STATION... */
#include "engine/engine.h"

#include <stdio.h>
#include <string.h>

typedef struct reach {
    uint32_t hops, station; /* UINT32_MAX: none so far */
} reach;

#define GX_PREGEL nearest
#define GX_PREGEL_VALUE reach
#define GX_PREGEL_MESSAGE reach
#include "engine/pregel.h"

static bool is_nearer(reach a, reach b)
{
    return a.hops < b.hops || (a.hops == b.hops && a.station < b.station);
}

/* One hop further, if that is news to the target. */
static bool nearest_send(const nearest_triplet *t, reach *message)
{
    *message = (reach){t->source_value->hops + 1, t->source_value->station};
    return is_nearer(*message, *t->target_value);
}

/* Of two messages to one vertex, the better. */
static reach nearest_merge(reach a, reach b)
{
    return is_nearer(a, b) ? a : b;
}

/* Take it; true: this vertex changed, so it sends in the next superstep. */
static bool nearest_apply(
    uint32_t v, reach *value, const reach *message, gx_vertex_context *context)
{
    (void)v;
    (void)context;
    *value = *message;
    return true;
}

static gx_status find_nearest(
    const char *path, int stations, char **station, FILE *out, gx_error *err)
{
    const gx_read_options read = {0};
    const gx_engine_options options = {.needs = GX_NEED_OUT | GX_NEED_IN};
    gx_engine *engine = NULL;
    gx_status st = gx_engine_open(path, &read, &options, &engine, err);
    if (st != GX_OK)
        return st;
    const gx_ids *ids = &gx_engine_graph(engine)->ids;
    const uint32_t n = gx_engine_slots(engine);
    reach *value = gx_alloc(n, sizeof *value);
    uint32_t *start = gx_alloc((size_t)stations, sizeof *start);
    if (value == NULL || start == NULL) {
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for %u vertices", n);
        goto done;
    }
    for (uint32_t v = 0; v < n; v++)
        value[v] = (reach){UINT32_MAX, UINT32_MAX};
    for (int i = 0; i < stations; i++) {
        start[i] = gx_ids_find(ids, station[i], strlen(station[i]));
        if (start[i] == GX_NO_SLOT) {
            st = gx_fail(err, GX_EUSAGE, GX_NOWHERE, "%s is no vertex", station[i]);
            goto done;
        }
        value[start[i]] = (reach){0, start[i]};
    }
    const gx_run_options run = {.start = start, .starts = (uint64_t)stations};
    if ((st = gx_supersteps(engine, &nearest, &run, value, gx_engine_report(engine), err)) != GX_OK)
        goto done;
    for (uint32_t v = 0; v < n; v++)
        if (gx_ids_present(ids, v) && value[v].hops != UINT32_MAX)
            fprintf(out, "%llu\t%u\t%llu\n", (unsigned long long)gx_ids_number(ids, v),
                value[v].hops, (unsigned long long)gx_ids_number(ids, value[v].station));
done:
    gx_free(start);
    gx_free(value);
    gx_engine_free(engine);
    return st;
}

int main(int argc, char **argv)
{
    gx_error err = {0};
    char text[2048];
    if (argc > 2 && find_nearest(argv[1], argc - 2, argv + 2, stdout, &err) == GX_OK)
        return 0;
    gx_error_format(&err, text, sizeof text);
    fputs(argc > 2 ? text : "usage: nearest FILE STATION...\n", stderr);
    return argc > 2 ? (int)err.status : GX_EUSAGE;
}
