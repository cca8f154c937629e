/* What the options say about reading, cutting and running, as the rooms take it. */
#include "tools/tools.h"

#include <string.h>
#include <unistd.h>

/* The place of a value among the words of a row's choices; the enums of the rooms have the same
 * order. */
static unsigned choice(const gx_options *o, const char *name)
{
    const char *value = gx_options_string(o, name), *words = gx_options_find(o, name)->choices;
    const size_t length = strlen(value);
    unsigned at = 0;
    while (strncmp(words, value, length) != 0 || (words[length] != '|' && words[length] != '\0')) {
        words = strchr(words, '|') + 1; /* the option is one of them: checked when it was set */
        at++;
    }
    return at;
}

gx_status gx_read_options_from(const gx_options *o, gx_read_options *read, gx_error *err)
{
    const char *columns = gx_options_string(o, "columns");
    if (gx_options_flag(o, "directed") && gx_options_flag(o, "undirected"))
        return gx_fail(
            err, GX_EUSAGE, GX_NOWHERE, "--directed and --undirected exclude each other");
    if (gx_options_flag(o, "weights")) {
        if (columns != NULL)
            return gx_fail(err, GX_EUSAGE, GX_NOWHERE,
                "--weights is short for --columns src,dst,weight: "
                "give one of the two");
        columns = "src,dst,weight";
    }
    const bool keeps_late =
        gx_options_find(o, "late") != NULL && strcmp(gx_options_string(o, "late"), "keep") == 0;
    if (!gx_options_flag(o, "skip-bad") &&
        ((gx_options_given(o, "bad") && !keeps_late) || gx_options_given(o, "max-errors")))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--bad and --max-errors need --skip-bad");
    *read = (gx_read_options){
        .format = gx_options_string(o, "format"),
        .columns = columns,
        .direction = gx_options_flag(o, "directed")     ? GX_DIRECTED
                     : gx_options_flag(o, "undirected") ? GX_UNDIRECTED
                                                        : GX_AS_FORMAT,
        .ids = (gx_id_kind)choice(o, "ids"),
        .loops = (gx_loops)choice(o, "loops"),
        .multi = (gx_multi)choice(o, "multi"),
        .drop_isolated = gx_options_flag(o, "drop-isolated"),
        .skip_bad = gx_options_flag(o, "skip-bad"),
        .bad_path = gx_options_string(o, "bad"),
        .max_errors = gx_options_u64(o, "max-errors"),
        .vertices = gx_options_string(o, "vertices"),
        .time_unit = gx_options_string(o, "time-unit"),
    };
    return GX_OK;
}

void gx_cut_options_from(const gx_options *o, gx_cut_options *cut)
{
    *cut = (gx_cut_options){
        .partitioner = gx_options_string(o, "partitioner"),
        .parts = (uint32_t)gx_options_u64(o, "parts"),
        .balance = gx_options_real(o, "balance"),
        .balance_given = gx_options_given(o, "balance"),
        .seed = gx_options_u64(o, "seed"),
        .refine = (uint32_t)gx_options_u64(o, "refine"),
        .options = o,
        .file = gx_options_find(o, "partition-file") != NULL
                    ? gx_options_string(o, "partition-file")
                    : NULL,
    };
}

/* The limit is on the whole process: what it holds already (code, libraries) and a stack a thread
 * are taken off, and the rest is what gx_alloc may give. */
static gx_status set_memory_limit(uint64_t limit, gx_error *err)
{
    const uint64_t resident = gx_memory_peak_rss(), stacks = (uint64_t)gx_threads() << 18;
    if (limit < resident + stacks + ((uint64_t)1 << 20))
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE,
            "--memory-limit: the program itself needs %.0f MB before it reads anything",
            (double)(resident + stacks) / 1e6 + 1);
    gx_memory_set_limit(limit - resident - stacks);
    return GX_OK;
}

gx_status gx_running_from(const gx_options *o, gx_error *err)
{
    gx_set_threads((unsigned)gx_options_u64(o, "threads"));
    if (gx_options_given(o, "memory-limit"))
        return set_memory_limit(gx_options_u64(o, "memory-limit"), err);
    return GX_OK;
}
