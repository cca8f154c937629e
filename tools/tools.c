/* What the commands share; see tools/command.h. */
#include "tools/command.h"
