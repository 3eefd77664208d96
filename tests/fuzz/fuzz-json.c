/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz-json — JSON that another process sent: what loads is shallow, and loads again from its own dump */
#include "bs-error.h"
#include "bs-json.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static unsigned
depth_of (json_t *value)
{
  unsigned deepest = 0, depth;
  const char *key;
  json_t *member;
  size_t index;

  json_object_foreach (value, key, member)
  {
    depth = depth_of (member);
    deepest = MAX (deepest, depth);
  }
  json_array_foreach (value, index, member)
  {
    depth = depth_of (member);
    deepest = MAX (deepest, depth);
  }
  return deepest + 1;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (json_t) value = bs_json_load ((const char *) data, size, &error);
  g_autoptr (json_t) again = NULL;
  g_autofree char *text = NULL;

  g_assert ((value == NULL) == (error != NULL));
  if (value == NULL)
    {
      g_assert (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  g_assert (depth_of (value) <= 65);
  text = bs_json_dump (value);
  again = bs_json_load (text, strlen (text), NULL);
  g_assert (json_equal (value, again));
  return 0;
}
