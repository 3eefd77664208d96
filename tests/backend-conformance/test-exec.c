/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"
void
add_exec_tests (void)
{
}
