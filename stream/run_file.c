/* Writing and reading checkpoints of batch runs. */
#include "stream/run_file.h"
#include "stream/bytes_priv.h"
#include "stream/plant_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { HEADER = 64, MOST_DESCRIPTION = 1 << 20, WINDOW = 1 << 20, VERSION = 1 };

static const unsigned char magic[8] = "GXRUN\r\n\x1a";
static const uint64_t byte_order = 0x0102030405060708u;

void gx_run_file_clear(gx_run_file *f)
{
    gx_free(f->description);
    *f = (gx_run_file){0};
}

void gx_run_file_name(char name[GX_RUN_NAME], uint64_t generation)
{
    snprintf(name, GX_RUN_NAME, "run-%08" PRIx64, generation & 0xffffffffu);
}

uint64_t gx_run_generation_of_name(const char *name)
{
    uint64_t generation = 0;
    if (strncmp(name, "run-", 4) != 0 || strlen(name) != 12)
        return 0;
    for (const char *c = name + 4; *c != '\0'; c++) {
        const char *digits = "0123456789abcdef", *at = strchr(digits, *c);
        if (at == NULL)
            return 0;
        generation = generation << 4 | (uint64_t)(at - digits);
    }
    return generation;
}

static uint64_t seed_of(uint64_t generation, uint32_t index)
{
    return generation * GX_RUN_PIECES + index;
}

static uint64_t padded(uint64_t size)
{
    return (size + 7) & ~UINT64_C(7);
}

static void put_u64(unsigned char *to, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        to[i] = (unsigned char)(value >> (8 * i));
}

static gx_status no_memory(gx_error *err)
{
    return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a checkpoint");
}

/* ---- writing ---- */

static void put_text(gx_bytes *b, const char *text)
{
    gx_bytes_blob(b, text, strlen(text) + 1);
}

/* Header and description, padded; the pieces follow. */
static gx_status encode(
    const gx_run_file *f, const gx_kept piece[], uint32_t count, gx_bytes *b, gx_error *err)
{
    const unsigned char zeros[HEADER] = {0};
    unsigned char order[8];
    gx_bytes_put(b, zeros, HEADER);
    put_text(b, f->version);
    put_text(b, f->plan);
    gx_bytes_u64(b, f->digest);
    gx_bytes_u64(b, f->slots);
    gx_bytes_u64(b, f->arcs);
    gx_bytes_u64(b, f->parts);
    memcpy(order, &byte_order, sizeof order); /* as this machine has it */
    gx_bytes_put(b, order, sizeof order);
    gx_bytes_u64(b, f->mark.loop);
    put_text(b, f->mark.name);
    gx_bytes_u64(b, f->mark.superstep);
    gx_bytes_u64(b, f->mark.supersteps);
    gx_bytes_u64(b, f->mark.complete);
    gx_bytes_u64(b, count);
    uint64_t pieces = 0;
    for (uint32_t i = 0; i < count; i++) {
        put_text(b, piece[i].name);
        gx_bytes_u64(b, piece[i].bytes);
        gx_bytes_u64(
            b, XXH3_64bits_withSeed(piece[i].data, piece[i].bytes, seed_of(f->generation, i)));
        pieces += padded(piece[i].bytes);
    }
    const uint64_t length = b->size - HEADER;
    gx_bytes_put(b, zeros, (size_t)(padded(length) - length));
    if (b->no_memory)
        return no_memory(err);
    unsigned char *h = b->data;
    memcpy(h, magic, sizeof magic);
    put_u64(h + 8, VERSION);
    put_u64(h + 16, f->generation);
    put_u64(h + 24, b->size + pieces);
    put_u64(h + 32, length);
    put_u64(h + 40, XXH3_64bits_withSeed(h + HEADER, (size_t)length, f->generation));
    put_u64(h + 48, 0);
    put_u64(h + 56, XXH3_64bits(h, 56));
    return GX_OK;
}

