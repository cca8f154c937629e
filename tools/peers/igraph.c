/* igraph as a peer of tools/bench: reads an edge list with its own reader, runs one algorithm, writes the results.
 *     igraph_peer FILE directed|undirected pagerank|bfs|wcc SOURCE OUT
 * Prints the seconds of reading and of computing, one a line. Ids are 0 .. n-1, as igraph's reader wants them. */
#include <igraph.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static igraph_error_t compute(const igraph_t *g, const char *algorithm, igraph_integer_t source, igraph_vector_t *out)
{
    if (strcmp(algorithm, "pagerank") == 0)
        return igraph_pagerank(g, IGRAPH_PAGERANK_ALGO_PRPACK, out, NULL, igraph_vss_all(), IGRAPH_DIRECTED, 0.85, NULL, NULL);
    igraph_error_t failed;
    if (strcmp(algorithm, "bfs") == 0) {
        igraph_matrix_t m;
        igraph_matrix_init(&m, 0, 0);
        failed = igraph_distances(g, &m, igraph_vss_1(source), igraph_vss_all(), IGRAPH_OUT);
        for (igraph_integer_t i = 0; failed == IGRAPH_SUCCESS && i < igraph_matrix_ncol(&m); i++)
            igraph_vector_push_back(out, isinf(MATRIX(m, 0, i)) ? -1 : MATRIX(m, 0, i));
        igraph_matrix_destroy(&m);
        return failed;
    }
    igraph_vector_int_t member;
    igraph_vector_int_init(&member, 0);
    failed = igraph_connected_components(g, &member, NULL, NULL, IGRAPH_WEAK);
    for (igraph_integer_t i = 0; failed == IGRAPH_SUCCESS && i < igraph_vector_int_size(&member); i++)
        igraph_vector_push_back(out, (igraph_real_t)VECTOR(member)[i]);
    igraph_vector_int_destroy(&member);
    return failed;
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: igraph_peer FILE directed|undirected pagerank|bfs|wcc SOURCE OUT\n");
        return 2;
    }
    igraph_set_error_handler(igraph_error_handler_printignore);
    FILE *in = fopen(argv[1], "r");
    if (in == NULL) {
        perror(argv[1]);
        return 66;
    }
    igraph_t g;
    igraph_vector_t out;
    const double start = now();
    if (igraph_read_graph_edgelist(&g, in, 0, strcmp(argv[2], "directed") == 0) != IGRAPH_SUCCESS)
        return 65;
    fclose(in);
    const double loaded = now();
    igraph_vector_init(&out, 0);
    if (compute(&g, argv[3], strtoll(argv[4], NULL, 10), &out) != IGRAPH_SUCCESS)
        return 70;
    const double done = now();
    printf("read %.6f\ncompute %.6f\n", loaded - start, done - loaded);
    FILE *to = fopen(argv[5], "w");
    if (to == NULL) {
        perror(argv[5]);
        return 73;
    }
    for (igraph_integer_t i = 0; i < igraph_vector_size(&out); i++)
        fprintf(to, "%lld\t%.17g\n", (long long)i, VECTOR(out)[i]);
    fclose(to);
    igraph_vector_destroy(&out);
    igraph_destroy(&g);
    return 0;
}
