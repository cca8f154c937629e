/* A file system in memory that knows what was synced. Test code: it uses malloc, so that injected
 * allocation failures pass it by. */
#include "tests/support/fakefs_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fakefs_find(const entry *list, int count, const char *path)
{
    for (int i = 0; i < count; i++)
        if (strcmp(list[i].path, path) == 0)
            return i;
    return -1;
}

void fakefs_grow(fakefs *f, int capacity)
{
    f->node = realloc(f->node, (size_t)capacity * sizeof *f->node);
    f->now = realloc(f->now, (size_t)capacity * sizeof *f->now);
    f->safe = realloc(f->safe, (size_t)capacity * sizeof *f->safe);
    for (int i = f->capacity; i < capacity; i++)
        f->node[i] = (node){.used = false};
    f->capacity = capacity;
}

/* Is this the path of something that lies in the folder itself, not in one below? "." is where paths begin. */
bool fakefs_lies_in(const char *path, const char *folder)
{
    if (strcmp(folder, ".") == 0)
        return strchr(path, '/') == NULL;
    const size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/' &&
           strchr(path + length + 1, '/') == NULL;
}

void fakefs_resize(node *n, size_t size)
{
    n->now = realloc(n->now, size > 0 ? size : 1);
    if (size > n->now_size)
        memset(n->now + n->now_size, 0, size - n->now_size);
    n->now_size = size;
}

static void let_go(pthread_mutex_t **held)
{
    pthread_mutex_unlock(*held);
}

/* To the end of the function. */
#define HOLD(f)                                                                                    \
    pthread_mutex_t *held __attribute__((cleanup(let_go))) = &(f)->one;                            \
    pthread_mutex_lock(held)

/* 0: go on; < 0: fail with it; > 0: do it, but short. */
static int admit(fakefs *f)
{
    const uint64_t call = f->calls++;
    if (call >= f->halt)
        return -EIO;
    if (call >= f->fail_from && call < f->fail_until)
        return f->fail_number == 0 ? 1 : -f->fail_number;
    return 0;
}

static int fake_open(void *ctx, const char *path, int flags)
{
    fakefs *f = ctx;
    HOLD(f);
    const int no = admit(f);
    if (no < 0)
        return no;
    int at = fakefs_find(f->now, f->now_count, path), h = 0;
    if (at >= 0 && (flags & O_EXCL) != 0)
        return -EEXIST;
    if (at < 0 && (flags & O_CREAT) == 0)
        return -ENOENT;
    while (h < MAX_HANDLES && f->handle[h] >= 0)
        h++;
    if (h == MAX_HANDLES)
        return -EMFILE;
    if (at < 0) {
        int n = 0;
        while (n < f->capacity && f->node[n].used)
            n++;
        if (n == MAX_FILES)
            return -ENFILE;
        if (n == f->capacity || f->now_count == f->capacity)
            fakefs_grow(f, 2 * f->capacity);
        f->node[n] = (node){.used = true};
        at = f->now_count++;
        strcpy(f->now[at].path, path);
        f->now[at].node = n;
    }
    f->handle[h] = f->now[at].node;
    f->lock[h] = 0;
    return h;
}

static int fake_close(void *ctx, int file)
{
    fakefs *f = ctx;
    HOLD(f);
    const int no = admit(f);
    f->handle[file] = -1;
    f->lock[file] = 0;
    return no < 0 ? no : 0;
}

static int64_t fake_read(void *ctx, int file, void *to, size_t size, uint64_t offset)
{
    fakefs *f = ctx;
    HOLD(f);
    const int no = admit(f);
    if (no < 0)
        return no;
    const node *n = &f->node[f->handle[file]];
    if (offset >= n->now_size)
        return 0;
    if (size > n->now_size - offset)
        size = n->now_size - offset;
    if (no > 0 && size > 1)
        size /= 2;
    memcpy(to, n->now + offset, size);
    return (int64_t)size;
}

uint64_t fakefs_used(const fakefs *f)
{
    uint64_t sum = 0;
    for (int i = 0; i < f->now_count; i++)
        sum += f->node[f->now[i].node].now_size;
    return sum;
}

/* May a file grow to `size`? What fits of it: its bytes so far, if there is no room at all. */
static size_t room_for(const fakefs *f, const node *n, size_t size)
{
    if (size <= n->now_size || f->quota == UINT64_MAX)
        return size;
    const uint64_t used = fakefs_used(f), left = used < f->quota ? f->quota - used : 0;
    return size - n->now_size <= left ? size : n->now_size + (size_t)left;
}