static gx_status write_pieces(const gx_fs *fs, int file, uint64_t at, const gx_kept piece[],
    uint32_t count, const char *path, gx_error *err)
{
    const unsigned char zeros[8] = {0};
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t pad = padded(piece[i].bytes) - piece[i].bytes;
        gx_status st = gx_file_write(fs, file, piece[i].data, piece[i].bytes, at, path, err);
        if (st == GX_OK && pad > 0)
            st = gx_file_write(fs, file, zeros, (size_t)pad, at + piece[i].bytes, path, err);
        if (st != GX_OK)
            return st;
        at += piece[i].bytes + pad;
    }
    return GX_OK;
}

gx_status gx_run_file_store(const gx_fs *fs, const char *folder, const gx_run_file *f,
    const gx_kept piece[], uint32_t count, gx_error *err)
{
    char name[GX_RUN_NAME], path[4096], temporary[sizeof path + 8];
    gx_bytes head = {0};
    int failed = 0;
    gx_run_file_name(name, f->generation);
    if (!gx_file_path(path, sizeof path, folder, name))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s/%s is too long", folder, name);
    snprintf(
        temporary, sizeof temporary, "%s%s", path, GX_PLANTED(GX_PLANT_IN_PLACE) ? "" : ".new");
    gx_status st = encode(f, piece, count, &head, err);
    if (st != GX_OK)
        goto done;
    const int left = fs->unlink(fs->ctx, temporary); /* of a process that was killed here before */
    if (left < 0 && left != -ENOENT) {
        st = gx_file_fail(err, left, "removing", temporary);
        goto done;
    }
    const int file = fs->open(fs->ctx, temporary, O_RDWR | O_CREAT | O_EXCL);
    if (file < 0) {
        st = gx_file_fail(err, file, "creating", temporary);
        goto done;
    }
    st = gx_file_write(fs, file, head.data, head.size, 0, temporary, err);
    if (st == GX_OK)
        st = write_pieces(fs, file, head.size, piece, count, temporary, err);
    if (st == GX_OK && !GX_PLANTED(GX_PLANT_RENAME_UNSYNCED) &&
        (failed = fs->sync(fs->ctx, file)) < 0)
        st = gx_file_fail(err, failed, "syncing", temporary);
    if ((failed = fs->close(fs->ctx, file)) < 0 && st == GX_OK)
        st = gx_file_fail(err, failed, "closing", temporary);
    if (st == GX_OK && (failed = fs->rename(fs->ctx, temporary, path)) < 0)
        st = gx_file_fail(err, failed, "renaming to", path);
    if (st != GX_OK) {
        fs->unlink(fs->ctx, temporary);
        goto done;
    }
    if (!GX_PLANTED(GX_PLANT_NO_FOLDER_SYNC) && (failed = fs->sync_dir(fs->ctx, folder)) < 0)
        st = gx_file_fail(err, failed, "syncing the folder", folder);
done:
    gx_free(head.data);
    return st;
}

/* ---- reading ---- */

static gx_status damaged(gx_error *err, const char *path, const char *what)
{
    return gx_fail_at(err, GX_EDATA, path, 0, 0, NULL, 0, "", "%s", what);
}

/* Intact, but not for this program. */
static gx_status foreign(gx_error *err, const char *path, const char *what)
{
    gx_fail_at(err, GX_EDATA, path, 0, 0, NULL, 0, "name another folder for --state", "%s", what);
    if (err != NULL)
        err->where = 0;
    return GX_EDATA;
}

static const char *take_text(gx_view *v)
{
    size_t length;
    const char *text = (const char *)gx_view_blob(v, &length);
    if (v->bad || length == 0 || memchr(text, '\0', length) != text + length - 1) {
        v->bad = true;
        return "";
    }
    return text;
}

static uint64_t u64_at(const unsigned char *bytes, size_t at)
{
    gx_view v = {bytes, HEADER, at, false};
    return gx_view_u64(&v);
}

