/* SPDX-License-Identifier: Apache-2.0 */
/* What a frame is, told from its bytes. */
#include "bs-frame.h"

#include "bs-bytes.h"

#include <glib.h>
#include <string.h>

#define ETHERNET 14

typedef struct
{
  uint8_t data[2048];
  uint32_t length;
} Frame;

static void
append (Frame *frame, const void *bytes, uint32_t length)
{
  memcpy (frame->data + frame->length, bytes, length);
  frame->length += length;
}

static void
append16 (Frame *frame, uint16_t value)
{
  bs_store16 (frame->data + frame->length, value);
  frame->length += 2;
}

static Frame
ethernet (uint16_t type)
{
  Frame frame = { .data = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 }, .length = 12 };

  append16 (&frame, type);
  return frame;
}

static void
append_ip4 (Frame *frame, uint8_t protocol, uint16_t fragment, uint16_t payload)
{
  uint8_t header[20] = { 0x45 };

  bs_store16 (header + 2, 20 + payload);
  bs_store16 (header + 6, fragment);
  header[9] = protocol;
  append (frame, header, sizeof header);
}

static void
append_ip6 (Frame *frame, uint8_t next, uint16_t payload)
{
  uint8_t header[40] = { 0x60 };

  bs_store16 (header + 4, payload);
  header[6] = next;
  append (frame, header, sizeof header);
}

static void
append_ports (Frame *frame, uint16_t source, uint16_t destination)
{
  uint8_t rest[16] = { 0 };

  append16 (frame, source);
  append16 (frame, destination);
  append (frame, rest, sizeof rest);
}

static BsFrame
parse (const Frame *frame)
{
  /* A copy of just its length, so that the sanitizer sees a read behind it. */
  g_autofree uint8_t *copy = g_memdup2 (frame->data, frame->length);
  BsFrame parsed;

  bs_frame_parse (&parsed, copy, frame->length);
  return parsed;
}

static void
check (const Frame *frame, uint8_t version, uint8_t protocol, uint32_t network, uint32_t transport, uint16_t port)
{
  BsFrame parsed = parse (frame);

  g_assert_cmpuint (parsed.version, ==, version);
  g_assert_cmpuint (parsed.protocol, ==, protocol);
  g_assert_cmpuint (parsed.network_offset, ==, network);
  g_assert_cmpuint (parsed.transport_offset, ==, transport);
  g_assert_cmpuint (parsed.lower_port, ==, port);
}

static void
test_ports_of_ip4 (void)
{
  static const uint8_t protocols[] = { 6, 17, 33, 132, 136 };

  for (unsigned i = 0; i < G_N_ELEMENTS (protocols); i++)
    {
      Frame there = ethernet (0x0800), back = ethernet (0x0800);

      append_ip4 (&there, protocols[i], 0x4000, 20);
      append_ports (&there, 40000, 443);
      check (&there, 4, protocols[i], ETHERNET, ETHERNET + 20, 443);
      append_ip4 (&back, protocols[i], 0, 20);
      append_ports (&back, 443, 40000);
      check (&back, 4, protocols[i], ETHERNET, ETHERNET + 20, 443);
      g_assert_false (parse (&back).is_fragment);
    }
}

static void
test_options_of_ip4_are_skipped (void)
{
  Frame frame = ethernet (0x0800);

  append_ip4 (&frame, 17, 0, 24);
  frame.data[ETHERNET] = 0x46;
  append (&frame, "\1\1\1\1", 4);
  append_ports (&frame, 53, 1024);
  check (&frame, 4, 17, ETHERNET, ETHERNET + 24, 53);
}

static void
test_a_protocol_without_ports (void)
{
  Frame frame = ethernet (0x0800);

  append_ip4 (&frame, 1, 0, 20);
  append_ports (&frame, 0x0800, 0x1234);
  check (&frame, 4, 1, ETHERNET, ETHERNET + 20, 0);
}

static void
test_padding_is_no_port (void)
{
  Frame frame = ethernet (0x0800);

  append_ip4 (&frame, 17, 0, 2);
  append_ports (&frame, 53, 1024);
  check (&frame, 4, 17, ETHERNET, ETHERNET + 20, 0);
  bs_store16 (frame.data + ETHERNET + 2, 0);
  check (&frame, 4, 17, ETHERNET, 0, 0);
}

