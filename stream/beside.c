/* A thread that is given one thing at a time. */
#include "stream/beside.h"

#include "graph/memory.h"
#include "graph/progress.h"

#include <pthread.h>
#include <signal.h>

struct gx_beside {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int (*fn)(void *ctx); /* NULL: nothing is under way */
    void *ctx;
    int result;
    double took_ms;
    bool ends;
};

static void *work(void *of)
{
    gx_beside *b = of;
    pthread_mutex_lock(&b->lock);
    for (;;) {
        while (b->fn == NULL && !b->ends)
            pthread_cond_wait(&b->changed, &b->lock);
        if (b->fn == NULL)
            break;
        int (*const fn)(void *) = b->fn;
        void *const ctx = b->ctx;
        pthread_mutex_unlock(&b->lock);
        const double began = gx_now_ms();
        const int result = fn(ctx);
        const double took = gx_now_ms() - began;
        pthread_mutex_lock(&b->lock);
        b->result = result;
        b->took_ms = took;
        b->fn = NULL;
        pthread_cond_broadcast(&b->changed);
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

gx_status gx_beside_new(gx_beside **out, gx_error *err)
{
    sigset_t all, before;
    gx_beside *b = gx_alloc_zero(1, sizeof *b);
    if (b == NULL)
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no memory for a thread");
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&b->thread, NULL, work, b);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0) {
        pthread_cond_destroy(&b->changed);
        pthread_mutex_destroy(&b->lock);
        gx_free(b);
        return gx_fail(err, GX_ENOMEM, GX_NOWHERE, "no thread is to be had");
    }
    *out = b;
    return GX_OK;
}

void gx_beside_free(gx_beside *b)
{
    if (b == NULL)
        return;
    pthread_mutex_lock(&b->lock);
    b->ends = true;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    pthread_join(b->thread, NULL);
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
    gx_free(b);
}

void gx_beside_begin(gx_beside *b, int (*fn)(void *ctx), void *ctx)
{
    pthread_mutex_lock(&b->lock);
    b->fn = fn;
    b->ctx = ctx;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
}

int gx_beside_wait(gx_beside *b, double *took_ms)
{
    pthread_mutex_lock(&b->lock);
    while (b->fn != NULL)
        pthread_cond_wait(&b->changed, &b->lock);
    const int result = b->result;
    if (took_ms != NULL)
        *took_ms = b->took_ms;
    pthread_mutex_unlock(&b->lock);
    return result;
}
