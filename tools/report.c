/* The report of a run as one JSON object, as docs/report.md describes it. */
#include "graph/output.h"
#include "tools/tools.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* Members that cannot be made for lack of memory are noticed here; the report is then refused as a
 * whole. */
static bool set(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0;
}

static json_t *integer(uint64_t x)
{
    return x <= INT64_MAX ? json_integer((json_int_t)x) : json_real((double)x);
}

static json_t *real(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

/* Text that may not be UTF-8 (a path): bytes that JSON cannot hold become question marks. */
static json_t *text(const char *bytes)
{
    json_t *value = json_string(bytes);
    char copy[1024];
    if (value != NULL)
        return value;
    snprintf(copy, sizeof copy, "%s", bytes);
    for (char *c = copy; *c != '\0'; c++)
        *c = (unsigned char)*c >= 0x80 ? '?' : *c;
    return json_string(copy);
}

static json_t *input_of(const gx_graph *g)
{
    const gx_input_facts *f = &g->input;
    json_t *o = json_object();
    const bool ok = set(o, "path", g->path != NULL ? text(g->path) : json_null()) &&
                    set(o, "format", f->format != NULL ? text(f->format) : json_null()) &&
                    set(o, "bytes", integer(f->bytes)) && set(o, "lines", integer(f->lines)) &&
                    set(o, "comments", integer(f->comments)) &&
                    set(o, "edges", integer(f->edges)) && set(o, "badLines", integer(f->bad)) &&
                    set(o, "selfLoops", integer(f->self_loops)) &&
                    set(o, "duplicateEdges", integer(f->duplicates));
    return ok ? o : (json_decref(o), NULL);
}

static json_t *graph_of(const gx_record *r)
{
    const gx_graph *g = r->graph;
    json_t *o = json_object();
    bool ok = set(o, "vertices", integer(g->ids.vertices)) &&
              set(o, "edges", integer(g->edges.m)) &&
              set(o, "directed", json_boolean(g->directed)) &&
              set(o, "weighted", json_boolean(r->weighted)) &&
              set(o, "isolatedVertices", integer(g->isolated));
    if (r->facts != NULL) {
        const gx_facts *f = r->facts;
        ok = ok && set(o, "edges", integer(f->edges)) &&
             set(o, "distinctEdges", integer(f->distinct_edges)) &&
             set(o, "selfLoops", integer(f->self_loops)) &&
             set(o, "duplicateEdges", integer(f->duplicate_edges)) &&
             set(o, "components", integer(f->components)) &&
             set(o, "largestComponent", integer(f->largest_component)) &&
             set(o, "maxOutDegree", integer(f->max_out_degree)) &&
             set(o, "maxInDegree", integer(f->max_in_degree)) &&
             set(o, "maxDegree", integer(f->max_degree)) &&
             set(o, "meanDegree", real(f->mean_degree));
    }
    return ok ? o : (json_decref(o), NULL);
}

static json_t *cut_of(const gx_cut *cut)
{
    const gx_cut_quality *q = &cut->quality;
    json_t *o = json_object();
    bool ok =
        set(o, "partitioner", json_string(cut->method != NULL ? cut->method->name : "file")) &&
        set(o, "parts", integer(cut->k)) && set(o, "edges", integer(cut->m));
    if (q->replication > 0)
        ok = ok && set(o, "replicationFactor", real(q->replication)) &&
             set(o, "edgeBalance", real(q->edge_balance)) &&
             set(o, "vertexBalance", real(q->vertex_balance)) &&
             set(o, "cutVertices", integer(q->cut_vertices)) &&
             set(o, "replicas", integer(q->replicas));
    ok = ok && set(o, "durationMs", real(q->seconds * 1e3)) && set(o, "bytes", integer(q->bytes));
    return ok ? o : (json_decref(o), NULL);
}

static json_t *option_of(const gx_options *o, const gx_option *row)
{
    switch (row->type) {
    case GX_OPTION_FLAG:
        return json_boolean(gx_options_flag(o, row->name));
    case GX_OPTION_U64:
    case GX_OPTION_SIZE:
        return integer(gx_options_u64(o, row->name));
    case GX_OPTION_REAL:
        return real(gx_options_real(o, row->name));
    case GX_OPTION_TIME:
        return real((double)gx_options_u64(o, row->name) / 1e6);
    case GX_OPTION_STRING:
    case GX_OPTION_CHOICE:
        break;
    }
    return text(gx_options_string(o, row->name));
}

/* Is the table that of a partitioner that does not cut here? */
static bool idle(const gx_option *table, const gx_cut *cut)
{
    for (const gx_partitioner *const *p = gx_partitioners; *p != NULL; p++)
        if ((*p)->options == table)
            return cut == NULL || cut->method == NULL || cut->method->options != table;
    return false;
}

static json_t *options_of(const gx_record *r)
{
    const gx_invocation *inv = gx_current();
    json_t *all = json_object();
    bool ok = all != NULL;
    for (const gx_option *const *t = inv->table; *t != NULL && ok; t++) {
        if (idle(*t, r->cut))
            continue;
        for (const gx_option *row = *t; row->name != NULL && ok; row++) {
            char name[64];
            size_t n = 0;
            for (const char *c = row->name; *c != '\0' && n + 1 < sizeof name; c++) {
                const bool up = *c == '-' && c[1] != '\0';
                c += up;
                name[n++] = (char)(up ? toupper((unsigned char)*c) : *c);
            }
            name[n] = '\0';
            const bool known =
                row->type == GX_OPTION_FLAG || gx_options_string(inv->options, row->name) != NULL;
            if (known && json_object_get(all, name) == NULL)
                ok = set(
                    all, name, option_of(inv->options, gx_options_find(inv->options, row->name)));
        }
    }
    if (gx_options_find(inv->options, "threads") != NULL)
        ok = ok && set(all, "threads", integer(gx_threads()));
    if (r->cut != NULL && gx_options_find(inv->options, "partitioner") != NULL)
        ok = ok &&
             set(all, "partitioner",
                 json_string(r->cut->method != NULL ? r->cut->method->name : "file")) &&
             set(all, "parts", integer(r->cut->k));
    return ok ? all : (json_decref(all), NULL);
}

json_t *gx_report_options(void)
{
    static const gx_record nothing;
    return options_of(&nothing);
}

static json_t *steps_of(const gx_report *run)
{
    json_t *steps = json_array();
    bool ok = steps != NULL;
    for (uint32_t i = 0; i < run->steps && ok; i++) {
        const gx_step *s = &run->step[i];
        json_t *o = json_object();
        ok = set(o, "kind", json_string(s->kind)) && set(o, "active", integer(s->active)) &&
             set(o, "messages", integer(s->messages)) &&
             set(o, "trafficBytes", integer(s->traffic)) && set(o, "residual", real(s->residual)) &&
             set(o, "durationMs", real(s->duration_ms));
        ok = json_array_append_new(steps, o) == 0 && ok;
    }
    return ok ? steps : (json_decref(steps), NULL);
}

static json_t *run_of(const gx_report *run)
{
    json_t *o = json_object();
    bool ok = set(o, "supersteps", integer(run->supersteps)) &&
              set(o, "converged", json_boolean(run->converged)) &&
              set(o, "stopReason",
                  run->stop_reason != NULL ? json_string(run->stop_reason) : json_null());
    for (uint32_t i = 0; i < run->values && ok; i++) {
        const gx_report_value *v = &run->value[i];
        ok = set(o, v->name, v->integer ? integer((uint64_t)v->number) : real(v->number));
    }
    ok = ok && set(o, "steps", steps_of(run));
    return ok ? o : (json_decref(o), NULL);
}

static json_t *durations_of(const gx_record *r)
{
    const gx_durations *d = r->durations;
    json_t *o = json_object();
    bool ok = o != NULL;
    if (d != NULL)
        ok = set(o, "load", real(d->load_ms)) && set(o, "partition", real(d->partition_ms)) &&
             set(o, "build", real(d->build_ms));
    ok = ok && set(o, "compute", real(r->compute_ms)) && set(o, "write", real(r->write_ms)) &&
         set(o, "total", real(r->total_ms));
    return ok ? o : (json_decref(o), NULL);
}

static json_t *memory_of(void)
{
    json_t *o = json_object();
    const bool ok = set(o, "peakRss", integer(gx_memory_peak_rss()));
    return ok ? o : (json_decref(o), NULL);
}

static json_t *warnings_of(void)
{
    json_t *all = json_array();
    bool ok = all != NULL;
    for (uint32_t i = 0; i < gx_warnings() && ok; i++)
        ok = json_array_append_new(all, text(gx_warning(i))) == 0;
    return ok ? all : (json_decref(all), NULL);
}

static json_t *report_of(const gx_record *r)
{
    json_t *o = json_object();
    bool ok = set(o, "schema", json_string("graphx-run/report/1")) &&
              set(o, "command", json_string(gx_current()->name)) &&
              set(o, "version", json_string(GX_VERSION));
    if (r->graph != NULL && r->graph->input.format != NULL)
        ok = ok && set(o, "input", input_of(r->graph));
    if (r->graph != NULL)
        ok = ok && set(o, "graph", graph_of(r));
    if (r->cut != NULL)
        ok = ok && set(o, "cut", cut_of(r->cut));
    ok = ok && set(o, "options", options_of(r));
    if (r->run != NULL)
        ok = ok && set(o, "run", run_of(r->run));
    ok = ok && set(o, "durationMs", durations_of(r)) && set(o, "memory", memory_of()) &&
         set(o, "warnings", warnings_of());
    return ok ? o : (json_decref(o), NULL);
}

typedef struct target {
    gx_output *out;
    gx_error *err;
    gx_status st;
} target;

static int dump(const char *bytes, size_t size, void *ctx)
{
    target *t = ctx;
    if (t->st == GX_OK)
        t->st = gx_output_write(t->out, bytes, size, t->err);
    return t->st == GX_OK ? 0 : -1;
}

gx_status gx_json_write(json_t *value, const char *path, gx_error *err)
{
    target t = {.err = err};
    if (value == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the report");
    if ((t.st = gx_output_open(path, &t.out, err)) != GX_OK)
        goto done;
    if (json_dump_callback(value, dump, &t, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) != 0 &&
        t.st == GX_OK)
        t.st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the report");
    if (t.st == GX_OK)
        t.st = gx_output_write(t.out, "\n", 1, err);
    if (t.st != GX_OK)
        goto done;
    gx_output *whole = t.out;
    t.out = NULL;
    t.st = gx_output_commit(whole, err);
done:
    gx_output_abandon(t.out);
    json_decref(value);
    return t.st;
}

bool gx_report_on_stdout(const gx_options *o)
{
    const char *path = gx_options_find(o, "json") != NULL ? gx_options_string(o, "json") : NULL;
    return path != NULL && strcmp(path, "-") == 0;
}

gx_status gx_record_write(const gx_record *record, gx_error *err)
{
    const char *path = gx_options_string(gx_current()->options, "json");
    return path != NULL ? gx_json_write(report_of(record), path, err) : GX_OK;
}
