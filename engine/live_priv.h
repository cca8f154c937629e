/* What the files of the updatable graph share. */
#ifndef GX_ENGINE_LIVE_PRIV_H
#define GX_ENGINE_LIVE_PRIV_H

#include "engine/live.h"

#include <stdatomic.h>

/* ---- ids: an open hash table from ids to slots ---- */

typedef struct gx_live_ids {
    gx_id_kind kind;
    uint32_t count;
    uint64_t *number; /* [count] ids of slots, for numbers */
    size_t number_capacity;
    uint64_t *offset; /* [count + 1] into bytes, for strings */
    size_t offset_capacity;
    char *bytes;
    size_t bytes_capacity;
    uint32_t *table; /* [mask + 1] slot + 1, 0: free */
    uint64_t mask;
    uint64_t seed; /* so that nobody can choose ids that collide */
} gx_live_ids;

gx_status gx_live_ids_init(gx_live_ids *ids, gx_id_kind kind, gx_error *err);
void gx_live_ids_clear(gx_live_ids *ids);
gx_status gx_live_ids_number(gx_live_ids *ids, uint64_t id, uint32_t *slot, gx_error *err);
gx_status gx_live_ids_text(
    gx_live_ids *ids, const char *id, size_t length, uint32_t *slot, gx_error *err);
/* Into an empty table of numbers: `id` [n] u64 wherever they lie, in slot order. Errors: GX_EDATA one is there twice; GX_ENOMEM */
gx_status gx_live_ids_numbers(gx_live_ids *ids, uint32_t n, const void *id, gx_error *err);
uint32_t gx_live_ids_find_number(const gx_live_ids *ids, uint64_t id);
void gx_live_ids_find_numbers(
    const gx_live_ids *ids, uint64_t m, const uint64_t id[], uint32_t slot[]);
uint32_t gx_live_ids_find_text(const gx_live_ids *ids, const char *id, size_t length);
uint64_t gx_live_ids_hash(
    const gx_live_ids *ids, uint32_t slot); /* of the id itself, without the seed: for digests */

/* ---- lists: blocks of 4-byte words out of slabs, one pool a part and direction ---- */

enum { GX_POOL_CLASSES = 512, GX_LIST_MOST = 0x3fffffff /* entries */, GX_LIST_SLACK = 16 };

typedef struct gx_chunk {
    uint32_t *memory; /* NULL: none at present */
    uint32_t out;     /* bitmap: the pieces that pools have */
} gx_chunk;

/* Where pools have their memory from, but for what is large. Several threads may take from it. */
typedef struct gx_shelf {
    atomic_flag taken;
    gx_chunk *chunk;
    size_t chunks, chunk_capacity;
    size_t first; /* no chunk before it has a free piece */
} gx_shelf;

void gx_shelf_clear(gx_shelf *s);

typedef struct gx_pool {
    gx_shelf *shelf;
    uint32_t *piece; /* numbers of those of the shelf */
    size_t pieces, piece_capacity;
    uint32_t **slab;
    size_t slabs, slab_capacity;
    uint32_t *fresh; /* unused words of the newest slab */
    uint64_t fresh_words;
    uint32_t **large; /* blocks that have memory of their own */
    size_t larges, large_capacity;
    uint64_t held, used;                   /* words of all memory, and of the blocks that are out */
    uint64_t worked;                       /* operations on its lists since it was packed */
    uint64_t moved;                        /* and how often one of them went to another block */
    uint64_t filled[GX_POOL_CLASSES / 64]; /* bitmap: is there a free block of this class? */
    uint32_t *free_block[GX_POOL_CLASSES]; /* its first 8 bytes are the next one */
    bool weighted;
} gx_pool;

/* The next blocks come from a slab of just so many words. false: no memory. */
bool gx_pool_reserve(gx_pool *p, uint64_t words);
uint32_t *gx_pool_take(gx_pool *p, uint64_t words); /* NULL: no memory */
void gx_pool_give(gx_pool *p, uint32_t *block, uint64_t words);
/* Has this block memory of its own? Then it can be handed over to another pool that has room for it in `large`. */
bool gx_pool_has_own(const gx_pool *p, const uint32_t *block, uint64_t words);
void gx_pool_hand_over(gx_pool *from, gx_pool *to, uint32_t *block, uint64_t words);
void gx_pool_clear(gx_pool *p);

/* Ends below this fit into 3 bytes. */
enum { GX_LIST_NARROW = 1 << 24 };

/* Write end e: no other byte of the block is touched. */
static inline void gx_end_put(unsigned char *ends, bool wide, size_t e, uint32_t end)
{
    unsigned char *at = ends + e * (wide ? 4 : 3);
    memcpy(at, &end, 2);
    if (wide) {
        memcpy(at, &end, sizeof end);
    } else {
        at[2] = (unsigned char)(end >> 16);
    }
}

/* Words of the block of a list with so many entries, 0 without any. */
uint64_t gx_list_words(const gx_pool *p, bool wide, uint64_t entries);
/* For how many entries a list of so many is laid down: a few may come before it moves. */
static inline uint32_t gx_list_room(uint32_t entries)
{
    const uint32_t room = entries + entries / GX_LIST_SLACK + 1;
    return entries == 0 ? 0 : room < GX_LIST_MOST ? room : GX_LIST_MOST;
}
/* Give an empty list a block of just so many entries, of 4 bytes each if `wide`. false: no memory. */
bool gx_list_place(gx_pool *p, gx_list *l, uint32_t entries, bool wide);
/* Copy a list into a block of another pool; the old one is left as it is. false: no memory, the list is as before. */
bool gx_list_lay(gx_pool *to, gx_list *l, uint32_t entries);
/* Fill an empty list with entries that may lie anywhere in memory, as appending them one by one does. What a list held, in its order,
 * comes back as it was.
 *   ends, weights  [size] u32 and (where the graph has weights) f64
 * false: no memory. */
