/* SPDX-License-Identifier: Apache-2.0 */
/* Rings, samples and captures: what others wrote is checked before it is believed. */
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-pcap.h"
#include "bs-ring.h"
#include "bs-sample.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define SIZE 128

typedef struct
{
  _Alignas(8) guint8 bytes[sizeof (BsSwitchRing) + SIZE];
  BsSwitchRing *ring; /* bytes */
  BsRingView view;
} Memory;

static void
memory_init (Memory *self)
{
  g_autoptr (GError) error = NULL;

  memset (self, 0, sizeof *self);
  self->ring = (BsSwitchRing *) (void *) self->bytes;
  self->ring->magic = BS_SWITCH_RING_MAGIC;
  self->ring->size = SIZE;
  bs_ring_view_init (&self->view, self->bytes, sizeof self->bytes, &error);
  g_assert_no_error (error);
}

static void
put (Memory *self, guint length)
{
  BsSwitchSample sample = { .kind = BS_SWITCH_SAMPLE_SENT, .length = length, .original = length };

  memcpy (self->ring->data + self->ring->next % SIZE, &sample, sizeof sample);
  self->ring->next += (sizeof sample + length + 7) & ~7u;
}

static void
test_refuses_what_is_no_ring (void)
{
  Memory memory;
  BsRingView view;
  g_autoptr (GError) error = NULL;

  memory_init (&memory);
  memory.ring->size = SIZE + 8;
  g_assert_false (bs_ring_view_init (&view, memory.bytes, sizeof memory.bytes, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_INVALID);
  g_assert_cmpstr (error->message, ==, "this memory is no ring of samples");
  g_assert_false (bs_ring_view_init (&view, memory.bytes, 16, NULL));
  memory_init (&memory);
  memory.ring->magic++;
  g_assert_false (bs_ring_view_init (&view, memory.bytes, sizeof memory.bytes, NULL));
}

static void
test_an_absurd_sample_is_an_error (void)
{
  guint8 payload[BS_SWITCH_FRAME_MAX];
  BsSwitchSample sample;
  Memory memory;
  g_autoptr (GError) error = NULL;

  memory_init (&memory);
  put (&memory, 8);
  g_assert_cmpint (bs_ring_view_next (&memory.view, &sample, payload, NULL), ==, 1);
  g_assert_cmpint (bs_ring_view_next (&memory.view, &sample, payload, NULL), ==, 0);
  put (&memory, 70000);
  g_assert_cmpint (bs_ring_view_next (&memory.view, &sample, payload, &error), ==, -1);
  g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
  g_assert_cmpstr (error->message, ==, "the ring is damaged: there is no sample at 40");
}

static void
test_a_reader_that_was_overtaken_goes_on_at_the_oldest (void)
{
  guint8 payload[BS_SWITCH_FRAME_MAX];
  BsSwitchSample sample;
  Memory memory;

  memory_init (&memory);
  put (&memory, 0);
  put (&memory, 0);
  put (&memory, 4);
  memory.ring->oldest = 64;
  g_assert_cmpint (bs_ring_view_next (&memory.view, &sample, payload, NULL), ==, 1);
  g_assert_cmpuint (sample.length, ==, 4);
  g_assert_cmpuint (memory.view.overruns, ==, 1);
}

static void
check_sample (BsSwitchSample sample, gsize length, gboolean good)
{
  guint8 message[sizeof sample + 128] = { 0 };
  const guint8 *payload;
  g_autoptr (GError) error = NULL;

  memcpy (message, &sample, sizeof sample);
  g_assert_cmpint (bs_sample_parse (message, length, &sample, &payload, &error), ==, good);
  if (!good)
    {
      g_autofree char *expected = g_strdup_printf ("the switch sent no sample, but %u other bytes", (guint) length);

      g_assert_error (error, BS_ERROR, BS_ERROR_PROTOCOL);
      g_assert_cmpstr (error->message, ==, expected);
    }
}

static void
test_samples_are_checked (void)
{
  const BsSwitchSample good = { .kind = BS_SWITCH_SAMPLE_SENT, .length = 20, .original = 60 };
  BsSwitchSample bad = good;

  check_sample (good, sizeof good + 20, TRUE);
  check_sample (good, sizeof good + 19, FALSE);
  check_sample (good, sizeof good - 1, FALSE);
  bad.kind = 9;
  check_sample (bad, sizeof bad + 20, FALSE);
  bad = good;
  bad.original = 19; /* less than there is */
  check_sample (bad, sizeof bad + 20, FALSE);
  bad = good;
  bad.kind = BS_SWITCH_SAMPLE_DECISION;
  check_sample (bad, sizeof bad + 20, FALSE);
  bad.length = bad.original = sizeof (BsSwitchDecision);
  check_sample (bad, sizeof bad + bad.length, TRUE);
}

static void
test_names_every_cause (void)
{
  for (guint i = 0; i < BS_SWITCH_DROPS; i++)
    g_assert_cmpstr (bs_drop_name (i), !=, "other");
  g_assert_cmpstr (bs_drop_name (BS_SWITCH_DROP_LOSS), ==, "loss");
  g_assert_cmpstr (bs_drop_name (BS_SWITCH_DROPS), ==, "other");
}

static void
test_a_capture_has_nanoseconds (void)
{
  const guint8 expected[] = { 0x4d, 0x3c, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 96, 0, 0, 0, 1, 0, 0, 0,
                              /* the packet */
                              5, 0, 0, 0, 7, 0, 0, 0, 2, 0, 0, 0, 60, 0, 0, 0, 0xaa, 0xbb };
  guint8 got[sizeof expected + 1];
  g_autoptr (GError) error = NULL;
  g_autoptr (BsPcap) pcap = NULL;
  int ends[2];

  if (G_BYTE_ORDER != G_LITTLE_ENDIAN)
    {
      g_test_skip ("the expected bytes are of a little-endian host");
      return;
    }
  g_assert_cmpint (pipe (ends), ==, 0);
  pcap = bs_pcap_new (ends[1], 96);
  g_assert_true (bs_pcap_write (pcap, G_GUINT64_CONSTANT (5000000007), (const guint8 *) "\xaa\xbb", 2, 60, &error));
  g_assert_true (bs_pcap_flush (pcap, &error));
  g_assert_cmpint (read (ends[0], got, sizeof got), ==, sizeof expected);
  g_assert_cmpmem (got, sizeof expected, expected, sizeof expected);
  close (ends[0]);
  signal (SIGPIPE, SIG_IGN);
  g_assert_true (bs_pcap_write (pcap, 0, (const guint8 *) "\xaa", 1, 1, &error));
  g_assert_false (bs_pcap_flush (pcap, &error));
  g_assert_error (error, BS_ERROR, BS_ERROR_DIED);
  g_assert_cmpstr (error->message, ==, "nobody reads the capture any more");
  close (ends[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ring/refuses-what-is-no-ring", test_refuses_what_is_no_ring);
  g_test_add_func ("/ring/an-absurd-sample-is-an-error", test_an_absurd_sample_is_an_error);
  g_test_add_func ("/ring/overtaken", test_a_reader_that_was_overtaken_goes_on_at_the_oldest);
  g_test_add_func ("/sample/checked", test_samples_are_checked);
  g_test_add_func ("/sample/names-every-cause", test_names_every_cause);
  g_test_add_func ("/pcap/nanoseconds", test_a_capture_has_nanoseconds);
  return g_test_run ();
}
