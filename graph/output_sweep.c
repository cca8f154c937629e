/* Temporary files that a killed process left. One that is being written is locked by its writer. */
#include "graph/output.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SETTLED_SECONDS = 1 }; /* between making a file and locking it no time passes, to a person */

static bool is_temporary(const char *name)
{
    static const char before[] = ".graphx-", behind[] = ".tmp";
    const size_t first = sizeof before - 1, digits = 16;
    return strncmp(name, before, first) == 0 &&
           strspn(name + first, "0123456789abcdef") == digits &&
           strcmp(name + first + digits, behind) == 0;
}

void gx_output_sweep(const char *folder)
{
    const int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = at >= 0 ? fdopendir(at) : NULL;
    if (d == NULL) {
        if (at >= 0)
            close(at);
        return;
    }
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        struct stat there;
        if (!is_temporary(e->d_name))
            continue;
        const int fd = openat(at, e->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0)
            continue;
        if (fstat(fd, &there) == 0 && S_ISREG(there.st_mode) &&
            time(NULL) - there.st_mtime > SETTLED_SECONDS && flock(fd, LOCK_EX | LOCK_NB) == 0)
            unlinkat(at, e->d_name, 0);
        close(fd);
    }
    closedir(d);
}