/* The header alone; *length of the description. */
static gx_status check_header(const unsigned char header[HEADER], uint64_t generation,
    uint64_t size, uint64_t *length, const char *path, gx_error *err)
{
    if (memcmp(header, magic, sizeof magic) != 0)
        return damaged(err, path, "is no checkpoint of a run");
    if (XXH3_64bits(header, 56) != u64_at(header, 56))
        return damaged(err, path, "the header is damaged");
    if (u64_at(header, 8) != VERSION || u64_at(header, 48) != 0)
        return foreign(err, path, "was written by a newer graphx-run");
    if (u64_at(header, 16) != generation)
        return damaged(err, path, "is under the name of another checkpoint");
    if (u64_at(header, 24) != size)
        return damaged(err, path, "is not as long as it says");
    *length = u64_at(header, 32);
    if (*length > MOST_DESCRIPTION || padded(*length) > size - HEADER)
        return damaged(err, path, "its description is longer than it can be");
    return GX_OK;
}

static gx_status decode(gx_run_file *f, uint64_t length, const char *path, gx_error *err)
{
    gx_view v = {f->description, (size_t)length, 0, false};
    unsigned char order[8];
    f->version = take_text(&v);
    f->plan = take_text(&v);
    f->digest = gx_view_u64(&v);
    f->slots = gx_view_u64(&v);
    f->arcs = gx_view_u64(&v);
    f->parts = gx_view_u64(&v);
    memcpy(order, &byte_order, sizeof order);
    if (!v.bad && v.size - v.at >= sizeof order && memcmp(v.data + v.at, order, sizeof order) != 0)
        return foreign(err, path, "was written by a machine with another order of bytes");
    (void)gx_view_u64(&v);
    f->mark.loop = (uint32_t)gx_view_u64(&v);
    f->mark.name = take_text(&v);
    f->mark.superstep = gx_view_u64(&v);
    f->mark.supersteps = gx_view_u64(&v);
    f->mark.complete = gx_view_u64(&v) != 0;
    const uint64_t count = gx_view_u64(&v);
    uint64_t at = HEADER + padded(length);
    for (uint64_t i = 0; i < count && i < GX_RUN_PIECES && !v.bad; i++) {
        gx_run_piece *p = &f->piece[f->pieces++];
        p->name = take_text(&v);
        p->bytes = gx_view_u64(&v);
        p->check = gx_view_u64(&v);
        p->offset = at;
        if (p->bytes > f->size || padded(p->bytes) > f->size - at)
            v.bad = true;
        else
            at += padded(p->bytes);
    }
    if (v.bad || f->pieces != count || v.at != v.size || at != f->size)
        return damaged(err, path, "its description does not fit it");
    return GX_OK;
}

/* Every byte of the pieces, a window at a time; the padding is zeros. */
static gx_status check_pieces(
    const gx_fs *fs, int file, const gx_run_file *f, const char *path, gx_error *err)
{
    gx_status st = GX_OK;
    unsigned char *window = gx_alloc(WINDOW, 1);
    XXH3_state_t hash;
    XXH3_INITSTATE(&hash); /* else what was on the stack may pass for a seed that is set */
    if (window == NULL)
        return no_memory(err);
    for (uint32_t i = 0; i < f->pieces; i++) {
        const gx_run_piece *p = &f->piece[i];
        const uint64_t all = padded(p->bytes);
        XXH3_64bits_reset_withSeed(&hash, seed_of(f->generation, i));
        for (uint64_t at = 0; at < all;) {
            const size_t size = all - at < WINDOW ? (size_t)(all - at) : WINDOW;
            size_t got = 0;
            if ((st = gx_file_read(fs, file, window, size, p->offset + at, &got, path, err)) !=
                GX_OK)
                goto done;
            if (got < size) {
                st = damaged(err, path, "ends too early");
                goto done;
            }
            const uint64_t real = p->bytes - at < size ? p->bytes - at : size;
            XXH3_64bits_update(&hash, window, (size_t)real);
            for (size_t z = (size_t)real; z < size; z++)
                if (window[z] != 0) {
                    st = damaged(err, path, "has bytes between its pieces");
                    goto done;
                }
            at += size;
        }
        if (XXH3_64bits_digest(&hash) != p->check) {
            st = damaged(err, path, "a piece does not have its checksum");
            goto done;
        }
    }
done:
    gx_free(window);
    return st;
}

