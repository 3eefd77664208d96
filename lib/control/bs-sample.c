/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-sample.h"
#include "bs-decision-order.h"
#include "bs-error.h"

#include <string.h>

gboolean
bs_sample_is_valid (const BsSwitchSample *sample)
{
  if (sample->kind < BS_SWITCH_SAMPLE_SENT || sample->kind > BS_SWITCH_SAMPLE_DECISION)
    return FALSE;
  if (sample->kind == BS_SWITCH_SAMPLE_DECISION)
    return sample->length == sizeof (BsSwitchDecision);
  return sample->length <= BS_SWITCH_FRAME_MAX && sample->length <= sample->original;
}

gboolean
bs_sample_parse (const guint8 *data, gsize length, BsSwitchSample *sample, const guint8 **payload, GError **error)
{
  if (length >= sizeof *sample)
    {
      memcpy (sample, data, sizeof *sample);
      *payload = data + sizeof *sample;
      if (bs_sample_is_valid (sample) && sample->length == length - sizeof *sample)
        return TRUE;
    }
  bs_set_error (error, BS_ERROR_PROTOCOL, NULL, "the switch sent no sample, but %" G_GSIZE_FORMAT " other bytes",
                length);
  return FALSE;
}

gboolean
bs_sample_decision (const BsSwitchSample *sample, const guint8 *payload, BsSwitchDecision *decision)
{
  if (sample->kind != BS_SWITCH_SAMPLE_DECISION || sample->length != sizeof *decision)
    return FALSE;
  memcpy (decision, payload, sizeof *decision);
  return bs_decision_is_valid (decision);
}

const char *
bs_drop_name (guint cause)
{
  static const char *const names[BS_SWITCH_DROPS]
      = { "runt", "oversize", "full",  "gone", "source", "reserved", "memory",
          "loss", "queue",    "codel", "down", "cut",    "offload" };

  return cause < BS_SWITCH_DROPS && names[cause] != NULL ? names[cause] : "other";
}
