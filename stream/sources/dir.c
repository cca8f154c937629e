/* A folder in which whole files appear: they are read in the order of their names; names with a leading dot are passed over, so
 * that a file can be written under such a name and renamed when it is whole. */
#include "graph/input.h"
#include "graph/progress.h"
#include "stream/fingerprint.h"
#include "stream/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { CHUNK = 1 << 18, POLL_MS = 20 };

typedef struct name {
    char *text; /* first: names are compared by it */
    uint64_t inode;
} name;

typedef struct dir {
    gx_source_options options;
    char *path;
    name *seen; /* [seens] names that were read or are being read, sorted */
    size_t seens, seen_capacity;
    name *next; /* [nexts] names that are there and were not read, falling: the last one is next */
    size_t nexts, next_capacity;
    struct timespec changed; /* of the folder, when it was listed */
    bool listed;
    gx_lines *lines; /* of the file at hand; NULL: none */
    gx_input *in;
    char *key; /* dir:PATH/NAME */
    gx_mark mark;
    char
        last; /* byte of it that an earlier run took, to be held against what follows; LF: nothing to be said */
    bool ended;
} dir;

static void close_at_hand(dir *d)
{
    gx_lines_free(d->lines);
    if (d->in != NULL)
        gx_input_close(d->in);
    gx_free(d->key);
    d->lines = NULL;
    d->in = NULL;
    d->key = NULL;
    d->ended = false;
}

static void close_dir(void *state)
{
    dir *d = state;
    if (d == NULL)
        return;
    close_at_hand(d);
    for (size_t i = 0; i < d->seens; i++)
        gx_free(d->seen[i].text);
    for (size_t i = 0; i < d->nexts; i++)
        gx_free(d->next[i].text);
    gx_free(d->seen);
    gx_free(d->next);
    gx_free(d->path);
    gx_free(d);
}

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for the files of a folder");
}

static char *copy_of(const char *text)
{
    char *copy = gx_alloc(strlen(text) + 1, 1);
    return copy != NULL ? strcpy(copy, text) : NULL;
}

static gx_status open_dir(
    const char *rest, const gx_source_options *options, void **state, gx_error *err)
{
    struct stat there;
    if (stat(rest, &there) != 0)
        return gx_fail_at(err, GX_ENOINPUT, rest, 0, 0, NULL, 0, "", "%s", strerror(errno));
    if (!S_ISDIR(there.st_mode))
        return gx_fail_at(err, GX_ENOINPUT, rest, 0, 0, NULL, 0, "", "this is no folder");
    dir *d = gx_alloc_zero(1, sizeof *d);
    if (d == NULL || (d->path = copy_of(rest)) == NULL) {
        close_dir(d);
        return no_memory(err);
    }
    d->options = *options;
    *state = d;
    return GX_OK;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const name *)a)->text, ((const name *)b)->text);
}

static char *key_of(const dir *d, const char *text)
{
    const size_t size = strlen(d->path) + strlen(text) + 6;
    char *key = gx_alloc(size, 1);
    if (key != NULL)
        snprintf(key, size, "dir:%s/%s", d->path, text);
    return key;
}

static void tell_of_another(const char *path)
{
    gx_warn("%s is another file than the one of this name that was read: it is not read; give it "
            "a name of its own",
        path);
}

/* Was the file read to its end by an earlier run? One that is another now is said. */
static bool finished(const dir *d, const char *key)
{
    gx_mark mark;
    struct stat there;
    gx_input *in = NULL;
    size_t length;
    if (!gx_state_find(d->options.state, key, strlen(key), &mark) || (mark.fingerprint & 1) == 0)
        return false;
    if (stat(key + 4, &there) != 0 || gx_input_open(key + 4, &in, NULL) != GX_OK)
        return true; /* gone, or not to be read any more: it was */
    const unsigned char *head = gx_input_peek(in, &length);
    if (!gx_fingerprint_fits(mark.fingerprint, (uint64_t)there.st_ino, head, length))
        tell_of_another(key + 4);
    gx_input_close(in);
    return true;
}

