/* SPDX-License-Identifier: Apache-2.0 */
/* What the supervisor may say to a client. */
#include "bs-control-message.h"
#include "bs-error.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL, problem = NULL;
  g_autoptr (json_t) message = NULL;
  gboolean event;
  guint64 id;

  message = bs_control_message_parse ((const char *) data, size, &id, &event, &error);
  if ((message == NULL) != (error != NULL))
    abort ();
  if (message != NULL && !event && bs_control_message_check (message, &problem) != (problem == NULL))
    abort ();
  return 0;
}
