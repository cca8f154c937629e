/* Pregel as GraphX users know it, written into the file that includes this: say what the program is called and what its
 * vertices and messages hold, include, then define three functions. docs/pregel.md is the tutorial.
 *
 *     #define GX_PREGEL hops
 *     #define GX_PREGEL_VALUE uint32_t
 *     #define GX_PREGEL_MESSAGE uint32_t
 *     #include "engine/pregel.h"
 *
 *     static bool hops_send(const hops_triplet *t, uint32_t *message) { ... }        a message to t->target? then true
 *     static uint32_t hops_merge(uint32_t a, uint32_t b) { ... }                     two messages to one
 *     static bool hops_apply(uint32_t v, uint32_t *value, const uint32_t *message,   true: changed, and sends again
 *         gx_vertex_context *context) { ... }
 *
 *     gx_supersteps(engine, &hops, &options, values, report, &err);
 *
 * #define GX_PREGEL_TO_SOURCE before the include asks for a fourth, hops_send_back, whose message goes to t->source.
 * The functions are inlined into the loops over arcs: no call is made for an edge. The header may be included again, for another
 * program; the macros are undefined at its end. */
#include "engine/superstep.h"

#if !defined GX_PREGEL || !defined GX_PREGEL_VALUE || !defined GX_PREGEL_MESSAGE
#error "define GX_PREGEL, GX_PREGEL_VALUE and GX_PREGEL_MESSAGE before including engine/pregel.h"
#endif

#define GX_PREGEL_JOIN_(a, b) a##_##b
#define GX_PREGEL_JOIN(a, b) GX_PREGEL_JOIN_(a, b)
#define GX_PREGEL_(name) GX_PREGEL_JOIN(GX_PREGEL, name)
#define GX_PREGEL_TEXT_(a) #a
#define GX_PREGEL_TEXT(a) GX_PREGEL_TEXT_(a)

typedef GX_PREGEL_VALUE GX_PREGEL_(value);
typedef GX_PREGEL_MESSAGE GX_PREGEL_(message);

/* An edge with both of its ends. */
typedef struct GX_PREGEL_(triplet) {
    uint32_t source, target; /* the graph's slots */
    const GX_PREGEL_(value) * source_value, *target_value;
    double weight; /* 1 without weights */
    void *ctx;     /* of the run's options */
} GX_PREGEL_(triplet);

GX_INLINE bool GX_PREGEL_(send)(const GX_PREGEL_(triplet) * t, GX_PREGEL_(message) * message);
#ifdef GX_PREGEL_TO_SOURCE
GX_INLINE bool GX_PREGEL_(send_back)(const GX_PREGEL_(triplet) * t, GX_PREGEL_(message) * message);
#endif
GX_INLINE GX_PREGEL_(message) GX_PREGEL_(merge)(GX_PREGEL_(message) a, GX_PREGEL_(message) b);
GX_INLINE bool GX_PREGEL_(apply)(uint32_t v, GX_PREGEL_(value) * value,
    const GX_PREGEL_(message) * message, gx_vertex_context *context);

/* The triplet of an arc at local slots. */
GX_INLINE GX_PREGEL_(triplet) GX_PREGEL_(triplet_of)(
    const gx_view *view, const gx_adjacency *a, uint64_t arc, uint32_t source, uint32_t target)
{
    const GX_PREGEL_(value) *value = view->value;
    return (GX_PREGEL_(triplet)){gx_part_vertex(view->part, source),
        gx_part_vertex(view->part, target), &value[source], &value[target],
        a->weight != NULL ? a->weight[arc] : 1, view->ctx};
}

GX_INLINE bool GX_PREGEL_(is_active)(const gx_view *view, uint32_t v)
{
    return (view->active[v >> 6] >> (v & 63) & 1) != 0;
}

