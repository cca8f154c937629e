/* A user's own program: two triangles and a lonely vertex, built in memory; their components by the library. */
#include <graphx.h>
#include <stdio.h>

int main(void)
{
    const uint64_t src[] = {10, 20, 30, 7, 8, 9}, dst[] = {20, 30, 10, 8, 9, 7}, alone = 99;
    const gx_read_options read = {.direction = GX_UNDIRECTED};
    gx_error err = {.where = GX_NOWHERE};
    gx_builder *builder = NULL;
    gx_graph *graph = NULL;
    gx_engine *engine = NULL;
    gx_result result = {0};
    gx_status st;
    const gx_algorithm *wcc = gx_algorithm_named("wcc");
    gx_options *options = NULL;
    const gx_option *const tables[] = {wcc->options, NULL};
    if ((st = gx_builder_new(&read, &builder, &err)) != GX_OK ||
        (st = gx_builder_edges(builder, 6, src, dst, NULL, NULL, &err)) != GX_OK ||
        (st = gx_builder_vertices(builder, 1, &alone, &err)) != GX_OK ||
        (st = gx_builder_finish(builder, &graph, &err)) != GX_OK ||
        (st = gx_options_new(tables, &options, &err)) != GX_OK)
        goto done;
    const gx_engine_options how = {.needs = wcc->needs(options)};
    if ((st = gx_engine_new(graph, false, &how, &engine, &err)) != GX_OK ||
        (st = wcc->run(engine, options, &result, &err)) != GX_OK)
        goto done;
    for (uint32_t s = 0; s < graph->ids.slots; s++)
        if (gx_ids_present(&graph->ids, s))
            printf("%llu %llu\n", (unsigned long long)gx_ids_number(&graph->ids, s),
                (unsigned long long)gx_ids_number(&graph->ids, result.value.u32[s]));
done:
    if (st != GX_OK)
        fprintf(stderr, "error: %s\n", err.message);
    gx_result_clear(&result);
    gx_engine_free(engine);
    gx_options_free(options);
    gx_graph_free(graph);
    gx_builder_free(builder);
    return (int)st;
}