static bool remember(dir *d, name n)
{
    if (!gx_grow((void **)&d->seen, &d->seen_capacity, d->seens + 1, sizeof *d->seen))
        return false;
    size_t at = d->seens;
    for (; at > 0 && compare(&d->seen[at - 1], &n) > 0; at--)
        d->seen[at] = d->seen[at - 1];
    d->seen[at] = n;
    d->seens++;
    return true;
}

static name *find_seen(const dir *d, const char *text)
{
    char *copy = NULL;
    memcpy(&copy, &text, sizeof copy);
    const name wanted = {.text = copy};
    return d->seens > 0 ? bsearch(&wanted, d->seen, d->seens, sizeof *d->seen, compare) : NULL;
}

/* Another file under a name that was read: said once. */
static gx_status look_again(const dir *d, name *seen, uint64_t inode, gx_error *err)
{
    if (seen->inode == inode)
        return GX_OK;
    char *key = key_of(d, seen->text);
    if (key == NULL)
        return no_memory(err);
    tell_of_another(key + 4);
    gx_free(key);
    seen->inode = inode;
    return GX_OK;
}

/* What is there that was not read yet. A folder whose time has not changed is not listed again, unless that time is so young that a
 * change right after the listing would have the same one. */
static gx_status list(dir *d, gx_error *err)
{
    struct stat there;
    struct timespec now;
    if (stat(d->path, &there) != 0)
        return gx_fail_at(err, GX_EIO, d->path, 0, 0, NULL, 0, "", "%s", strerror(errno));
    if (d->listed && memcmp(&there.st_mtim, &d->changed, sizeof d->changed) == 0)
        return GX_OK;
    const struct timespec changed = there.st_mtim;
    clock_gettime(CLOCK_REALTIME, &now);
    DIR *folder = opendir(d->path);
    if (folder == NULL)
        return gx_fail_at(err, GX_EIO, d->path, 0, 0, NULL, 0, "", "%s", strerror(errno));
    gx_status st = GX_OK;
    for (size_t i = 0; i < d->nexts; i++)
        gx_free(d->next[i].text);
    d->nexts = 0;
    for (struct dirent *e; st == GX_OK && (e = readdir(folder)) != NULL;) {
        if (e->d_name[0] == '.')
            continue;
        name *seen = find_seen(d, e->d_name);
        if (seen != NULL) {
            st = look_again(d, seen, (uint64_t)e->d_ino, err);
            continue;
        }
        char *key = key_of(d, e->d_name), *copy = copy_of(e->d_name);
        const name one = {copy, (uint64_t)e->d_ino};
        bool kept = false;
        if (key == NULL || copy == NULL) {
            st = no_memory(err);
        } else if (stat(key + 4, &there) != 0 || !S_ISREG(there.st_mode)) {
            kept = false; /* gone again, or a folder */
        } else if (finished(d, key)) {
            kept = remember(d, one);
            st = kept ? GX_OK : no_memory(err);
        } else if (gx_grow((void **)&d->next, &d->next_capacity, d->nexts + 1, sizeof *d->next)) {
            d->next[d->nexts++] = one;
            kept = true;
        } else {
            st = no_memory(err);
        }
        gx_free(key);
        if (!kept)
            gx_free(copy);
    }
    closedir(folder);
    if (d->nexts > 0)
        qsort(d->next, d->nexts, sizeof *d->next, compare);
    for (size_t i = 0; i < d->nexts / 2; i++) {
        const name swap = d->next[i];
        d->next[i] = d->next[d->nexts - 1 - i];
        d->next[d->nexts - 1 - i] = swap;
    }
    d->listed = now.tv_sec > changed.tv_sec + 1;
    d->changed = changed;
    return st;
}

static gx_status skip(dir *d, uint64_t bytes, gx_error *err)
{
    char buffer[4096];
    gx_status st = GX_OK;
    for (uint64_t left = bytes; left > 0 && st == GX_OK;) {
        size_t got;
        st = gx_input_read(
            d->in, buffer, left < sizeof buffer ? (size_t)left : sizeof buffer, &got, err);
        if (st == GX_OK && got == 0)
            st = gx_fail_at(err, GX_EDATA, d->key + 4, 0, 0, NULL, 0,
                "files in the folder are to be whole when they appear",
                "the file has become shorter than what was taken of it");
        if (st == GX_OK)
            d->last = buffer[got - 1];
        left -= st == GX_OK ? got : 0;
    }
    gx_lines_begin(d->lines, bytes, 0);
    return st;
}

