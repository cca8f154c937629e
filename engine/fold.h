/* The inner loops over tiles: integers of sources added into accumulators of destinations. */
#ifndef GX_ENGINE_FOLD_H
#define GX_ENGINE_FOLD_H

#include "engine/tiles.h"

/* A loop `for every arc u -> v of the tile whose source is in the phase`, without a branch but for the ends of blocks,
 * segments and groups. In the body, u is the source (local) and *x & (GX_TILE_SLOTS - 1) is v within the tile. */
#define GX_TILE_EACH_ARC(t, phase, tile, body)                                                     \
    for (uint32_t w_ = 0; w_ < (t)->workers; w_++) {                                               \
        const gx_tile_block *b_ =                                                                  \
            (t)->chain[((size_t)(phase) * (t)->tiles + (tile)) * (t)->workers + w_];               \
        for (; b_ != NULL; b_ = b_->next) {                                                        \
            const uint16_t *x = (const uint16_t *)(b_ + 1), *const end_ = x + b_->words;           \
            const void *const last_ = (const char *)b_ + (t)->block_bytes;                         \
            if (b_->form == GX_TILE_WIDE) {                                                        \
                const uint32_t *source_ = last_;                                                   \
                for (; x < end_; x++) {                                                            \
                    source_ -= *x >> GX_TILE_BITS;                                                 \
                    const size_t u = (t)->phase_lo[phase] + (size_t)*source_;                      \
                    (void)u;                                                                       \
                    body;                                                                          \
                }                                                                                  \
            } else if (b_->form == GX_TILE_RECORDS) {                                              \
                while (x < end_) {                                                                 \
                    const gx_tile_group *const group_ = (const void *)x;                           \
                    const size_t base_ = (t)->phase_lo[phase] + ((size_t)group_->high << 16);      \
                    x += sizeof *group_ / 2;                                                       \
                    for (uint32_t k_ = 0; k_ < GX_TILE_RUN; k_++)                                  \
                        for (uint32_t n_ = group_->count[k_]; n_ > 0; n_--) {                      \
                            const size_t u = base_ + *x++;                                         \
                            (void)u;                                                               \
                            for (const uint16_t *const stop_ = x + k_ + 1; x < stop_; x++) {       \
                                body;                                                              \
                            }                                                                      \
                        }                                                                          \
                }                                                                                  \
            } else {                                                                               \
                const uint16_t *source_ = last_;                                                   \
                while (x < end_) {                                                                 \
                    const uint16_t *const stop_ = x + 2 + x[0];                                    \
                    const size_t base_ = (t)->phase_lo[phase] + ((size_t)x[1] << 16);              \
                    for (x += 2; x < stop_; x++) {                                                 \
                        source_ -= *x >> GX_TILE_BITS;                                             \
                        const size_t u = base_ + *source_;                                         \
                        (void)u;                                                                   \
                        body;                                                                      \
                    }                                                                              \
                }                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }

/* acc[v - tile * 2^15] += value[u]: 32-bit accumulators, 128 KB, are twice as fast as 64-bit ones: they leave the
 * second-level cache to the sources. No sum overflows where |value| * t->most[phase][tile] < 2^31. */
void gx_tile_fold_16_32(
    const gx_tiles *t, uint32_t phase, uint32_t tile, const int16_t *value, int32_t *acc);

/* acc[v - tile * 2^15] += unit * value[u] */
static inline void gx_tile_fold_16_64(const gx_tiles *t, uint32_t phase, uint32_t tile,
    const int16_t *value, int64_t unit, int64_t *acc)
{
    GX_TILE_EACH_ARC(t, phase, tile, acc[*x & (GX_TILE_SLOTS - 1)] += value[u] * unit)
}

static inline void gx_tile_fold_32_64(const gx_tiles *t, uint32_t phase, uint32_t tile,
    const int32_t *value, int64_t unit, int64_t *acc)
{
    GX_TILE_EACH_ARC(t, phase, tile, acc[*x & (GX_TILE_SLOTS - 1)] += value[u] * unit)
}

static inline void gx_tile_fold_64(
    const gx_tiles *t, uint32_t phase, uint32_t tile, const int64_t *value, int64_t *acc)
{
    GX_TILE_EACH_ARC(t, phase, tile, acc[*x & (GX_TILE_SLOTS - 1)] += value[u])
}

#endif
