/* graphx-run. */
#include "tools/tools.h"

#include <fcntl.h>
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

/* A descriptor below 3 that is closed would go to the next file that is opened, a log as well, and what is meant for a person would be
 * written into it. So each is held by something on which reading, or writing, fails. */
static void hold_standard_files(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            _exit(GX_EIO);
}

int main(int argc, char *argv[])
{
    hold_standard_files();
    wait_without_spinning(argv);
    prctl(PR_SET_NAME, "graphx-run"); /* after /proc/self/exe it would be "exe" */
    return gx_tools_main(argc, (const char *const *)argv);
}