static void
test_fragments_of_one_packet_are_alike (void)
{
  static const uint16_t fragments[] = { 0x2000, 0x20b9, 0x0172 };

  for (unsigned i = 0; i < G_N_ELEMENTS (fragments); i++)
    {
      Frame frame = ethernet (0x0800);

      append_ip4 (&frame, 17, fragments[i], 20);
      append_ports (&frame, 53, 1024);
      check (&frame, 4, 17, ETHERNET, i == 0 ? ETHERNET + 20 : 0, 0);
      g_assert_true (parse (&frame).is_fragment);
    }
}

static void
test_broken_ip4_is_other (void)
{
  Frame frame = ethernet (0x0800);

  append_ip4 (&frame, 6, 0, 0);
  frame.data[ETHERNET] = 0x44;
  check (&frame, 0, BS_FRAME_OTHER, 0, 0, 0);
  frame.data[ETHERNET] = 0x65;
  check (&frame, 0, BS_FRAME_OTHER, 0, 0, 0);
  frame.data[ETHERNET] = 0x4f;
  check (&frame, 0, BS_FRAME_OTHER, 0, 0, 0);
  frame.data[ETHERNET] = 0x45;
  frame.data[ETHERNET + 9] = 0;
  check (&frame, 4, BS_FRAME_OTHER, ETHERNET, 0, 0);
}

static void
test_tags (void)
{
  Frame one = ethernet (0x8100), two = ethernet (0x88a8), many = ethernet (0x8100);

  append (&one, "\0\1\x08\0", 4);
  append_ip4 (&one, 6, 0, 20);
  append_ports (&one, 80, 5000);
  check (&one, 4, 6, ETHERNET + 4, ETHERNET + 24, 80);
  append (&two, "\0\1\x81\0\0\2\x86\xdd", 8);
  append_ip6 (&two, 6, 20);
  append_ports (&two, 5000, 81);
  check (&two, 6, 6, ETHERNET + 8, ETHERNET + 48, 81);
  for (int i = 0; i < 5; i++)
    append (&many, i < 4 ? "\0\1\x81\0" : "\0\1\x08\0", 4);
  append_ip4 (&many, 6, 0, 20);
  check (&many, 0, BS_FRAME_OTHER, 0, 0, 0);
}

static void
test_arp (void)
{
  Frame frame = ethernet (0x0806), empty = ethernet (0x0806);

  append (&frame, "\0\1\x08\0\6\4\0\1", 8);
  check (&frame, 0, BS_FRAME_ARP, ETHERNET, 0, 0);
  check (&empty, 0, BS_FRAME_ARP, 0, 0, 0);
}

static void
test_neither_ip_nor_arp (void)
{
  Frame frame = ethernet (0x88cc), short_frame = { .data = { 2 }, .length = 5 };

  append (&frame, "\0\0\0\0", 4);
  check (&frame, 0, BS_FRAME_OTHER, 0, 0, 0);
  check (&short_frame, 0, BS_FRAME_OTHER, 0, 0, 0);
}

static void
test_extension_headers_are_skipped (void)
{
  static const uint8_t hop[8] = { 43, 0 }, routing[24] = { 51, 2 }, authentication[12] = { 60, 1 },
                       options[16] = { 17, 1 };
  Frame frame = ethernet (0x86dd);

  append_ip6 (&frame, 0, sizeof hop + sizeof routing + sizeof authentication + sizeof options + 20);
  append (&frame, hop, sizeof hop);
  append (&frame, routing, sizeof routing);
  append (&frame, authentication, sizeof authentication);
  append (&frame, options, sizeof options);
  append_ports (&frame, 9000, 8000);
  check (&frame, 6, 17, ETHERNET, ETHERNET + 40 + 60, 8000);
}

static void
test_fragments_of_ip6 (void)
{
  static const struct
  {
    uint16_t fragment;
    uint8_t is_fragment;
    uint32_t transport;
    uint16_t port;
  } cases[] = { { 0, 0, ETHERNET + 48, 80 }, { 1, 1, ETHERNET + 48, 0 }, { 0x05a9, 1, 0, 0 }, { 0x05a8, 1, 0, 0 } };

  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Frame frame = ethernet (0x86dd);
      uint8_t header[8] = { 6 };

      bs_store16 (header + 2, cases[i].fragment);
      append_ip6 (&frame, 44, 28);
      append (&frame, header, sizeof header);
      append_ports (&frame, 80, 5000);
      check (&frame, 6, 6, ETHERNET, cases[i].transport, cases[i].port);
      g_assert_cmpuint (parse (&frame).is_fragment, ==, cases[i].is_fragment);
    }
}

