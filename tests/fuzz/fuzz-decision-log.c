/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-decision-log — a log that somebody hands to `net replay`: refused with an error, or fit to be followed
 *
 * The digest keeps the fuzzer away from what it covers: so the first byte says whether it is put right here.
 */
#include "bs-decision-log.h"
#include "bs-decision-order.h"

#include <stdlib.h>
#include <string.h>

static void
put_right (guint8 *data, size_t size)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize length = 32;

  if (size < sizeof (BsDecisionLogHead))
    return;
  g_checksum_update (checksum, data + sizeof (BsDecisionLogHead), (gssize) (size - sizeof (BsDecisionLogHead)));
  g_checksum_get_digest (checksum, data + G_STRUCT_OFFSET (BsDecisionLogHead, digest), &length);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree guint8 *copy = size > 0 ? g_memdup2 (data + 1, size - 1) : NULL;
  g_autoptr (BsDecisionLog) log = NULL;
  g_autoptr (GError) error = NULL;

  if (size == 0)
    return 0;
  if ((data[0] & 1) != 0)
    put_right (copy, size - 1);
  log = bs_decision_log_parse (copy, size - 1, "log", &error);
  if ((log != NULL) == (error != NULL))
    abort ();
  if (log != NULL
      && (log->decisions->len * sizeof (BsSwitchDecision) + sizeof (BsDecisionLogHead) != size - 1
          || !bs_decisions_are_valid ((const BsSwitchDecision *) (void *) log->decisions->data, log->decisions->len)))
    abort ();
  return 0;
}
