/* The names in a state folder, and what each of them is (docs/log-format.md). */
#ifndef GX_STREAM_FOLDER_H
#define GX_STREAM_FOLDER_H

#include "stream/file.h"

typedef enum gx_entry_kind {
    GX_ENTRY_LOCK,
    GX_ENTRY_MANIFEST,  /* number: its generation */
    GX_ENTRY_SEGMENT,   /* number: that of the segment */
    GX_ENTRY_SNAP,      /* number: its generation; part */
    GX_ENTRY_CUT,       /* bytes cut off a torn tail */
    GX_ENTRY_ASIDE,     /* a folder of what repair set aside; number: the generation that it made */
    GX_ENTRY_TEMPORARY, /* left by a process that was killed while it wrote a file */
    GX_ENTRY_OTHER,     /* not of the state */
} gx_entry_kind;

typedef struct gx_entry {
    char name[64]; /* a longer name is not of the state: cut */
    gx_entry_kind kind;
    uint64_t number;
    uint32_t part;
} gx_entry;

gx_entry gx_entry_of(const char *name);

/* All names, ascending. *entry is to be freed with gx_free. Errors: GX_ENOINPUT, GX_EIO, GX_ENOMEM */
gx_status gx_folder_list(
    const gx_fs *fs, const char *folder, gx_entry **entry, size_t *count, gx_error *err);

#endif
