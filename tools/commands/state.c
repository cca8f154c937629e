/* graphx-run state ls|show|verify|repair|gc|export DIR: what a state folder holds, and whether it is intact. */
#include "graph/number.h"
#include "graph/output.h"
#include "graph/sort.h"
#include "stream/gc.h"
#include "stream/repair.h"
#include "tools/state_run.h"
#include "tools/tools.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const gx_option options[] = {
    {.name = "yes", .type = GX_OPTION_FLAG, .help = "repair, gc: do it (without, it is only said)"},
    {.name = "keep-checkpoints",
        .type = GX_OPTION_U64,
        .arg = "K",
        .fallback = "2",
        .min = 1,
        .max = 32,
        .help = "gc: checkpoints that stay"},
    {.name = NULL},
};
static const gx_option *const tables[] = {options, gx_options_output, gx_options_messages, NULL};

/* ---- ls ---- */

static const char *kind_of(const char *name)
{
    return strcmp(name, "lock") == 0            ? "held by the one process that writes"
           : strncmp(name, "manifest-", 9) == 0 ? "which checkpoint counts"
           : strncmp(name, "log-", 4) == 0      ? "a segment of the log"
           : strncmp(name, "snap-", 5) == 0     ? strstr(name, "-fffff") != NULL
                                                      ? "snapshot: ids, algorithm, sources"
                                                      : "snapshot of a part"
           : strncmp(name, "run-", 4) == 0      ? "checkpoint of a batch run"
           : strncmp(name, "cut-", 4) == 0      ? "cut off a torn log, kept for a person"
           : strncmp(name, "aside-", 6) == 0    ? "what a repair set aside"
                                                : "not of the state";
}

static int visible(const struct dirent *e)
{
    return strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
}

static gx_status ls(const char *folder, gx_options *o, gx_error *err)
{
    struct dirent **entry = NULL;
    (void)o;
    const int n = scandir(folder, &entry, visible, alphasort);
    if (n < 0)
        return gx_fail_at(err, GX_ENOINPUT, folder, 0, 0, NULL, 0, "", "%s", strerror(errno));
    for (int i = 0; i < n; i++) {
        char path[4400];
        struct stat there;
        snprintf(path, sizeof path, "%.4000s/%s", folder, entry[i]->d_name);
        const long long size = stat(path, &there) == 0 ? (long long)there.st_size : 0;
        printf("%12lld  %-28s %s\n", size, entry[i]->d_name, kind_of(entry[i]->d_name));
        free(entry[i]);
    }
    free(entry);
    return GX_OK;
}

/* ---- show ---- */

static gx_status show(const char *folder, gx_options *o, gx_error *err)
{
    gx_manifest m = {0};
    gx_recovery recovery;
    gx_state *s = NULL;
    gx_status st = gx_inspect_manifest(folder, &m, NULL, NULL, err);
    if (st == GX_OK)
        st = gx_inspect_open(folder, &s, &recovery, err);
    if (st != GX_OK)
        goto done;
    const gx_live *g = gx_state_graph(s);
    const char *json = gx_options_string(o, "json");
    if (json != NULL) {
        st = gx_json_write(
            json_pack("{s:s, s:s, s:s, s:{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:b}}", "schema",
                "graphx-run/report/1", "command", "state", "version", GX_VERSION, "state", "plan",
                m.plan, "generation", (json_int_t)recovery.generation, "batches",
                (json_int_t)gx_state_batch(s), "openOperations",
                (json_int_t)gx_state_open_operations(s), "replayedBatches",
                (json_int_t)recovery.batches, "vertices", (json_int_t)gx_live_vertices(g), "edges",
                (json_int_t)gx_live_edges(g), "closed", recovery.closed),
            json, err);
        goto done;
    }
    printf("plan        %s\n", m.plan);
    printf("checkpoint  generation %" PRIu64 ", batch %" PRIu64 "%s\n", recovery.generation,
        m.batch, recovery.fell_back ? " (the newest one is not good: this is the one before)" : "");
    printf("log         %" PRIu64 " batches behind it, %s\n", recovery.batches,
        recovery.closed ? "closed well" : "not closed: a process was killed, or the power went");
    printf("batches     %" PRIu64 "\n", gx_state_batch(s));
    printf("open        %" PRIu64 " operations that wait for their batch\n",
        gx_state_open_operations(s));
    printf("graph       %u vertices, %" PRIu64 " edges\n", gx_live_vertices(g), gx_live_edges(g));
done:
    gx_state_abandon(s);
    gx_manifest_clear(&m);
    return st;
}

/* ---- verify ---- */

static void say_line(void *ctx, const char *what)
{
    (void)ctx;
    if (!gx_quiet())
        printf("%s\n", what);
}

static gx_status verify(const char *folder, gx_options *o, gx_error *err)
{
    gx_recovery recovery;
    (void)o;
    const gx_status st = gx_inspect_verify(folder, say_line, NULL, &recovery, err);
    if (st == GX_OK && !gx_quiet())
        printf("intact\n");
    return st;
}

/* ---- repair ---- */

static gx_status repair(const char *folder, gx_options *o, gx_error *err)
{
    gx_repair_report report;
    const bool yes = gx_options_flag(o, "yes");
    const gx_status st = gx_repair(NULL, folder, yes, say_line, NULL, &report, err);
    if (st == GX_OK && report.damages > 0 && !gx_quiet())
        printf("%s\n", yes ? "repaired: the same command that made it goes on from here"
                           : "nothing was changed: --yes does this");
    return st;
}

/* ---- gc ---- */