static int64_t fake_write(void *ctx, int file, const void *from, size_t size, uint64_t offset)
{
    fakefs *f = ctx;
    HOLD(f);
    const int no = admit(f);
    if (no < 0)
        return no;
    node *n = &f->node[f->handle[file]];
    if (no > 0 && size > 1)
        size /= 2;
    const size_t fits = room_for(f, n, offset + size);
    if (size > 0 && fits <= offset)
        return -ENOSPC;
    size = fits - offset < size ? fits - offset : size;
    if (offset + size > n->now_size)
        fakefs_resize(n, offset + size);
    if (size > 0)
        memcpy(n->now + offset, from, size);
    return (int64_t)size;
}

/* A failed sync marks its pages clean: a later one writes only what changed since. */
static int fake_sync(void *ctx, int file)
{
    fakefs *f = ctx;
    HOLD(f);
    const int no = admit(f);
    node *n = &f->node[f->handle[file]];
    if (no < 0) {
        n->clean = realloc(n->clean, n->now_size > 0 ? n->now_size : 1);
        if (n->now_size > 0)
            memcpy(n->clean, n->now, n->now_size);
        n->clean_size = n->now_size;
        return no;
    }
    n->safe = realloc(n->safe, n->now_size > 0 ? n->now_size : 1);
    for (size_t i = n->safe_size; i < n->now_size; i++)
        n->safe[i] = 0;
    for (size_t i = 0; i < n->now_size; i++)
        if (i >= n->clean_size || n->now[i] != n->clean[i])
            n->safe[i] = n->now[i];
    n->safe_size = n->now_size;
    return 0;
}

static int fake_truncate(void *ctx, int file, uint64_t size)
{
    fakefs *f = ctx;
    HOLD(f);
    const int no = admit(f);
    if (no < 0)
        return no;
    node *n = &f->node[f->handle[file]];
    if (room_for(f, n, size) < size)
        return -ENOSPC;
    fakefs_resize(n, size);
    return 0;
}

static int64_t fake_size(void *ctx, int file)
{
    fakefs *f = ctx;
    HOLD(f);
    const int no = admit(f);
    return no < 0 ? no : (int64_t)f->node[f->handle[file]].now_size;
}

static int fake_lock(void *ctx, int file)
{
    fakefs *f = ctx;
    HOLD(f);
    const int no = admit(f);
    if (no < 0)
        return no;
    for (int h = 0; h < MAX_HANDLES; h++)
        if (h != file && f->handle[h] == f->handle[file] && f->lock[h])
            return -EAGAIN;
    f->lock[file] = 1;
    return 0;
}

static int fake_rename(void *ctx, const char *from, const char *to)
{
    fakefs *f = ctx;
    HOLD(f);
    const int no = admit(f);
    if (no < 0)
        return no;
    int at = fakefs_find(f->now, f->now_count, from);
    if (at < 0)
        return -ENOENT;
    if (strcmp(from, to) == 0)
        return 0;
    const int old = fakefs_find(f->now, f->now_count, to);
    if (old >= 0) {
        f->now[old] = f->now[--f->now_count];
        at = fakefs_find(f->now, f->now_count, from);
    }
    strcpy(f->now[at].path, to);
    return 0;
}

static int fake_unlink(void *ctx, const char *path)
{
    fakefs *f = ctx;
    HOLD(f);
    const int no = admit(f);
    if (no < 0)
        return no;
    const int at = fakefs_find(f->now, f->now_count, path);
    if (at < 0)
        return -ENOENT;
    f->now[at] = f->now[--f->now_count];
    return 0;
}

static int fake_mkdir(void *ctx, const char *path)
{
    fakefs *f = ctx;
    HOLD(f);
    const int no = admit(f);
    if (no < 0)
        return no;
    for (int i = 0; i < f->folders; i++)
        if (strcmp(f->folder[i].path, path) == 0)
            return -EEXIST;
    if (f->folders == MAX_FOLDERS)
        return -ENOSPC;
    strcpy(f->folder[f->folders].path, path);
    f->folder[f->folders++].safe = false;
    return 0;
}

static int fake_sync_dir(void *ctx, const char *path)
{
    fakefs *f = ctx;
    HOLD(f);
    const int no = admit(f);
    if (no < 0)
        return no;
    for (int i = 0; i < f->folders; i++)
        f->folder[i].safe |= fakefs_lies_in(f->folder[i].path, path);
    for (int i = 0; i < f->safe_count; i++)
        if (fakefs_lies_in(f->safe[i].path, path))
            f->safe[i--] = f->safe[--f->safe_count];
    for (int i = 0; i < f->now_count; i++)
        if (fakefs_lies_in(f->now[i].path, path)) {
            if (f->safe_count ==
                f->capacity) /* what was moved from folder to folder has two names for a while */
                fakefs_grow(f, 2 * f->capacity);
            f->safe[f->safe_count++] = f->now[i];
        }
    return 0;
}

