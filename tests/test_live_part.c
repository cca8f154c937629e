/* engine/live_part.c: payloads of parts are taken whole or not at all. Truth: the graph that was saved, and the lists that appending
 * gives. */
#include "engine/live.h"
#include "engine/live_part.h"
#include "tests/support/support.h"

#include <string.h>

enum { BATCH = 600, SPREAD = 300, HUB = 2500 };

typedef struct payload {
    unsigned char *bytes;
    size_t size, capacity;
} payload;

static uint64_t state;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % below);
}

static gx_live *make(gx_live_options options)
{
    static gx_op op[BATCH];
    gx_live *g;
    gx_error err;
    const gx_delta *d;
    state = 5;
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    for (uint32_t i = 0; i < BATCH; i++) {
        op[i] = (gx_op){.weight = 1 + draw(3), .kind = draw(4) == 0 ? GX_OP_REMOVE : GX_OP_ADD};
        ck_assert_int_eq(gx_live_slot(g, draw(SPREAD), &op[i].src, &err), GX_OK);
        ck_assert_int_eq(gx_live_slot(g, draw(9) == 0 ? 3 : draw(SPREAD), &op[i].dst, &err), GX_OK);
    }
    ck_assert_int_eq(gx_live_apply(g, BATCH, op, &d, &err), GX_OK);
    return g;
}

static payload save(const gx_live *g, uint32_t part)
{
    payload p = {NULL, 0, 0};
    gx_error err;
    ck_assert_int_eq(gx_live_part_save(g, part, &p.bytes, &p.size, &p.capacity, &err), GX_OK);
    return p;
}

static void expect_empty(const gx_live *g, uint32_t part)
{
    gx_part_look look;
    gx_live_part_look(g, part, &look);
    ck_assert_uint_eq(look.entries, 0);
    ck_assert_uint_eq(gx_live_digest(g, part), 0);
}

/* Does a byte belong to an entry that the part's digest leaves to the part of the other end: of a list by destination, or (undirected)
 * of an end that is not above the slot? Or to a slot that has no other entries? Files have a checksum of every byte. */
static bool is_of_other(const payload *p, gx_live_options o, size_t byte)
{
    uint32_t count, head[4], end;
    memcpy(&count, p->bytes, sizeof count);
    size_t at = sizeof count;
    for (uint32_t i = 0; i < count; i++) {
        memcpy(head, p->bytes + at, sizeof head);
        const size_t from = at, entries = (size_t)head[1] + head[2], ends = at + sizeof head,
                     weights = ends + entries * 4;
        at = weights + (o.weighted ? entries * 8 : 0);
        bool none = true;
        for (size_t e = 0; e < entries; e++) {
            memcpy(&end, p->bytes + ends + e * 4, sizeof end);
            const bool other = o.directed ? e >= head[1] : end <= head[0];
            if ((byte >= ends + e * 4 && byte < ends + e * 4 + 4) ||
                (o.weighted && byte >= weights + e * 8 && byte < weights + e * 8 + 8))
                return other;
            none &= other;
        }
        if (byte >= from && byte < from + sizeof head[0])
            return none;
    }
    return false;
}