static gx_status read_description(const gx_fs *fs, int file, gx_run_file *f,
    const unsigned char header[HEADER], uint64_t length, const char *path, gx_error *err)
{
    const size_t size = (size_t)padded(length);
    size_t got = 0;
    f->description = gx_alloc(size, 1);
    if (f->description == NULL)
        return no_memory(err);
    const gx_status st = gx_file_read(fs, file, f->description, size, HEADER, &got, path, err);
    if (st != GX_OK)
        return st;
    if (got < size)
        return damaged(err, path, "ends too early");
    for (size_t z = (size_t)length; z < size; z++)
        if (f->description[z] != 0)
            return damaged(err, path, "has bytes behind its description");
    if (XXH3_64bits_withSeed(f->description, (size_t)length, f->generation) != u64_at(header, 40))
        return damaged(err, path, "the description is damaged");
    return decode(f, length, path, err);
}

gx_status gx_run_file_load(
    const gx_fs *fs, const char *folder, uint64_t generation, gx_run_file *out, gx_error *err)
{
    char name[GX_RUN_NAME], path[4096];
    unsigned char header[HEADER];
    gx_run_file f = {.generation = generation};
    size_t got = 0;
    uint64_t length = 0;
    gx_run_file_name(name, generation);
    if (!gx_file_path(path, sizeof path, folder, name))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s/%s is too long", folder, name);
    const int file = fs->open(fs->ctx, path, O_RDONLY);
    if (file < 0)
        return gx_file_fail(err, file, "opening", path);
    gx_status st;
    const int64_t size = fs->size(fs->ctx, file);
    if (size < 0) {
        st = gx_file_fail(err, (int)size, "looking at", path);
        goto done;
    }
    f.size = (uint64_t)size;
    if ((st = gx_file_read(fs, file, header, HEADER, 0, &got, path, err)) != GX_OK)
        goto done;
    st = got < HEADER ? damaged(err, path, "ends too early")
                      : check_header(header, generation, f.size, &length, path, err);
    if (st != GX_OK || (st = read_description(fs, file, &f, header, length, path, err)) != GX_OK ||
        (st = check_pieces(fs, file, &f, path, err)) != GX_OK)
        goto done;
    *out = f;
    f = (gx_run_file){0};
done:
    gx_run_file_clear(&f);
    fs->close(fs->ctx, file);
    return st;
}

static bool fits(const gx_run_file *f, const gx_kept piece[], uint32_t count)
{
    bool same = count == f->pieces;
    for (uint32_t i = 0; i < count && same; i++)
        same = strcmp(piece[i].name, f->piece[i].name) == 0 &&
               (piece[i].fewer ? f->piece[i].bytes <= piece[i].bytes
                               : f->piece[i].bytes == piece[i].bytes);
    return same;
}

gx_status gx_run_file_pieces(const gx_fs *fs, const char *folder, const gx_run_file *f,
    gx_kept piece[], uint32_t count, gx_error *err)
{
    char name[GX_RUN_NAME], path[4096];
    gx_status st = GX_OK;
    gx_run_file_name(name, f->generation);
    if (!gx_file_path(path, sizeof path, folder, name))
        return gx_fail(err, GX_EUSAGE, GX_NOWHERE, "the path %s/%s is too long", folder, name);
    if (!fits(f, piece, count))
        return damaged(err, path, "its pieces are others");
    const int file = fs->open(fs->ctx, path, O_RDONLY);
    if (file < 0)
        return gx_file_fail(err, file, "opening", path);
    for (uint32_t i = 0; i < count && st == GX_OK; i++) {
        const gx_run_piece *p = &f->piece[i];
        size_t got = 0;
        st = gx_file_read(fs, file, piece[i].data, (size_t)p->bytes, p->offset, &got, path, err);
        if (st == GX_OK && (got < p->bytes || XXH3_64bits_withSeed(piece[i].data, got,
                                                  seed_of(f->generation, i)) != p->check))
            st = gx_fail_at(err, GX_EIO, path, 0, 0, NULL, 0, "", "changed while it was read");
        piece[i].bytes = (size_t)p->bytes;
    }
    fs->close(fs->ctx, file);
    return st;
}