static int fake_rmdir(void *ctx, const char *path)
{
    fakefs *f = ctx;
    HOLD(f);
    const int no = admit(f);
    if (no < 0)
        return no;
    for (int i = 0; i < f->now_count; i++)
        if (fakefs_lies_in(f->now[i].path, path))
            return -ENOTEMPTY;
    for (int i = 0; i < f->folders; i++)
        if (strcmp(f->folder[i].path, path) == 0)
            f->folder[i] = f->folder[--f->folders];
    return 0;
}

static int fake_list(void *ctx, const char *path, bool (*say)(void *to, const char *name), void *to)
{
    fakefs *f = ctx;
    HOLD(f);
    const int no = admit(f);
    if (no < 0)
        return no;
    const size_t length = strlen(path);
    char said[16][64];
    int folders = 0;
    for (int i = 0; i < f->now_count; i++) {
        const char *name = f->now[i].path + length + 1;
        if (fakefs_lies_in(f->now[i].path, path)) {
            if (!say(to, name))
                break;
        } else if (strncmp(f->now[i].path, path, length) == 0 && f->now[i].path[length] == '/') {
            char below[64];
            int k = 0;
            snprintf(below, sizeof below, "%.*s", (int)strcspn(name, "/"), name);
            while (k < folders && strcmp(said[k], below) != 0)
                k++;
            if (k == folders && folders < 16) {
                strcpy(said[folders++], below);
                if (!say(to, below))
                    break;
            }
        }
    }
    return 0;
}

fakefs *fakefs_new(void)
{
    fakefs *f = calloc(1, sizeof *f);
    pthread_mutexattr_t recursive; /* a folder's listing calls back */
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&f->one, &recursive);
    pthread_mutexattr_destroy(&recursive);
    fakefs_grow(f, FIRST_FILES);
    f->fs = (gx_fs){.ctx = f,
        .open = fake_open,
        .close = fake_close,
        .read = fake_read,
        .write = fake_write,
        .sync = fake_sync,
        .truncate = fake_truncate,
        .size = fake_size,
        .lock = fake_lock,
        .rename = fake_rename,
        .unlink = fake_unlink,
        .mkdir = fake_mkdir,
        .sync_dir = fake_sync_dir,
        .list = fake_list,
        .rmdir = fake_rmdir};
    f->fail_from = f->halt = f->quota = UINT64_MAX;
    for (int h = 0; h < MAX_HANDLES; h++)
        f->handle[h] = -1;
    return f;
}

void fakefs_free(fakefs *f)
{
    for (int i = 0; i < f->capacity; i++) {
        free(f->node[i].now);
        free(f->node[i].safe);
        free(f->node[i].clean);
    }
    free(f->node);
    free(f->now);
    free(f->safe);
    pthread_mutex_destroy(&f->one);
    free(f);
}

const gx_fs *fakefs_fs(fakefs *f)
{
    return &f->fs;
}

uint64_t fakefs_calls(const fakefs *f)
{
    return f->calls;
}

void fakefs_fail(fakefs *f, uint64_t call, uint64_t times, int number)
{
    f->fail_from = call;
    f->fail_until = times > UINT64_MAX - call ? UINT64_MAX : call + times;
    f->fail_number = number;
}

void fakefs_quota(fakefs *f, uint64_t bytes)
{
    f->quota = bytes;
}

void fakefs_more_room(fakefs *f, uint64_t bytes)
{
    f->quota = bytes > UINT64_MAX - f->quota ? UINT64_MAX : f->quota + bytes;
}

void fakefs_halt_at(fakefs *f, uint64_t call)
{
    f->halt = call;
}

unsigned char *fakefs_bytes(fakefs *f, const char *path, size_t *size)
{
    const int at = fakefs_find(f->now, f->now_count, path);
    if (at < 0)
        return NULL;
    *size = f->node[f->now[at].node].now_size;
    return f->node[f->now[at].node].now;
}

void fakefs_each(fakefs *f,
    void (*fn)(void *ctx, const char *path, unsigned char *bytes, size_t size), void *ctx)
{
    for (int i = 0; i < f->now_count; i++)
        fn(ctx, f->now[i].path, f->node[f->now[i].node].now, f->node[f->now[i].node].now_size);
}

void fakefs_cut(fakefs *f, const char *path, size_t size)
{
    const int at = fakefs_find(f->now, f->now_count, path);
    if (at >= 0)
        fakefs_resize(&f->node[f->now[at].node], size);
}

void fakefs_remove(fakefs *f, const char *path)
{
    const int at = fakefs_find(f->now, f->now_count, path);
    if (at >= 0)
        f->now[at] = f->now[--f->now_count];
}
