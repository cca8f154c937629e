/* What the folder of a batch run holds, and whether it is intact. */
#include "tools/state_run.h"

#include <inttypes.h>
#include <string.h>

enum { MOST = 64 };

bool gx_state_is_run(const char *folder)
{
    uint64_t generation[MOST];
    uint32_t found = 0;
    return gx_run_state_list(NULL, folder, generation, MOST, &found, NULL) == GX_OK && found > 0;
}

static gx_status show_json(const char *path, const gx_run_file *f, gx_error *err)
{
    return gx_json_write(
        json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:I, s:I, s:b, s:I, s:I, s:I}}", "schema",
            "graphx-run/report/1", "command", "state", "version", GX_VERSION, "state", "plan",
            f->plan, "writtenBy", f->version, "generation", (json_int_t)f->generation, "supersteps",
            (json_int_t)f->mark.supersteps, "complete", f->mark.complete, "slots",
            (json_int_t)f->slots, "arcs", (json_int_t)f->arcs, "parts", (json_int_t)f->parts),
        path, err);
}

static void show_text(const gx_run_file *f, bool newest)
{
    printf("plan        %s\n", f->plan);
    printf("checkpoint  generation %" PRIu64 " by graphx-run %s, %" PRIu64 " supersteps%s%s\n",
        f->generation, f->version, f->mark.supersteps, f->mark.complete ? ", complete" : "",
        newest ? "" : " (a newer one is not good)");
    printf("graph       %" PRIu64 " slots, %" PRIu64 " arcs, parts: %" PRIu64 "\n", f->slots,
        f->arcs, f->parts);
    for (uint32_t i = 0; i < f->pieces; i++)
        printf("piece       %12" PRIu64 " bytes  %s\n", f->piece[i].bytes, f->piece[i].name);
}

/* The newest good one. */
static gx_status show(const char *folder, const gx_options *o, gx_error *err)
{
    uint64_t generation[MOST];
    uint32_t found = 0;
    gx_run_file f = {0};
    gx_status st = gx_run_state_list(NULL, folder, generation, MOST, &found, err);
    for (uint32_t i = 0; i < found && st == GX_OK; i++) {
        st = gx_run_file_load(&gx_fs_posix, folder, generation[i], &f, err);
        if (st == GX_EDATA && i + 1 < found) {
            st = GX_OK;
            continue;
        }
        if (st != GX_OK)
            break;
        const char *json = gx_options_string(o, "json");
        if (json != NULL)
            st = show_json(json, &f, err);
        else
            show_text(&f, i == 0);
        gx_run_file_clear(&f);
        break;
    }
    return st;
}

/* All of them; the first damage is the error. */
static gx_status verify(const char *folder, gx_error *err)
{
    uint64_t generation[MOST];
    uint32_t found = 0;
    gx_error why;
    gx_status first = gx_run_state_list(NULL, folder, generation, MOST, &found, err);
    for (uint32_t i = 0; i < found; i++) {
        gx_run_file f = {0};
        char name[GX_RUN_NAME];
        gx_run_file_name(name, generation[i]);
        const gx_status st = gx_run_file_load(&gx_fs_posix, folder, generation[i], &f, &why);
        if (st == GX_OK && !gx_quiet())
            printf("%s  %" PRIu64 " supersteps%s\n", name, f.mark.supersteps,
                f.mark.complete ? ", complete" : "");
        gx_run_file_clear(&f);
        /* The run that goes on meanwhile may have removed it. */
        if (st == GX_OK || st == GX_ENOINPUT || first != GX_OK)
            continue;
        first = st;
        if (err != NULL)
            *err = why;
    }
    if (first == GX_OK && !gx_quiet())
        printf("intact\n");
    return first;
}

gx_status gx_state_of_run(const char *word, const char *folder, const gx_options *o, gx_error *err)
{
    if (strcmp(word, "show") == 0)
        return show(folder, o, err);
    if (strcmp(word, "verify") == 0)
        return verify(folder, err);
    return gx_fail_at(err, GX_EUSAGE, folder, 0, 0, NULL, 0,
        "ls, show and verify are for both kinds", "is the state of a batch run: %s is for streams",
        word);
}
