/* SPDX-License-Identifier: Apache-2.0 */
/* bs-bucket.c — a line that carries one packet after the other, and the queue before it
 *
 * A packet has left when its last bit has: so many bits at the rate after the one ahead of it, or after it came. A
 * bucket of no depth: an idle line saves nothing up. The head of the queue is what the line carries; what is left of
 * a nanosecond is carried over, so that a rate is exact in the long run.
 */
#include "bs-switch.h"

#define NSEC_PER_SEC UINT64_C (1000000000)

static bool
is_limited (const BsSwitchWire *config)
{
  return config->rate != 0 || config->trace_bytes != 0;
}

static uint32_t
number_of (const BsSwitch *self, const BsWire *wire)
{
  return BS_POOL_CELLS + (uint32_t) (wire - self->wires.all);
}

static const BsPacket *
head_of (const BsSwitch *self, const BsBucket *bucket)
{
  return &self->pool.cells[bucket->head].packet;
}

/* Returns: its cell */
static uint32_t
take_head (BsSwitch *self, BsBucket *bucket)
{
  uint32_t cell = bucket->head;

  bucket->bytes -= head_of (self, bucket)->cost;
  bucket->head = self->pool.cells[cell].after;
  bucket->n--;
  return cell;
}

static uint64_t
carry (BsBucket *bucket, const BsSwitchWire *config, uint64_t start, uint32_t bytes)
{
  uint64_t bits;

  if (config->rate == 0)
    return bs_trace_carry (&bucket->trace, start, bytes);
  bits = bytes * 8 * NSEC_PER_SEC + bucket->remainder;
  bucket->remainder = bits % config->rate;
  return start + bits / config->rate;
}

static void
drop_head (BsSwitch *self, BsBucket *bucket)
{
  BsPacket packet;

  if (bs_transit_unpark (self, take_head (self, bucket), &packet))
    bs_transit_drop (self, &packet, BS_SWITCH_DROP_CODEL);
}

static void
apply_codel (BsSwitch *self, BsBucket *bucket)
{
  while (bucket->n != 0
         && bs_codel_judge (&bucket->codel, self->now_nsec, self->now_nsec - head_of (self, bucket)->since_nsec,
                            bucket->bytes))
    drop_head (self, bucket);
  if (bucket->n == 0)
    bs_codel_empty (&bucket->codel);
}

/* The line is free, or will be in a moment: what is due may be done early (BS_EARLY_NSEC). */
static void
carry_next (BsSwitch *self, BsWire *wire)
{
  BsBucket *bucket = &wire->bucket;
  uint64_t start = bucket->end_nsec;

  if ((wire->config.flags & BS_SWITCH_WIRE_CODEL) != 0)
    apply_codel (self, bucket);
  bucket->is_carrying = bucket->n != 0;
  if (!bucket->is_carrying)
    return;
  if (start < self->now_nsec)
    start = self->now_nsec;
  bucket->end_nsec = carry (bucket, &wire->config, start, head_of (self, bucket)->cost);
  bs_schedule_put (&self->schedule, bucket->end_nsec, number_of (self, wire));
}

void
bs_bucket_put (BsSwitch *self, BsWire *wire, BsPacket *packet)
{
  BsBucket *bucket = &wire->bucket;

  packet->since_nsec = self->now_nsec;
  bs_transit_park (self, packet);
  self->pool.cells[packet->cell].after = BS_CELL_NONE;
  if (bucket->n == 0)
    bucket->head = packet->cell;
  else
    self->pool.cells[bucket->tail].after = packet->cell;
  bucket->tail = packet->cell;
  bucket->n++;
  bucket->bytes += packet->cost;
  if (bucket->is_carrying)
    return;
  bucket->remainder = 0;
  carry_next (self, wire);
}

/* Its conditions are those of the wire as it is now. */
static void
go_on (BsSwitch *self, uint32_t cell)
{
  BsPacket packet;

  if (!bs_transit_unpark (self, cell, &packet))
    return;
  packet.wire = bs_wires_of (self, &packet);
  bs_impair_push (packet.is_ingress ? &self->receiving.delay : &self->sending.delay, &packet);
}

void
bs_bucket_serve (BsSwitch *self, BsWire *wire)
{
  uint32_t cell = take_head (self, &wire->bucket);

  carry_next (self, wire);
  go_on (self, cell);
}

uint64_t
bs_bucket_wait (const BsSwitch *self, const BsWire *wire)
{
  const BsBucket *bucket = &wire->bucket;
  uint64_t behind, end = bucket->end_nsec;

  if (!bucket->is_carrying)
    return 0;
  behind = bucket->bytes - head_of (self, bucket)->cost;
  if (wire->config.rate != 0)
    end += behind * 8 * NSEC_PER_SEC / wire->config.rate;
  else if (behind > bucket->trace.left)
    end = bs_trace_time (&bucket->trace,
                         bucket->trace.next + (behind - bucket->trace.left - 1) / BS_SWITCH_TRACE_BYTES);
  return end > self->now_nsec ? end - self->now_nsec : 0;
}

static bool
is_number (uint32_t what, void *data)
{
  return what == *(uint32_t *) data;
}

static void
unschedule (BsSwitch *self, BsWire *wire)
{
  uint32_t number = number_of (self, wire);

  if (wire->bucket.is_carrying)
    bs_schedule_take_out (&self->schedule, is_number, &number);
  wire->bucket.is_carrying = false;
}

/* What is left of the head takes as long as the new line takes for it; a line of another kind begins with it anew. */
static uint64_t
new_end (BsSwitch *self, BsBucket *bucket, uint64_t old_rate, const BsSwitchWire *config)
{
  uint64_t left = bucket->end_nsec > self->now_nsec ? bucket->end_nsec - self->now_nsec : 0;

  if (old_rate != 0 && config->rate != 0)
    return self->now_nsec + left * old_rate / config->rate;
  return carry (bucket, config, self->now_nsec, head_of (self, bucket)->cost);
}

void
bs_bucket_change (BsSwitch *self, BsWire *wire, const BsSwitchWire *config, const BsTrace *trace)
{
  BsBucket *bucket = &wire->bucket;
  uint64_t old_rate = wire->config.rate;

  unschedule (self, wire);
  bs_trace_close (&bucket->trace);
  bucket->trace = *trace;
  bucket->remainder = 0;
  wire->config = *config;
  if (is_limited (config) && bucket->n != 0)
    {
      bucket->is_carrying = true;
      bucket->end_nsec = new_end (self, bucket, old_rate, config);
      bs_schedule_put (&self->schedule, bucket->end_nsec, number_of (self, wire));
    }
  if (!is_limited (config))
    bucket->end_nsec = 0;
  while (!is_limited (config) && bucket->n != 0)
    go_on (self, take_head (self, bucket));
}

void
bs_bucket_clear (BsSwitch *self, BsWire *wire)
{
  BsBucket *bucket = &wire->bucket;
  BsPacket packet;

  unschedule (self, wire);
  while (bucket->n != 0)
    if (bs_transit_unpark (self, take_head (self, bucket), &packet))
      bs_transit_drop (self, &packet, BS_SWITCH_DROP_GONE);
  bs_trace_close (&bucket->trace);
  *bucket = (BsBucket){ 0 };
}