static gx_status gc(const char *folder, gx_options *o, gx_error *err)
{
    gx_gc_report report;
    const bool yes = gx_options_flag(o, "yes");
    const uint32_t keep = (uint32_t)gx_options_u64(o, "keep-checkpoints");
    const gx_status st = gx_gc(NULL, folder, keep, yes, say_line, NULL, &report, err);
    if (st == GX_OK && !gx_quiet())
        printf("%12" PRIu64 "  bytes in %u files %s; %u checkpoints stay\n", report.bytes,
            report.files, yes ? "are gone" : "can go: --yes removes them", report.kept);
    return st;
}

/* ---- export ---- */

typedef struct rows {
    const gx_graph *g;
    uint32_t *order; /* of edges; src <= dst where they are undirected */
} rows;

static int compare_edges(const void *ctx, uint32_t a, uint32_t b)
{
    const gx_edges *e = ctx;
    if (e->src[a] != e->src[b])
        return e->src[a] < e->src[b] ? -1 : 1;
    if (e->dst[a] != e->dst[b])
        return e->dst[a] < e->dst[b] ? -1 : 1;
    if (e->weight != NULL && (e->weight[a] < e->weight[b] || e->weight[a] > e->weight[b]))
        return e->weight[a] < e->weight[b] ? -1 : 1;
    return 0;
}

static size_t put_id(const gx_ids *ids, uint32_t slot, char *to)
{
    char buffer[GX_ID_TEXT];
    size_t length;
    const char *text = gx_ids_text(ids, slot, buffer, &length);
    memcpy(to, text, length);
    return length;
}

static size_t edge_row(void *ctx, uint64_t i, char *to)
{
    const rows *r = ctx;
    const uint32_t e = r->order[i];
    size_t n = put_id(&r->g->ids, r->g->edges.src[e], to);
    to[n++] = '\t';
    n += put_id(&r->g->ids, r->g->edges.dst[e], to + n);
    if (r->g->edges.weight != NULL) {
        to[n++] = '\t';
        n += gx_print_f64(to + n, r->g->edges.weight[e]);
    }
    to[n++] = '\n';
    return n;
}

static size_t row_bytes(const gx_ids *ids)
{
    uint64_t most = GX_ID_TEXT;
    for (uint32_t s = 0; ids->kind == GX_IDS_STRING && s < ids->slots; s++)
        if (ids->offset[s + 1] - ids->offset[s] > most)
            most = ids->offset[s + 1] - ids->offset[s];
    return (size_t)(2 * most + GX_NUMBER_TEXT + 4);
}

static gx_status write_edges(gx_graph *g, const char *path, gx_error *err)
{
    rows r = {.g = g};
    gx_output *out = NULL;
    gx_status st = GX_OK;
    if (g->edges.m > UINT32_MAX)
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "export sorts 2^32 edges at most");
    if ((r.order = gx_alloc(g->edges.m, sizeof *r.order)) == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory to sort the edges");
    for (uint64_t e = 0; e < g->edges.m; e++) {
        r.order[e] = (uint32_t)e;
        if (!g->directed && g->edges.src[e] > g->edges.dst[e]) {
            const uint32_t swap = g->edges.src[e];
            g->edges.src[e] = g->edges.dst[e];
            g->edges.dst[e] = swap;
        }
    }
    if ((st = gx_sort_indices(r.order, g->edges.m, compare_edges, &g->edges, err)) != GX_OK ||
        (st = gx_output_open(path, &out, err)) != GX_OK)
        goto done;
    st = gx_output_rows(out, g->edges.m, row_bytes(&g->ids), edge_row, &r, err);
    if (st == GX_OK)
        st = gx_output_commit(out, err);
    else
        gx_output_abandon(out);
done:
    gx_free(r.order);
    return st;
}

static gx_status export(const char *folder, gx_options *o, gx_error *err)
{
    const char *path = gx_options_string(o, "output");
    gx_state *s = NULL;
    gx_graph *g = NULL;
    gx_status st = gx_inspect_open(folder, &s, NULL, err);
    if (st == GX_OK)
        st = gx_live_snapshot(gx_state_graph(s), &g, err);
    if (st == GX_OK)
        st = write_edges(g, path != NULL ? path : "-", err);
    gx_graph_free(g);
    gx_state_abandon(s);
    return st;
}

static gx_status run(unsigned operands, const char *const operand[], gx_options *o, gx_error *err)
{
    static const struct {
        const char *name;
        gx_status (*run)(const char *folder, gx_options *o, gx_error *err);
    } what[] = {{"ls", ls}, {"show", show}, {"verify", verify}, {"repair", repair}, {"gc", gc},
        {"export", export}};
    gx_nearest nearest = {.word = operand[0]};
    char hint[100] = "ls, show, verify, repair, gc or export";
    (void)operands;
    for (size_t i = 0; i < sizeof what / sizeof *what; i++) {
        if (strcmp(what[i].name, operand[0]) == 0)
            return what[i].run != ls && gx_state_is_run(operand[1])
                       ? gx_state_of_run(operand[0], operand[1], o, err)
                       : what[i].run(operand[1], o, err);
        gx_nearest_offer(&nearest, what[i].name);
    }
    if (nearest.best != NULL)
        snprintf(hint, sizeof hint, "did you mean %s?", nearest.best);
    gx_fail(err, GX_EUSAGE, GX_NOWHERE, "state: \"%.100s\" is none of its words", operand[0]);
    return gx_hint(err, hint);
}

GX_COMMAND(state) = {
    .name = "state",
    .summary = "look into the folder of --state: what is there, is it intact, what can be kept of "
               "it, which edges",
    .usage = "ls|show|verify|repair|gc|export DIR [options]",
    .examples = "  graphx-run state verify st\n  graphx-run state export st | wc -l\n",
    .tables = tables,
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
