/* Names in a state folder. */
#include "stream/folder.h"

#include "graph/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number behind a prefix, in that many hexadecimal digits; NULL if the name is another one, else what is behind them. */
static const char *hex(const char *name, const char *prefix, size_t digits, uint64_t *value)
{
    const size_t length = strlen(prefix);
    if (strncmp(name, prefix, length) != 0)
        return NULL;
    uint64_t number = 0;
    for (size_t i = 0; i < digits; i++) {
        const char *all = "0123456789abcdef",
                   *at = name[length + i] != '\0' ? strchr(all, name[length + i]) : NULL;
        if (at == NULL)
            return NULL;
        number = number << 4 | (uint64_t)(at - all);
    }
    *value = number;
    return name + length + digits;
}

/* Is this all of the name, or is it that of a file that was being written? */
static bool ends(const char *rest, gx_entry *e, gx_entry_kind kind)
{
    if (rest == NULL || (*rest != '\0' && strcmp(rest, ".new") != 0))
        return false;
    e->kind = *rest == '\0' ? kind : GX_ENTRY_TEMPORARY;
    return true;
}

gx_entry gx_entry_of(const char *name)
{
    gx_entry e = {.kind = GX_ENTRY_OTHER};
    uint64_t part = 0;
    snprintf(e.name, sizeof e.name, "%s", name);
    if (strcmp(name, "lock") == 0)
        e.kind = GX_ENTRY_LOCK;
    else if (ends(hex(name, "manifest-", 8, &e.number), &e, GX_ENTRY_MANIFEST) ||
             ends(hex(name, "log-", 16, &e.number), &e, GX_ENTRY_SEGMENT) ||
             ends(hex(name, "cut-", 16, &e.number), &e, GX_ENTRY_CUT) ||
             ends(hex(name, "aside-", 8, &e.number), &e, GX_ENTRY_ASIDE))
        return e;
    const char *rest = hex(name, "snap-", 8, &e.number);
    if (rest != NULL && ends(hex(rest, "-", 5, &part), &e, GX_ENTRY_SNAP))
        e.part = (uint32_t)part;
    return e;
}

typedef struct lister {
    gx_entry *entry;
    size_t count, capacity;
    bool no_memory;
} lister;

static bool add(void *ctx, const char *name)
{
    lister *l = ctx;
    if (!gx_grow((void **)&l->entry, &l->capacity, l->count + 1, sizeof *l->entry)) {
        l->no_memory = true;
        return false;
    }
    l->entry[l->count++] = gx_entry_of(name);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const gx_entry *)a)->name, ((const gx_entry *)b)->name);
}

gx_status gx_folder_list(
    const gx_fs *fs, const char *folder, gx_entry **entry, size_t *count, gx_error *err)
{
    lister l = {0};
    const int failed = fs->list(fs->ctx, folder, add, &l);
    gx_status st = failed < 0 ? gx_file_fail(err, failed, "listing", folder) : GX_OK;
    if (st == GX_OK && l.no_memory)
        st = gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the names in %s", folder);
    if (st != GX_OK) {
        gx_free(l.entry);
        return st;
    }
    if (l.count > 0)
        qsort(l.entry, l.count, sizeof *l.entry, by_name);
    *entry = l.entry;
    *count = l.count;
    return GX_OK;
}
