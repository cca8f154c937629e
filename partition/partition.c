/* Cutting a graph: finding the method, feeding it the edges, and what it costs. */
#include "partition/partition.h"

#include <stdio.h>
#include <string.h>

#include "graph/nearest.h"
#include "partition/cut_file_priv.h"
#include "partition/feed_priv.h"
#include "partition/ids_priv.h"
#include "partition/refine.h"

static const char *const DEFAULT = "1d-dst";

/* Is word one of the words of list? */
static bool has_word(const char *list, const char *word)
{
    const size_t length = strlen(word);
    for (const char *at = list; length > 0 && (at = strstr(at, word)) != NULL; at += length) {
        const bool starts = at == list || at[-1] == ' ';
        if (starts && (at[length] == '\0' || at[length] == ' '))
            return true;
    }
    return false;
}

const gx_partitioner *gx_partitioner_named(const char *name)
{
    for (const gx_partitioner *const *p = gx_partitioners; *p != NULL; p++)
        if (strcmp((*p)->name, name) == 0 || ((*p)->also != NULL && has_word((*p)->also, name)))
            return *p;
    return NULL;
}

static gx_status unknown_method(const char *name, gx_error *err)
{
    gx_nearest near = {.word = name};
    for (const gx_partitioner *const *p = gx_partitioners; *p != NULL; p++)
        gx_nearest_offer(&near, (*p)->name);
    gx_fail(err, GX_EUSAGE, GX_NOWHERE, "there is no partitioner \"%.100s\"", name);
    char hint[160] = "`graphx-run list` names the partitioners";
    if (near.best != NULL)
        snprintf(hint, sizeof hint, "did you mean %s?", near.best);
    gx_hint(err, hint);
    return GX_EUSAGE;
}

gx_status gx_cut_check(const gx_cut_options *options, const gx_partitioner **method, gx_error *err)
{
    const char *name = options->partitioner != NULL ? options->partitioner : DEFAULT;
    const bool file = strcmp(name, "file") == 0;
    if (options->parts > GX_MAX_PARTS)
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "%u parts: at most %d", options->parts, GX_MAX_PARTS);
    const gx_partitioner *found = file ? NULL : gx_partitioner_named(name);
    if (!file && found == NULL)
        return unknown_method(name, err);
    if (options->balance != 0 && !(options->balance >= 1 && options->balance <= GX_MAX_PARTS))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "balance %g: it is the largest part over the mean, so at least 1", options->balance);
    const bool saved = file || options->file != NULL;
    if (options->balance_given && (saved || !found->keeps_balance)) {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "%s does not keep a balance",
            saved ? "a saved cut" : found->name);
        gx_hint(
            err, "leave --balance out, or take hdrf, greedy, 2ps-l, 2ps-hdrf, ne, hep or metis");
        return GX_EUSAGE;
    }
    if (options->refine > 0 && !saved && found->in_edges_together) {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE,
            "%s keeps the in-edges of a vertex together, refinement would not", found->name);
        return gx_hint(err, "leave --refine out, or take another --partitioner");
    }
    *method = saved ? NULL : found;
    return GX_OK;
}

static gx_status run_method(const gx_graph *g, const gx_cut_options *options,
    const gx_partitioner *method, gx_cut *cut, gx_error *err)
{
    uint64_t *hashed = NULL; /* of string ids */
    gx_status st = gx_ids_as_numbers(&g->ids, &hashed, err);
    if (st != GX_OK)
        return st;
    const gx_partition_args args = {
        .n = g->ids.slots,
        .m = g->edges.m,
        .k = cut->k,
        .balance = options->balance != 0 ? options->balance : GX_BALANCE,
        .seed = options->seed,
        .number = hashed != NULL ? hashed : g->ids.number,
        .options = options->options,
    };
    if (method->cut != NULL)
        st = method->cut(&args, &g->edges, cut->part_of, err);
    else
        st = gx_feed(method, &args, &g->edges, cut->part_of, err);
    gx_free(hashed);
    return st;
}

/* A saved cut, of a file or of the graph's own. --parts may ask for more parts than it uses: some are then empty. */
static gx_status saved_cut(
    const gx_graph *g, const gx_cut_options *options, gx_cut *cut, gx_error *err)
{
    const char *name = options->file != NULL ? options->file : "the graph's own cut";
    gx_status st;
    if (options->file == NULL && g->cut_part_of == NULL) {
        gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the partitioner `file` needs a saved cut");
        gx_hint(err, "name it with --partition-file");
        return GX_EUSAGE;
    }
    st = options->file != NULL ? gx_cut_read(g, options->file, &cut->k, &cut->part_of, err)
                               : gx_cut_copy_inside(g, &cut->k, &cut->part_of, err);
    if (st != GX_OK)
        return st;
    if (options->parts > 1 && cut->k > options->parts) /* 1 is the default: the file decides */
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "%s uses %u parts, --parts says %u", name,
            cut->k, options->parts);
    cut->k = options->parts > cut->k ? options->parts : cut->k;
    if (cut->k == 1) {
        gx_free(cut->part_of);
        cut->part_of = NULL;
    }
    return GX_OK;
}

gx_status gx_cut_build(
    const gx_graph *g, const gx_cut_options *options, gx_cut **out, gx_error *err)
{
    const gx_partitioner *method = NULL;
    gx_status st = gx_cut_check(options, &method, err);
    if (st != GX_OK)
        return st;
    gx_cut *cut = gx_alloc_zero(1, sizeof *cut);
    if (cut == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the cut");
    const double started = gx_now_ms();
    const uint64_t held = gx_memory_peak_begin();
    cut->method = method;
    cut->k = options->parts > 0 ? options->parts : 1;
    cut->m = g->edges.m;
    if (method == NULL) {
        if ((st = saved_cut(g, options, cut, err)) != GX_OK)
            goto done;
    } else if (cut->k > 1) {
        if ((cut->part_of = gx_alloc(cut->m, sizeof *cut->part_of)) == NULL) {
            st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the parts of %llu edges",
                (unsigned long long)cut->m);
            goto done;
        }
        gx_progress("partition", 0, cut->m);
        if ((st = run_method(g, options, method, cut, err)) != GX_OK)
            goto done;
        gx_progress("partition", cut->m, cut->m);
    }
    if (options->refine > 0 && cut->part_of != NULL) {
        const gx_partition_args args = {.n = g->ids.slots,
            .m = cut->m,
            .k = cut->k,
            .balance = options->balance != 0 ? options->balance : GX_BALANCE};
        st = gx_refine(&args, &g->edges, options->refine, cut->part_of, NULL, err);
        if (st != GX_OK)
            goto done;
    }
    cut->quality.seconds = (gx_now_ms() - started) / 1e3;
    cut->quality.bytes = gx_memory_peak_held() - held;
    *out = cut;
    cut = NULL;
done:
    gx_cut_free(cut);
    return st;
}

void gx_cut_free(gx_cut *cut)
{
    if (cut == NULL)
        return;
    gx_free(cut->part_of);
    gx_free(cut);
}
