/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"
void
add_copy_tests (void)
{
}
