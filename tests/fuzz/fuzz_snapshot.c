/* Bytes as the payload of a snapshot with right checksums, in a state that is else whole: of a part, or of everything but the parts (by
 * the first byte). Whatever opens goes on. And the bytes as a whole snapshot file. */
#include "tests/fuzz/fuzz_state.h"

/* A state with two batches, closed well. */
static fakefs *whole_state(void)
{
    static fakefs *disk;
    gx_state *s;
    gx_ops ops = {.ids = GX_IDS_U64};
    gx_batch_did did;
    gx_error err;
    if (disk != NULL)
        return disk;
    disk = fakefs_new();
    const gx_state_options o = fuzz_options(disk, false);
    if (gx_state_open(&o, &s, NULL, &err) != GX_OK)
        abort();
    for (uint64_t batch = 0; batch < 2; batch++) {
        const gx_mark mark = {batch + 1, 5};
        gx_ops_reset(&ops);
        for (uint64_t i = 0; i < 12; i++)
            gx_ops_add(&ops,
                (gx_stream_op){
                    .src = i * (batch + 3) % 7, .dst = i * 5 % 9, .weight = 1, .time = GX_NO_TIME});
        if (gx_state_take(s, &ops, "f", 1, &mark, &err) != GX_OK ||
            gx_state_seal(s, GX_NO_TIME, 0, &err) != GX_OK ||
            gx_state_run(s, &did, &err) != GX_OK || gx_state_checkpoint(s, &err) != GX_OK)
            abort();
    }
    gx_ops_clear(&ops);
    if (gx_state_close(s, &err) != GX_OK)
        abort();
    return disk;
}

static void as_payload(const uint8_t *data, size_t size, bool base)
{
    fakefs *disk = fakefs_after_loss(whole_state(), FAKE_KEEP, 0);
    const gx_fs *fs = fakefs_fs(disk);
    uint64_t generation[2];
    gx_manifest m;
    gx_error err;
    if (gx_manifest_find(fs, "st", generation, &err) != GX_OK ||
        gx_manifest_load(fs, "st", generation[0], &m, &err) != GX_OK)
        abort();
    fakefs_remove(disk, "st/manifest-00000001"); /* nothing to fall back to */
    char older[40];
    snprintf(older, sizeof older, "st/manifest-%08lx", (unsigned long)generation[1]);
    fakefs_remove(disk, older);
    for (uint32_t i = 0; i < m.snaps; i++)
        if ((m.snap[i].part == GX_SNAP_BASE) == base) {
            const uint64_t of = m.snap[i].generation;
            if (gx_snap_store(fs, "st", m.id, of, m.snap[i].part, data, size, &m.snap[i], &err) !=
                GX_OK)
                abort();
            break;
        }
    if (gx_manifest_store(fs, "st", &m, &err) != GX_OK)
        abort();
    gx_manifest_clear(&m);
    fuzz_open(disk);
    fakefs_free(disk);
}

static void as_file(const uint8_t *data, size_t size)
{
    fakefs *disk = fakefs_new();
    unsigned char *file = NULL;
    const unsigned char *payload;
    size_t length;
    gx_error err = {0};
    const gx_snap snap = {.generation = 3, .part = 5, .size = size, .check = size};
    fuzz_put(disk, "st/snap-00000003-00005", data, size);
    const gx_status st =
        gx_snap_load(fakefs_fs(disk), "st", fuzz_id, &snap, &file, &payload, &length, &err);
    if (st == GX_OK)
        gx_free(file);
    else if (err.message[0] == '\0')
        abort();
    fakefs_free(disk);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 1 << 15)
        return 0;
    whole_state();
    fuzz_begin();
    as_payload(data + 1, size - 1, (data[0] & 1) != 0);
    as_file(data + 1, size - 1);
    return fuzz_end();
}
