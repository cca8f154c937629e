/* Any bytes as lgl. The parser runs in a child: its crashes are refusals here; what is fuzzed is that nothing of it gets out. */
#include "tests/fuzz/fuzz_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_format("lgl", data, size, false);
}