static void
test_later_fragments_hide_no_more_than_the_first (void)
{
  static const uint8_t first[8] = { 60, 0, 0, 1 }, later[8] = { 60, 0, 5, 0xa9 }, options[8] = { 17, 0 };
  const uint8_t *const headers[] = { first, later };

  for (unsigned i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      Frame frame = ethernet (0x86dd);

      append_ip6 (&frame, 44, 36);
      append (&frame, headers[i], 8);
      append (&frame, options, sizeof options);
      append_ports (&frame, 80, 5000);
      check (&frame, 6, 60, ETHERNET, i == 0 ? ETHERNET + 48 : 0, 0);
    }
}

static void
test_extension_headers_that_end_behind_the_frame (void)
{
  static const uint8_t hop[8] = { 17, 9 };
  Frame frame = ethernet (0x86dd), endless = ethernet (0x86dd);

  append_ip6 (&frame, 0, 28);
  append (&frame, hop, sizeof hop);
  append_ports (&frame, 80, 5000);
  check (&frame, 6, BS_FRAME_OTHER, ETHERNET, ETHERNET + 40, 0);
  append_ip6 (&endless, 60, 1000);
  for (int i = 0; i < 100; i++)
    append (&endless, "\x3c\0\0\0\0\0\0\0", 8);
  check (&endless, 6, 60, ETHERNET, ETHERNET + 40 + 128, 0);
}

/* Each cut of a good frame, and each byte of it changed: nothing is read behind the end, offsets stay inside. */
static void
test_cut_and_bent_frames (void)
{
  static const uint8_t fragment[8] = { 60 }, options[8] = { 6 };
  Frame frame = ethernet (0x8100);

  append (&frame, "\0\1\x86\xdd", 4);
  append_ip6 (&frame, 44, 36);
  append (&frame, fragment, sizeof fragment);
  append (&frame, options, sizeof options);
  append_ports (&frame, 80, 5000);
  for (uint32_t length = 0; length <= frame.length; length++)
    for (uint32_t at = 0; at < length; at++)
      for (int value = 0; value < 256; value += 17)
        {
          Frame bent = frame;
          BsFrame parsed;

          bent.length = length;
          bent.data[at] = (uint8_t) value;
          parsed = parse (&bent);
          g_assert_true (parsed.network_offset < length && parsed.transport_offset < length);
        }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet/frame/ports-of-ip4", test_ports_of_ip4);
  g_test_add_func ("/packet/frame/options-of-ip4-are-skipped", test_options_of_ip4_are_skipped);
  g_test_add_func ("/packet/frame/a-protocol-without-ports", test_a_protocol_without_ports);
  g_test_add_func ("/packet/frame/padding-is-no-port", test_padding_is_no_port);
  g_test_add_func ("/packet/frame/fragments-of-one-packet-are-alike", test_fragments_of_one_packet_are_alike);
  g_test_add_func ("/packet/frame/broken-ip4-is-other", test_broken_ip4_is_other);
  g_test_add_func ("/packet/frame/tags", test_tags);
  g_test_add_func ("/packet/frame/arp", test_arp);
  g_test_add_func ("/packet/frame/neither-ip-nor-arp", test_neither_ip_nor_arp);
  g_test_add_func ("/packet/frame/extension-headers-are-skipped", test_extension_headers_are_skipped);
  g_test_add_func ("/packet/frame/fragments-of-ip6", test_fragments_of_ip6);
  g_test_add_func ("/packet/frame/later-fragments-hide-no-more-than-the-first",
                   test_later_fragments_hide_no_more_than_the_first);
  g_test_add_func ("/packet/frame/extension-headers-that-end-behind-the-frame",
                   test_extension_headers_that_end_behind_the_frame);
  g_test_add_func ("/packet/frame/cut-and-bent-frames", test_cut_and_bent_frames);
  return g_test_run ();
}
