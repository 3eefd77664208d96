/* SPDX-License-Identifier: Apache-2.0 */
/* request.c — reading the fields of a request */
#include "guest.h"

#include <stdlib.h>

bool
guest_strings (const uint8_t *payload, size_t length, uint16_t tag, StringList *list)
{
  BsWireFields fields;
  BsWireField field;
  size_t capacity = 0;

  *list = (StringList){ 0 };
  bs_wire_fields_init (&fields, payload, length);
  do
    {
      if (list->count + 1 >= capacity)
        {
          char **grown = realloc (list->items, (capacity = capacity * 2 + 16) * sizeof *grown);

          if (grown == NULL)
            return false;
          list->items = grown;
        }
      list->items[list->count] = NULL;
      if (!bs_wire_fields_next (&fields, &field))
        return !fields.broken;
      if (field.tag == tag && (list->items[list->count++] = bs_wire_field_string (&field)) == NULL)
        return false;
    }
  while (true);
}

void
guest_strings_free (StringList *list)
{
  for (size_t i = 0; i < list->count; i++)
    free (list->items[i]);
  free (list->items);
  *list = (StringList){ 0 };
}

char *
guest_string (const uint8_t *payload, size_t length, uint16_t tag)
{
  BsWireField field;

  return bs_wire_fields_find (payload, length, tag, &field) ? bs_wire_field_string (&field) : NULL;
}

bool
guest_flag (const uint8_t *payload, size_t length, uint16_t tag)
{
  BsWireField field;

  return bs_wire_fields_find (payload, length, tag, &field);
}

uint64_t
guest_number (const uint8_t *payload, size_t length, uint16_t tag, uint64_t fallback)
{
  BsWireField field;
  uint64_t number = fallback;
  uint32_t medium;
  uint16_t small;

  if (!bs_wire_fields_find (payload, length, tag, &field))
    return fallback;
  if (bs_wire_field16 (&field, &small))
    number = small;
  else if (bs_wire_field32 (&field, &medium))
    number = medium;
  else
    bs_wire_field64 (&field, &number);
  return number;
}