/* Does an arc send, by the direction asked for? */
GX_INLINE bool GX_PREGEL_(sends)(const gx_view *view, uint32_t source, uint32_t target)
{
    switch (view->direction) {
    case GX_ACTIVE_IN:
        return GX_PREGEL_(is_active)(view, target);
    case GX_ACTIVE_EITHER:
        return GX_PREGEL_(is_active)(view, source) || GX_PREGEL_(is_active)(view, target);
    case GX_ACTIVE_BOTH:
        return GX_PREGEL_(is_active)(view, source) && GX_PREGEL_(is_active)(view, target);
    case GX_ACTIVE_OUT:
    default:
        return GX_PREGEL_(is_active)(view, source);
    }
}

static uint64_t GX_PREGEL_(gather)(const gx_view *view, uint32_t lo, uint32_t hi)
{
    GX_PREGEL_(message) *folded = view->message;
    uint64_t sent = 0;
    for (uint32_t v = lo; v < hi; v++) {
        GX_PREGEL_(message) sum = {0}, message;
        bool got = false;
        const gx_adjacency *in = view->in;
        for (uint64_t a = in->offset[v], end = in->offset[(size_t)v + 1]; a < end; a++) {
            if (!GX_PREGEL_(sends)(view, in->target[a], v))
                continue;
            const GX_PREGEL_(triplet) t = GX_PREGEL_(triplet_of)(view, in, a, in->target[a], v);
            if (!GX_PREGEL_(send)(&t, &message))
                continue;
            sum = got ? GX_PREGEL_(merge)(sum, message) : message;
            got = true;
            sent++;
        }
#ifdef GX_PREGEL_TO_SOURCE
        const gx_adjacency *out = view->out;
        for (uint64_t a = out->offset[v], end = out->offset[(size_t)v + 1]; a < end; a++) {
            if (!GX_PREGEL_(sends)(view, v, out->target[a]))
                continue;
            const GX_PREGEL_(triplet) t = GX_PREGEL_(triplet_of)(view, out, a, v, out->target[a]);
            if (!GX_PREGEL_(send_back)(&t, &message))
                continue;
            sum = got ? GX_PREGEL_(merge)(sum, message) : message;
            got = true;
            sent++;
        }
#endif
        if (got)
            folded[v] = sum;
        view->got[v] = got;
    }
    return sent;
}

/* A message to a local slot, in a sparse superstep. */
GX_INLINE void GX_PREGEL_(deliver)(const gx_view *view, uint32_t v, GX_PREGEL_(message) message,
    uint32_t touched[], uint64_t *count)
{
    GX_PREGEL_(message) *folded = view->message;
    if (view->got[v] != 0) {
        folded[v] = GX_PREGEL_(merge)(folded[v], message);
    } else {
        view->got[v] = 1;
        folded[v] = message;
        touched[(*count)++] = v;
    }
}

/* An arc that sends, in a sparse superstep; returns the messages. */
GX_INLINE uint64_t GX_PREGEL_(send_arc)(const gx_view *view, const gx_adjacency *a, uint64_t arc,
    uint32_t source, uint32_t target, uint32_t touched[], uint64_t *count)
{
    const GX_PREGEL_(triplet) t = GX_PREGEL_(triplet_of)(view, a, arc, source, target);
    GX_PREGEL_(message) message;
    uint64_t sent = 0;
    if (GX_PREGEL_(send)(&t, &message)) {
        GX_PREGEL_(deliver)(view, target, message, touched, count);
        sent++;
    }
#ifdef GX_PREGEL_TO_SOURCE
    if (GX_PREGEL_(send_back)(&t, &message)) {
        GX_PREGEL_(deliver)(view, source, message, touched, count);
        sent++;
    }
#endif
    return sent;
}

