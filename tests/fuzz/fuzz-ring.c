/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-ring — any memory as a ring: what is read is a sample and lies within it, and reading comes to an end */
#include "bs-ring.h"
#include "bs-sample.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static guint8 payload[BS_SWITCH_FRAME_MAX];
  g_autofree guint8 *memory = g_malloc (size + 1);
  g_autoptr (GError) error = NULL;
  BsSwitchSample sample;
  BsRingView view;
  guint64 taken = 0;
  int result = 0;

  memcpy (memory, data, size);
  if (!bs_ring_view_init (&view, memory, size, &error))
    return error == NULL ? abort (), 0 : 0;
  while ((result = bs_ring_view_next (&view, &sample, payload, &error)) > 0)
    {
      taken += sizeof sample + sample.length;
      if (!bs_sample_is_valid (&sample) || taken > size)
        abort ();
    }
  if ((result < 0) != (error != NULL))
    abort ();
  return 0;
}
