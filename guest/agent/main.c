#include <windows.h>
#include "../protocol.h"

int wmain(void) {
  return 0;
}
