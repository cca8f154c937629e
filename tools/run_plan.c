/* What a batch run with --state is, as text: the algorithm and every option that decides its result. The graph is compared by its
 * digest, so nothing of how it is read stands here. */
#include "graph/input.h"
#include "tools/tools.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <xxhash.h>

typedef struct text {
    char *bytes; /* ends with NUL once anything was put */
    size_t length, capacity;
    bool no_memory;
} text;

static void put(text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(text *t, const char *format, ...)
{
    va_list args;
    for (int pass = 0; pass < 2 && !t->no_memory; pass++) { /* measure, then write */
        va_start(args, format);
        const int n = vsnprintf(pass == 0 ? NULL : t->bytes + t->length,
            pass == 0 ? 0 : t->capacity - t->length, format, args);
        va_end(args);
        if (n < 0 ||
            (pass == 0 && !gx_grow((void **)&t->bytes, &t->capacity, t->length + (size_t)n + 1, 1)))
            t->no_memory = true;
        else if (pass == 1)
            t->length += (size_t)n;
    }
}

/* The content of a file that decides the result, wherever it lies. */
static gx_status put_content(text *t, const char *name, const char *path, gx_error *err)
{
    gx_input *in = NULL;
    XXH3_state_t *hash = XXH3_createState();
    unsigned char buffer[4096];
    size_t got = 1;
    gx_status st = hash != NULL
                       ? gx_input_open(path, &in, err)
                       : gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the run's plan");
    if (st != GX_OK)
        goto done;
    XXH3_64bits_reset(hash);
    while (got > 0 && (st = gx_input_read(in, buffer, sizeof buffer, &got, err)) == GX_OK)
        XXH3_64bits_update(hash, buffer, got);
    put(t, " --%s @%016" PRIx64, name, (uint64_t)XXH3_64bits_digest(hash));
done:
    gx_input_close(in);
    XXH3_freeState(hash);
    return st;
}

/* The file that an option names to be read, or NULL. */
static const char *file_of(const gx_option *row, const char *value)
{
    if (strcmp(row->name, "start") == 0 || strcmp(row->name, "truth") == 0)
        return value;
    return strcmp(row->name, "seeds") == 0 && value[0] == '@' ? value + 1 : NULL;
}

static gx_status put_row(text *t, const gx_options *o, const gx_option *row, gx_error *err)
{
    const char *name = row->name,
               *value = row->type == GX_OPTION_FLAG ? NULL : gx_options_string(o, name);
    if (row->type == GX_OPTION_FLAG) {
        if (gx_options_flag(o, name))
            put(t, " --%s", name);
    } else if (value == NULL || strcmp(name, "hierarchy") == 0) { /* that is written */
        return GX_OK;
    } else if (row->type == GX_OPTION_REAL) {
        put(t, " --%s %.17g", name, gx_options_real(o, name));
    } else if (row->type == GX_OPTION_STRING || row->type == GX_OPTION_CHOICE) {
        const char *path = file_of(row, value);
        if (path != NULL)
            return put_content(t, name, path, err);
        put(t, " --%s %s", name, value);
    } else {
        put(t, " --%s %" PRIu64, name, gx_options_u64(o, name));
    }
    return GX_OK;
}

/* The cut is compared by the digest, too; the seed is of everything random. */
static gx_status make_plan(const gx_algorithm *a, const gx_options *o, char **plan, gx_error *err)
{
    text t = {0};
    gx_status st = GX_OK;
    put(&t, "%s", a->name);
    for (const gx_option *row = a->options; row != NULL && row->name != NULL && st == GX_OK; row++)
        st = put_row(&t, o, row, err);
    if (st == GX_OK)
        st = put_row(&t, o, gx_options_find(o, "seed"), err);
    if (st == GX_OK && t.no_memory)
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the run's plan");
    if (st == GX_OK)
        *plan = t.bytes;
    else
        gx_free(t.bytes);
    return st;
}

gx_status gx_run_state_from(
    const gx_algorithm *a, const gx_options *o, char **plan, gx_run_state **out, gx_error *err)
{
    const char *folder = gx_options_string(o, "state");
    *plan = NULL;
    *out = NULL;
    if (folder == NULL && gx_options_given(o, "checkpoint-every"))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "--checkpoint-every needs --state DIR");
    if (folder == NULL)
        return GX_OK;
    gx_status st = make_plan(a, o, plan, err);
    if (st != GX_OK)
        return st;
    const gx_run_state_options options = {
        .folder = folder, .plan = *plan, .every = gx_options_u64(o, "checkpoint-every")};
    if ((st = gx_run_state_open(&options, out, err)) != GX_OK) {
        gx_free(*plan);
        *plan = NULL;
    }
    return st;
}
