/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-conditions-pending.c — FOR REMOVAL: stands in for the conditions' own decoder until that is merged. Checks
 * their keys and stores nothing. */
#include "bs-decode.h"

void
bs_decode_conditions (BsDecoder *self, const BsField *field, const BsYamlNode *value, gpointer target)
{
  bs_decoder_object (self, bs_fields_conditions, value, NULL);
}

void
bs_conditions_free (BsConditions *self)
{
  g_assert (self == NULL);
}