static uint64_t GX_PREGEL_(scatter)(const gx_view *view, const uint32_t active[], uint64_t count,
    uint32_t touched[], uint64_t *touched_count)
{
    uint64_t sent = 0, found = 0;
    const gx_adjacency *out = view->out, *in = view->in;
    const bool forth = view->direction != GX_ACTIVE_IN;
    const bool back = view->direction == GX_ACTIVE_IN || view->direction == GX_ACTIVE_EITHER;
    for (uint64_t i = 0; i < count; i++) {
        const uint32_t u = active[i];
        for (uint64_t a = forth ? out->offset[u] : 0, end = forth ? out->offset[(size_t)u + 1] : 0;
             a < end; a++)
            if (view->direction != GX_ACTIVE_BOTH || GX_PREGEL_(is_active)(view, out->target[a]))
                sent += GX_PREGEL_(send_arc)(view, out, a, u, out->target[a], touched, &found);
        for (uint64_t a = back ? in->offset[u] : 0, end = back ? in->offset[(size_t)u + 1] : 0;
             a < end; a++)
            if (!forth ||
                !GX_PREGEL_(is_active)(view, in->target[a])) /* else its source has sent it */
                sent += GX_PREGEL_(send_arc)(view, in, a, in->target[a], u, touched, &found);
    }
    *touched_count = found;
    return sent;
}

static uint64_t GX_PREGEL_(fold_all)(const gx_fold *f, uint32_t lo, uint32_t hi)
{
    GX_PREGEL_(message) *folded = f->message;
    uint64_t partials = 0;
    for (uint32_t v = lo; v < hi; v++)
        for (uint64_t j = f->replicas->offset[v]; j < f->replicas->offset[(size_t)v + 1]; j++) {
            const gx_view *view = &f->view[f->replicas->part[j]];
            const uint32_t l = f->replicas->slot[j];
            if (view->got[l] == 0)
                continue;
            const GX_PREGEL_(message) message = ((const GX_PREGEL_(message) *)view->message)[l];
            folded[v] = f->got[v] != 0 ? GX_PREGEL_(merge)(folded[v], message) : message;
            f->got[v] = 1;
            view->got[l] = 0;
            partials++;
        }
    return partials;
}

static void GX_PREGEL_(fold_some)(const gx_fold *f, uint32_t part, const uint32_t touched[],
    uint64_t count, uint32_t receivers[], uint64_t *receivers_count)
{
    const gx_view *view = &f->view[part];
    GX_PREGEL_(message) *folded = f->message;
    for (uint64_t i = 0; i < count; i++) {
        const uint32_t l = touched[i], v = gx_part_vertex(view->part, l);
        const GX_PREGEL_(message) message = ((const GX_PREGEL_(message) *)view->message)[l];
        view->got[l] = 0;
        if (f->got[v] != 0) {
            folded[v] = GX_PREGEL_(merge)(folded[v], message);
        } else {
            f->got[v] = 1;
            folded[v] = message;
            receivers[(*receivers_count)++] = v;
        }
    }
}

static void GX_PREGEL_(apply_block)(void *value, const void *message, const uint8_t *got,
    bool every, const uint32_t *list, uint64_t lo, uint64_t hi, uint8_t *changed,
    gx_vertex_context *context)
{
    const GX_PREGEL_(message) *folded = message;
    for (uint64_t i = lo; i < hi; i++) {
        const uint32_t v = list != NULL ? list[i] : (uint32_t)i;
        if (got[v] != 0 || every)
            changed[v] = GX_PREGEL_(apply)(
                v, (GX_PREGEL_(value) *)value + v, got[v] != 0 ? &folded[v] : NULL, context);
    }
}

static const gx_program GX_PREGEL = {
    .name = GX_PREGEL_TEXT(GX_PREGEL),
    .value_bytes = sizeof(GX_PREGEL_VALUE),
    .message_bytes = sizeof(GX_PREGEL_MESSAGE),
#ifdef GX_PREGEL_TO_SOURCE
    .to_source = true,
#endif
    .gather = GX_PREGEL_(gather),
    .scatter = GX_PREGEL_(scatter),
    .fold_all = GX_PREGEL_(fold_all),
    .fold_some = GX_PREGEL_(fold_some),
    .apply = GX_PREGEL_(apply_block),
};

#undef GX_PREGEL
#undef GX_PREGEL_VALUE
#undef GX_PREGEL_MESSAGE
#undef GX_PREGEL_TO_SOURCE
#undef GX_PREGEL_
#undef GX_PREGEL_JOIN
#undef GX_PREGEL_JOIN_
#undef GX_PREGEL_TEXT
#undef GX_PREGEL_TEXT_
