/* graphx-run. */
#include "tools/tools.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

/* OpenMP's threads spin at barriers for milliseconds unless they are told not to, and the run time
 * reads that once, in its constructor, before main(). So the program starts itself again, once,
 * with the wish in its environment; who sets OMP_WAIT_POLICY is obeyed. docs/performance.md has
 * what it buys beside a busy neighbour. */
static void wait_without_spinning(char *argv[])
{
    if (getenv("OMP_WAIT_POLICY") != NULL || setenv("OMP_WAIT_POLICY", "passive", 1) != 0)
        return;
    execv("/proc/self/exe", argv); /* comes back only where there is no /proc: then they spin */
}

int main(int argc, char *argv[])
{
    wait_without_spinning(argv);
    prctl(PR_SET_NAME, "graphx-run"); /* after /proc/self/exe it would be "exe" */
    return gx_tools_main(argc, (const char *const *)argv);
}
