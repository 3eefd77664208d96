/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-mac.h"

#include <stddef.h>

/* Fibonacci hashing (Knuth, TAOCP 6.4): the upper bits of the product depend on all bits of the key. */
static uint32_t
hash (uint64_t key, unsigned bits)
{
  return (uint32_t) ((key * UINT64_C (0x9e3779b97f4a7c15)) >> (64 - bits));
}

static bool
is_old (const BsMacEntry *entry, uint32_t now_sec)
{
  return now_sec - entry->seen_sec > BS_MAC_AGE_SEC;
}

const BsMacEntry *
bs_mac_table_find (const BsMacTable *self, uint64_t mac, uint32_t now_sec)
{
  const BsMacEntry *bucket = self->buckets[hash (mac, 8)];

  if (mac == 0)
    return NULL;
  for (unsigned i = 0; i < BS_MAC_WAYS; i++)
    if (bucket[i].mac == mac)
      return is_old (&bucket[i], now_sec) ? NULL : &bucket[i];
  return NULL;
}

void
bs_mac_table_learn (BsMacTable *self, uint64_t mac, uint16_t port, uint16_t epoch, uint32_t now_sec)
{
  BsMacEntry *bucket = self->buckets[hash (mac, 8)], *chosen = bucket;

  if (mac == 0)
    return;
  for (unsigned i = 0; i < BS_MAC_WAYS; i++)
    {
      if (bucket[i].mac == mac)
        {
          chosen = &bucket[i];
          break;
        }
      if (chosen->mac != 0 && (bucket[i].mac == 0 || now_sec - bucket[i].seen_sec > now_sec - chosen->seen_sec))
        chosen = &bucket[i];
    }
  *chosen = (BsMacEntry){ .mac = mac, .seen_sec = now_sec, .port = port, .epoch = epoch };
}

static uint64_t
pin_key (uint32_t network, uint64_t mac)
{
  return (uint64_t) network << 48 | mac;
}

uint16_t
bs_pins_find (const BsPins *self, uint32_t network, uint64_t mac)
{
  uint64_t key = pin_key (network, mac);

  for (uint16_t link = self->heads[hash (key, 13)]; link != 0; link = self->next[link - 1])
    if (self->keys[link - 1] == key)
      return link - 1;
  return BS_PORT_NONE;
}

void
bs_pins_add (BsPins *self, uint32_t network, uint64_t mac, uint16_t port)
{
  uint64_t key = pin_key (network, mac);
  uint16_t *head = &self->heads[hash (key, 13)];

  self->keys[port] = key;
  self->next[port] = *head;
  *head = port + 1;
}

void
bs_pins_remove (BsPins *self, uint16_t port)
{
  uint16_t *link = &self->heads[hash (self->keys[port], 13)];

  if (self->keys[port] == 0)
    return;
  while (*link != port + 1)
    link = &self->next[*link - 1];
  *link = self->next[port];
  self->keys[port] = 0;
}
