/* SIGINT and SIGTERM ask the run to end with what it has; a second one ends the program at once.
 * SIGPIPE is an error like any other: writers see EPIPE. */
#include "tools/tools.h"

#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t signalled;

static void on_signal(int number)
{
    (void)number;
    if (signalled)
        _exit(GX_EINTERRUPTED);
    signalled = 1;
    gx_interrupt();
}

void gx_signals_install(void)
{
    struct sigaction act = {.sa_handler = on_signal};
    sigemptyset(&act.sa_mask);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    act.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &act, NULL);
}