static gx_status begin(dir *d, gx_error *err)
{
    const name first = d->next[d->nexts - 1];
    struct stat there;
    size_t length;
    gx_mark mark;
    if ((d->key = key_of(d, first.text)) == NULL || !remember(d, first))
        return no_memory(err);
    d->nexts--;
    const char *path = d->key + 4;
    gx_status st = gx_input_open(path, &d->in, err);
    if (st == GX_OK)
        st = gx_lines_new(&d->options.lines, path, 4 << 20, &d->lines, err);
    if (st != GX_OK)
        return st;
    const unsigned char *head = gx_input_peek(d->in, &length);
    const uint64_t inode = stat(path, &there) == 0 ? (uint64_t)there.st_ino : 0;
    d->mark = (gx_mark){0, gx_fingerprint(inode, head, length)};
    d->last = '\n';
    if (!gx_state_find(d->options.state, d->key, strlen(d->key), &mark))
        return GX_OK;
    if (!gx_fingerprint_fits(mark.fingerprint, inode, head, length))
        return gx_fail_at(err, GX_EDATA, path, 0, 0, NULL, 0, "",
            "this is another file than the one of this name that the state has begun to read");
    return skip(d, mark.position, err);
}

/* Read on in the file at hand; at its end the mark says that it is finished. */
static gx_status read_on(dir *d, gx_arrival *to, uint64_t most, bool *done, gx_error *err)
{
    gx_status st = GX_OK;
    bool all = false;
    while (st == GX_OK && to->ops.m < most) {
        st = gx_lines_take(d->lines, to, most - to->ops.m, &all, err);
        if (st != GX_OK || !all || d->ended || to->bytes >= CHUNK)
            break;
        size_t room, got;
        char *at = gx_lines_room(d->lines, &room);
        if (room == 0)
            return no_memory(err);
        const size_t want = room < CHUNK ? room : CHUNK;
        if ((st = gx_input_read(d->in, at, want, &got, err)) != GX_OK)
            break;
        if (gx_line_goes_on(d->last, at, got))
            return gx_fail_at(err, GX_EDATA, d->key + 4, 0, 0, NULL, 0,
                "files in the folder are to be whole when they appear",
                "what was taken of the file ended elsewhere: it is another one");
        d->last = '\n';
        gx_lines_came(d->lines, got);
        if (got < want) {
            d->ended = true;
            gx_lines_end(d->lines);
        }
    }
    *done = st == GX_OK && d->ended && all;
    to->key = d->key;
    to->key_length = strlen(d->key);
    to->mark.fingerprint = d->mark.fingerprint;
    to->finishes = *done;
    return st;
}

static gx_status take_dir(void *state, gx_arrival *to, uint64_t most, bool *ended, gx_error *err)
{
    dir *d = state;
    gx_status st = GX_OK;
    *ended = false;
    if (d->lines != NULL && d->mark.fingerprint & 1)
        close_at_hand(d); /* its last operations were given */
    if (d->lines == NULL) {
        if (d->nexts == 0 && (st = list(d, err)) != GX_OK)
            return st;
        if (d->nexts == 0)
            return GX_OK;
        if ((st = begin(d, err)) != GX_OK)
            return st;
    }
    bool done = false;
    st = read_on(d, to, most, &done, err);
    d->mark.fingerprint |= done;
    return st;
}

static unsigned watch_dir(void *state, struct pollfd fd[], int *wait_ms)
{
    const dir *d = state;
    const int wait = d->lines != NULL || d->nexts > 0 ? 0 : POLL_MS;
    (void)fd;
    if (*wait_ms < 0 || *wait_ms > wait)
        *wait_ms = wait;
    return 0;
}

GX_SOURCE(dir) = {
    .name = "dir",
    .summary = "a folder in which whole files appear, in the order of their names",
    .shape = "dir:FOLDER",
    .reliable = true,
    .open = open_dir,
    .close = close_dir,
    .take = take_dir,
    .watch = watch_dir,
};