/* Every cut, every flipped bit, and one byte too many: refused, and the part is as empty as before. */
START_TEST(bytes_that_are_not_a_part)
{
    const uint64_t before = gx_memory_held();
    for (unsigned kind = 0; kind < 4; kind++) {
        const gx_live_options options = {.directed = kind & 1, .weighted = kind >> 1 & 1};
        gx_live *g = make(options);
        gx_error err;
        payload p = save(g, 0);
        gx_part_look was, is;
        gx_live_part_look(g, 0, &was);
        ck_assert_uint_gt(was.entries, 100);
        gx_live_part_drop(g, 0);
        const uint64_t held = gx_memory_held();
        for (size_t cut = 0; cut < p.size; cut++)
            ck_assert_int_eq(gx_live_part_load(g, 0, p.bytes, cut, &err), GX_EDATA);
        expect_empty(g, 0);
        uint64_t harmless = 0;
        for (size_t bit = 0; bit < p.size * 8; bit++) {
            const bool of_other = is_of_other(&p, options, bit / 8);
            p.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
            const gx_status st = gx_live_part_load(g, 0, p.bytes, p.size, &err);
            if (st == GX_OK) {
                ck_assert(of_other);
                gx_live_part_drop(g, 0);
                harmless++;
            } else {
                ck_assert_int_eq(st, GX_EDATA);
            }
            p.bytes[bit / 8] ^= (unsigned char)(1u << bit % 8);
        }
        ck_assert_uint_gt(harmless, 0);
        ck_assert_uint_lt(harmless, p.size * 4);
        expect_empty(g, 0);
        unsigned char *longer = gx_alloc(p.size + 1, 1);
        memcpy(longer, p.bytes, p.size);
        longer[p.size] = 0;
        ck_assert_int_eq(gx_live_part_load(g, 0, longer, p.size + 1, &err), GX_EDATA);
        gx_free(longer);
        ck_assert_int_eq(gx_live_part_load(g, 1, p.bytes, p.size, &err), GX_EDATA); /* another's */
        ck_assert_uint_eq(gx_memory_held(), held);
        ck_assert_int_eq(gx_live_part_load(g, 0, p.bytes, p.size, &err), GX_OK);
        gx_live_part_look(g, 0, &is);
        ck_assert_mem_eq(&is, &was, sizeof is);
        ck_assert_int_eq(gx_live_part_load(g, 0, p.bytes, p.size, &err), GX_EDATA); /* not empty */
        gx_live_part_look(g, 0, &is);
        ck_assert_mem_eq(&is, &was, sizeof is);
        gx_free(p.bytes);
        gx_live_free(g);
    }
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

START_TEST(memory_runs_out)
{
    const uint64_t before = gx_memory_held();
    gx_live *g = make((gx_live_options){.directed = true, .weighted = true});
    gx_error err;
    payload p = save(g, 0);
    gx_part_look was, is;
    gx_live_part_look(g, 0, &was);
    gx_live_part_drop(g, 0);
    for (uint64_t n = 0;; n++) {
        gx_memory_fail_after(n, false);
        const gx_status st = gx_live_part_load(g, 0, p.bytes, p.size, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        if (st == GX_OK)
            break;
        ck_assert_int_eq(st, GX_ENOMEM);
        expect_empty(g, 0);
        ck_assert_uint_lt(n, 10);
    }
    gx_live_part_look(g, 0, &is);
    ck_assert_mem_eq(&is, &was, sizeof is);
    gx_free(p.bytes);
    gx_live_free(g);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

/* A long list whose entries stand in the order of their arrival comes out as appending them makes it. */
START_TEST(long_list_in_another_order)
{
    const gx_live_options options = {.directed = true};
    static gx_op op[HUB];
    gx_live *g;
    gx_error err;
    const gx_delta *d;
    state = 9;
    ck_assert_int_eq(gx_live_new(&options, &g, &err), GX_OK);
    for (uint32_t v = 0, slot; v < 6000; v++)
        ck_assert_int_eq(gx_live_slot(g, v, &slot, &err), GX_OK);
    for (uint32_t i = 0; i < HUB; i++)
        op[i] = (gx_op){0, draw(6000), 1, GX_OP_ADD};
    ck_assert_int_eq(gx_live_apply(g, HUB, op, &d, &err), GX_OK);
    payload p = save(g, 0);
    gx_part_look was, is;
    gx_live_part_look(g, 0, &was);
    uint32_t head[5]; /* how many slots, and the first of them */
    memcpy(head, p.bytes, sizeof head);
    ck_assert_uint_eq(head[1], 0);
    ck_assert_uint_eq(head[2], HUB);
    for (uint32_t i = 0; i < HUB; i++)
        memcpy(p.bytes + sizeof head + i * sizeof(uint32_t), &op[i].dst, sizeof(uint32_t));
    gx_live_part_drop(g, 0);
    ck_assert_int_eq(gx_live_part_load(g, 0, p.bytes, p.size, &err), GX_OK);
    gx_live_part_look(g, 0, &is);
    ck_assert_mem_eq(&is, &was, sizeof is);
    ck_assert_uint_ne(gx_list_find(gx_live_out(g, 0), op[HUB / 2].dst, NULL), UINT32_MAX);
    ck_assert_int_eq(gx_live_apply(g, HUB, op, &d, &err), GX_OK); /* its buckets are good */
    for (uint32_t i = 0; i < HUB; i++)
        op[i].kind = GX_OP_REMOVE;
    ck_assert_int_eq(gx_live_apply(g, HUB, op, &d, &err), GX_OK);
    ck_assert_uint_eq(d->removed, HUB);
    gx_free(p.bytes);
    gx_live_free(g);
}
END_TEST

/* Ids: every cut, an id with two slots, a graph that is not empty any more; and each allocation fails. */
START_TEST(bytes_that_are_no_ids)
{
    const uint64_t before = gx_memory_held();
    gx_live *g = make((gx_live_options){.directed = true}), *h;
    const gx_live_options options = {.directed = true};
    payload p = {NULL, 0, 0};
    gx_error err;
    ck_assert_int_eq(gx_live_base_save(g, &p.bytes, &p.size, &p.capacity, &err), GX_OK);
    const uint32_t n = gx_live_slots(g);
    for (size_t cut = 0; cut < p.size; cut++) {
        ck_assert_int_eq(gx_live_new(&options, &h, &err), GX_OK);
        ck_assert_int_eq(gx_live_base_load(h, p.bytes, cut, &err), GX_EDATA);
        gx_live_free(h);
    }
    for (uint64_t fail = 0;; fail++) {
        ck_assert_int_eq(gx_live_new(&options, &h, &err), GX_OK);
        gx_memory_fail_after(fail, false);
        const gx_status st = gx_live_base_load(h, p.bytes, p.size, &err);
        gx_memory_fail_after(UINT64_MAX, false);
        if (st == GX_OK)
            break;
        ck_assert_int_eq(st, GX_ENOMEM);
        gx_live_free(h);
    }
    ck_assert_uint_eq(gx_live_slots(h), n);
    for (uint32_t s = 0; s < n; s++)
        ck_assert_uint_eq(gx_live_find(h, gx_live_id(g, s)), s);
    ck_assert_uint_eq(gx_live_find(h, 1u << 30), GX_NO_SLOT);
    uint32_t slot;
    for (uint64_t id = 1000000; id < 1005000; id++) { /* the table grows as any other */
        ck_assert_int_eq(gx_live_slot(h, id, &slot, &err), GX_OK);
        ck_assert_uint_eq(slot, n + (uint32_t)(id - 1000000));
    }
    ck_assert_int_eq(gx_live_base_load(h, p.bytes, p.size, &err), GX_EDATA);
    gx_live_free(h);
    memcpy(p.bytes + p.size - 8, p.bytes + p.size - 800, 8); /* the last id is one before it */
    ck_assert_int_eq(gx_live_new(&options, &h, &err), GX_OK);
    ck_assert_int_eq(gx_live_base_load(h, p.bytes, p.size, &err), GX_EDATA);
    gx_live_free(h);
    gx_free(p.bytes);
    gx_live_free(g);
    ck_assert_uint_eq(gx_memory_held(), before);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("live part");
    TCase *tests = tcase_create("live part");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, bytes_that_are_not_a_part);
    tcase_add_test(tests, memory_runs_out);
    tcase_add_test(tests, long_list_in_another_order);
    tcase_add_test(tests, bytes_that_are_no_ids);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
