/* What the file system in memory is made of, for its two files: the calls (fakefs.c), and what a power loss leaves (fakefs_loss.c). */
#ifndef GX_TESTS_FAKEFS_PRIV_H
#define GX_TESTS_FAKEFS_PRIV_H

#include "tests/support/fakefs.h"

#include <pthread.h>

enum { MAX_FILES = 4096, FIRST_FILES = 32, MAX_HANDLES = 64, MAX_FOLDERS = 16, SECTOR = 512 };

typedef struct node {
    bool used;
    unsigned char *now, *safe; /* contents; contents as of the last sync */
    unsigned char
        *clean; /* contents at a sync that failed: the kernel holds these bytes for written */
    size_t now_size, safe_size, clean_size;
} node;

typedef struct entry {
    char path[256];
    int node;
} entry;

struct fakefs {
    gx_fs fs;
    pthread_mutex_t one; /* call at a time: parts are read from several threads */
    int capacity;        /* of each of these */
    node *node;
    entry *now, *safe; /* names; names as of the last folder sync */
    int now_count, safe_count;
    int handle[MAX_HANDLES]; /* node, -1: free */
    int lock[MAX_HANDLES];
    struct {
        char path[256];
        bool safe;         /* the folder that it lies in was synced since */
    } folder[MAX_FOLDERS]; /* that were made; others are there from the beginning */
    int folders;
    uint64_t calls, fail_from, fail_until, halt, quota;
    int fail_number;
};

int fakefs_find(const entry *list, int count, const char *path); /* -1: not there */
void fakefs_grow(fakefs *f, int capacity);
void fakefs_resize(node *n, size_t size);

/* Is this the path of something that lies in the folder itself, not in one below? "." is where paths begin. */
bool fakefs_lies_in(const char *path, const char *folder);

#endif