bool gx_list_fill(gx_pool *p, gx_list *l, uint32_t size, const void *ends, const void *weights);
/* Put a list without weights whose entries were written in the order of their arrival into the order that appending them gives.
 *   scratch  [size] */
void gx_list_arrange(gx_list *l, uint32_t scratch[]);
/* Append; false: no memory, the list is as before. */
bool gx_list_append(gx_pool *p, gx_list *l, uint32_t end, double weight);
/* Fetch what an operation on a list will touch first: where its buckets begin, or its last entries. Then, from there, the bucket of
 * an end, and the edges of those behind it. */
void gx_list_fetch(const gx_list *l);
void gx_list_fetch_more(const gx_list *l, uint32_t end, bool append);
/* Remove entry i. Without weights the last entry takes its place, with weights the order stays (which copy is the newest). */
void gx_list_remove(gx_pool *p, gx_list *l, uint32_t i);

/* ---- the graph ---- */

/* What an operation did: missed (there was nothing to remove), came, went, changed its weight, or was kept as it is. */
typedef enum gx_outcome {
    GX_OP_MISSED = 0,
    GX_OP_CAME,
    GX_OP_WENT,
    GX_OP_CHANGED,
    GX_OP_KEPT
} gx_outcome;

/* An operation as the list of one of its ends meets it. */
typedef struct gx_item {
    uint32_t self, other; /* the end whose list it is, and the other one */
    uint32_t at;          /* of the operation in the batch */
    uint8_t kind, outcome;
} gx_item;

/* What operations add to a part's counters. */
typedef struct gx_tally {
    uint64_t digest, changes;
} gx_tally;

struct gx_live {
    gx_live_options options;
    gx_live_ids ids;
    gx_list *out, *in; /* [slots]; in is out when undirected */
    uint8_t *present;  /* [slots] */
    size_t out_capacity, in_capacity, present_capacity;
    uint32_t slots; /* that the columns above have */
    gx_shelf shelf;
    gx_pool out_pool[GX_LIVE_PARTS], in_pool[GX_LIVE_PARTS];
    uint64_t credit; /* words that may be packed */
    uint32_t packed; /* the pool that is looked at next: twice its part, + 1 by destination */
    uint64_t digest[GX_LIVE_PARTS], changes[GX_LIVE_PARTS];
    uint64_t version, arcs, edges;
    uint32_t vertices;
    gx_delta delta;
    gx_arc_change *change;
    uint32_t *appeared, *vanished;
    size_t change_capacity, appeared_capacity, vanished_capacity;
    gx_item *first, *second; /* [m] operations by the part of their first and of their second end */
    uint32_t *place;         /* [m] of each operation in `first` */
    double *old;             /* [m] as `first`: weights before, of a graph that has weights */
    uint64_t *cursor; /* [chunks][2][GX_LIVE_PARTS] where a chunk's operations of a part go */
    size_t first_capacity, second_capacity, place_capacity, old_capacity, cursor_capacity;
};

/* The end whose list decides, and the other one. */
static inline uint32_t gx_live_first_end(const gx_live *g, const gx_op *op)
{
    return g->options.directed || op->src <= op->dst ? op->src : op->dst;
}

static inline uint32_t gx_live_second_end(const gx_live *g, const gx_op *op)
{
    return g->options.directed || op->src <= op->dst ? op->dst : op->src;
}

/* Slots of a part: blocks of 2^GX_LIVE_BLOCK_BITS, every GX_LIVE_PARTS-th. */
static inline uint32_t gx_live_first_slot(uint32_t part)
{
    return part << GX_LIVE_BLOCK_BITS;
}

/* Above every slot behind the last one: slots are below 2^32 - 1. */
static inline uint32_t gx_live_next_slot(uint32_t slot)
{
    const uint32_t mask = (1u << GX_LIVE_BLOCK_BITS) - 1;
    slot++;
    if ((slot & mask) != 0)
        return slot;
    const uint64_t next =
        (uint64_t)slot - mask - 1 + ((uint64_t)GX_LIVE_PARTS << GX_LIVE_BLOCK_BITS);
    return next < UINT32_MAX ? (uint32_t)next : UINT32_MAX;
}

const gx_live_ids *gx_live_ids_of(const gx_live *g);

/* One operation on the lists of its first and of its second end, which lie in `part`; its outcome is put into the item.
 *   weight  of the operation, 1 where the graph has none
 *   old     out: the weight before, where it went or changed
 * false: no memory. */
bool gx_live_act_first(
    gx_live *g, uint32_t part, gx_item *it, double weight, double *old, gx_tally *t);
bool gx_live_act_second(gx_live *g, uint32_t part, gx_item *it, double weight, gx_tally *t);

/* Lay the lists of a part and direction down again, in the order of their slots; the order of their entries stays. false: no
 * memory, everything is as before.
 * Cost  O(arcs + slots of the part); its lists are in memory twice */
bool gx_live_pack_pool(gx_live *g, uint32_t part, bool in);
/* After a batch of m operations: pack what lies in disorder or has holes, as much as the operations pay for, or one pool. */
void gx_live_pack(gx_live *g, uint64_t m);

/* Columns for every slot that ids have by now, new ones empty. false: no memory. */
bool gx_live_grow(gx_live *g);

#endif
