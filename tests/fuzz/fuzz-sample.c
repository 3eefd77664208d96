/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-sample — messages of a tap's socket, and the capture that they become */
#include "bs-pcap.h"
#include "bs-sample.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (BsPcap) pcap = bs_pcap_new (-1, BS_SWITCH_FRAME_MAX);
  g_autofree guint8 *copy = g_memdup2 (data, size);
  g_autoptr (GError) error = NULL;
  BsSwitchDecision decision;
  BsSwitchSample sample;
  const guint8 *payload;

  if (bs_sample_parse (copy, size, &sample, &payload, &error) != (error == NULL))
    abort ();
  if (error != NULL)
    return 0;
  if (payload + sample.length != copy + size || bs_drop_name (sample.cause) == NULL)
    abort ();
  if (bs_sample_decision (&sample, payload, &decision) && sample.length != sizeof decision)
    abort ();
  return bs_pcap_write (pcap, sample.time_nsec, payload, sample.length, sample.original, NULL) ? 0 : (abort (), 0);
}
