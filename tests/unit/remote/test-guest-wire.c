/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-guest-wire.h"

#include <glib.h>
#include <string.h>

static void
test_header_round_trip (void)
{
  guint8 bytes[BS_WIRE_HEADER_SIZE];
  BsWireHeader header;

  bs_wire_put_header (bytes, BS_WIRE_DATA, 2, 0x01020304, 65536);
  g_assert_cmpmem (bytes, sizeof bytes, "\0\0\1\0\x10\2\0\0\4\3\2\1", 12);
  g_assert_true (bs_wire_get_header (bytes, &header));
  g_assert_cmpuint (header.length, ==, 65536);
  g_assert_cmpuint (header.type, ==, BS_WIRE_DATA);
  g_assert_cmpuint (header.channel, ==, 2);
  g_assert_cmpuint (header.stream, ==, 0x01020304);
}

static void
test_header_rules (void)
{
  guint8 bytes[BS_WIRE_HEADER_SIZE];
  BsWireHeader header;

  bs_wire_put_header (bytes, BS_WIRE_DATA, 0, 1, 65537);
  g_assert_false (bs_wire_get_header (bytes, &header));
  bs_wire_put_header (bytes, BS_WIRE_DATA, 0, 1, 1);
  bytes[7] = 1;
  g_assert_false (bs_wire_get_header (bytes, &header));
}

/* Feeds @data in pieces of @piece; asserts that the steps other than MORE are @expected. */
static void
assert_steps (BsWireParser *parser, const guint8 *data, gsize length, gsize piece, const BsWireStep *expected, guint n)
{
  guint seen = 0;

  for (gsize at = 0; at < length; at += piece)
    {
      const guint8 *next = data + at;
      gsize left = MIN (piece, length - at);
      BsWireStep step;

      while ((step = bs_wire_parser_feed (parser, &next, &left)) != BS_WIRE_MORE)
        {
          g_assert_cmpuint (seen, <, n);
          g_assert_cmpint (step, ==, expected[seen]);
          seen++;
          if (step == BS_WIRE_BROKEN)
            break;
        }
    }
  g_assert_cmpuint (seen, ==, n);
}

static void
test_frames_in_pieces (void)
{
  static const BsWireStep expected[] = { BS_WIRE_FRAME, BS_WIRE_FRAME, BS_WIRE_FRAME };
  guint8 data[3 * BS_WIRE_HEADER_SIZE + 5];

  bs_wire_put_header (data, BS_WIRE_PING, 0, 1, 5);
  memcpy (data + 12, "hello", 5);
  bs_wire_put_header (data + 17, BS_WIRE_EOF, 1, 1, 0);
  bs_wire_put_header (data + 29, BS_WIRE_CLOSE, 0, 1, 0);
  for (gsize piece = 1; piece <= sizeof data; piece++)
    {
      BsWireParser parser;

      g_assert_true (bs_wire_parser_init (&parser));
      assert_steps (&parser, data, sizeof data, piece, expected, 3);
      bs_wire_parser_clear (&parser);
    }
}

static void
test_payload_read_in_place (void)
{
  BsWireParser parser;
  guint8 data[BS_WIRE_HEADER_SIZE + 2], *at;
  const guint8 *next = data;
  gsize left = sizeof data;

  g_assert_true (bs_wire_parser_init (&parser));
  g_assert_cmpuint (bs_wire_parser_space (&parser, &at), ==, 0);
  bs_wire_put_header (data, BS_WIRE_DATA, 0, 7, 6);
  memcpy (data + 12, "ab", 2);
  g_assert_cmpint (bs_wire_parser_feed (&parser, &next, &left), ==, BS_WIRE_MORE);
  g_assert_cmpuint (bs_wire_parser_space (&parser, &at), ==, 4);
  memcpy (at, "cdef", 4);
  bs_wire_parser_filled (&parser, 4);
  g_assert_cmpint (bs_wire_parser_feed (&parser, &next, &left), ==, BS_WIRE_FRAME);
  g_assert_cmpmem (parser.body, parser.frame.length, "abcdef", 6);
  bs_wire_parser_clear (&parser);
}

static void
test_broken_stays_broken (void)
{
  static const BsWireStep expected[] = { BS_WIRE_BROKEN };
  BsWireParser parser;
  guint8 data[BS_WIRE_HEADER_SIZE];
  const guint8 *next = data;
  gsize left = sizeof data;

  g_assert_true (bs_wire_parser_init (&parser));
  bs_wire_put_header (data, BS_WIRE_DATA, 0, 1, BS_WIRE_PAYLOAD_MAX + 1);
  assert_steps (&parser, data, sizeof data, sizeof data, expected, 1);
  bs_wire_put_header (data, BS_WIRE_DATA, 0, 1, 0);
  g_assert_cmpint (bs_wire_parser_feed (&parser, &next, &left), ==, BS_WIRE_BROKEN);
  bs_wire_parser_clear (&parser);
}

/* A guest that was left anywhere in any frame is out of it after one opening. */
static void
test_opening_from_everywhere (void)
{
  g_autofree guint8 *opening = g_malloc (BS_WIRE_OPENING);
  guint8 nonce[BS_WIRE_NONCE_SIZE] = "bS\xf5gbS\xf5guestbS";
  static const guint lengths[] = { 0, 1, 11, 12, 4096, BS_WIRE_PAYLOAD_MAX };

  bs_wire_put_opening (opening, nonce);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    for (guint cut = 0; cut <= BS_WIRE_HEADER_SIZE + 1; cut++)
      {
        guint8 data[BS_WIRE_HEADER_SIZE + 1] = { 0 };
        const guint8 *next = data;
        gsize left = cut;
        gboolean opened = FALSE;
        BsWireParser parser;

        g_assert_true (bs_wire_parser_init (&parser));
        bs_wire_put_header (data, BS_WIRE_DATA, 0, 9, lengths[i]);
        while (bs_wire_parser_feed (&parser, &next, &left) != BS_WIRE_MORE)
          ;
        next = opening;
        for (left = BS_WIRE_OPENING; left > 0 && !opened;)
          {
            BsWireStep step = bs_wire_parser_feed (&parser, &next, &left);

            if (step == BS_WIRE_BROKEN)
              bs_wire_parser_hunt (&parser, NULL);
            opened = step == BS_WIRE_OPENED;
          }
        g_assert_true (opened);
        g_assert_cmpuint (left, ==, 0);
        g_assert_cmpmem (parser.nonce, sizeof parser.nonce, nonce, sizeof nonce);
        bs_wire_parser_clear (&parser);
      }
}

/* The host wants its own nonce; magic with another one is from a former session. */
static void
test_host_hunts_for_its_nonce (void)
{
  guint8 mine[BS_WIRE_NONCE_SIZE] = "0123456789abcdef", other[BS_WIRE_NONCE_SIZE] = "0123456789abcdeX";
  static const BsWireStep expected[] = { BS_WIRE_OPENED, BS_WIRE_FRAME };
  g_autoptr (GByteArray) data = g_byte_array_new ();

  g_byte_array_append (data, (const guint8 *) "junkbS", 6);
  g_byte_array_append (data, (const guint8 *) BS_WIRE_MAGIC, 8);
  g_byte_array_append (data, other, sizeof other);
  g_byte_array_append (data, (const guint8 *) "bS\xf5guesbbS", 10);
  g_byte_array_append (data, (const guint8 *) BS_WIRE_MAGIC, 8);
  g_byte_array_append (data, mine, sizeof mine);
  g_byte_array_append (data, (const guint8 *) "\0\0\0\0\x22\0\0\0\1\0\0\0", 12);
  for (gsize piece = 1; piece <= data->len; piece++)
    {
      BsWireParser parser;

      g_assert_true (bs_wire_parser_init (&parser));
      bs_wire_parser_hunt (&parser, mine);
      assert_steps (&parser, data->data, data->len, piece, expected, 2);
      g_assert_cmpuint (parser.frame.type, ==, BS_WIRE_DONE);
      bs_wire_parser_clear (&parser);
    }
}

static void
test_fields_round_trip (void)
{
  guint8 buffer[256];
  BsWireBuilder builder;
  BsWireFields fields;
  BsWireField field;
  char *text;
  guint16 small;
  guint32 medium;
  guint64 large;

  bs_wire_builder_init (&builder, buffer, sizeof buffer);
  bs_wire_add_string (&builder, 1, "héllo");
  bs_wire_add_string (&builder, 2, NULL);
  bs_wire_add_flag (&builder, 3);
  bs_wire_add16 (&builder, 4, 65535);
  bs_wire_add32 (&builder, 5, 0xfffffffe);
  bs_wire_add64 (&builder, 6, 0xfffffffffffffffd);
  g_assert_cmpuint (bs_wire_builder_finish (&builder, BS_WIRE_EXEC, 3), ==, 12 + 5 * 8 + 6 + 2 + 4 + 8);
  bs_wire_fields_init (&fields, buffer + 12, builder.length - 12);
  g_assert_true (bs_wire_fields_next (&fields, &field));
  text = bs_wire_field_string (&field);
  g_assert_cmpstr (text, ==, "héllo");
  free (text);
  g_assert_true (bs_wire_fields_next (&fields, &field));
  g_assert_cmpuint (field.tag, ==, 3);
  g_assert_false (bs_wire_field32 (&field, &medium));
  g_assert_true (bs_wire_fields_next (&fields, &field) && bs_wire_field16 (&field, &small) && small == 65535);
  g_assert_true (bs_wire_fields_next (&fields, &field) && bs_wire_field32 (&field, &medium) && medium == 0xfffffffe);
  g_assert_true (bs_wire_fields_next (&fields, &field) && bs_wire_field64 (&field, &large)
                 && large == 0xfffffffffffffffd);
  g_assert_false (bs_wire_fields_next (&fields, &field));
  g_assert_false (fields.broken);
}

static void
assert_broken_fields (const void *payload, gsize length)
{
  BsWireFields fields;
  BsWireField field;

  bs_wire_fields_init (&fields, payload, length);
  while (bs_wire_fields_next (&fields, &field))
    ;
  g_assert_true (fields.broken);
  g_assert_false (bs_wire_fields_find (payload, length, 1, &field));
}

static void
test_fields_rules (void)
{
  BsWireField field = { .length = 3, .data = (const guint8 *) "a\0b" };

  assert_broken_fields ("\1\0\0\0\1\0\0", 7);                   /* cut header */
  assert_broken_fields ("\1\0\0\0\2\0\0\0x", 9);                /* cut value */
  assert_broken_fields ("\1\0\1\0\0\0\0\0", 8);                 /* reserved */
  assert_broken_fields ("\1\0\0\0\xff\xff\xff\xffx", 9);        /* huge */
  assert_broken_fields ("\1\0\0\0\1\0\0\0x\2\0\0\0\1\0\0", 16); /* second one cut */
  g_assert_null (bs_wire_field_string (&field));
}

static void
test_builder_overflow (void)
{
  guint8 buffer[64], huge[64] = { 0 };
  BsWireBuilder builder;

  bs_wire_builder_init (&builder, buffer, sizeof buffer);
  bs_wire_add (&builder, 1, huge, sizeof huge);
  g_assert_true (builder.overflow);
  g_assert_cmpuint (bs_wire_builder_finish (&builder, BS_WIRE_EXEC, 1), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/header/round-trip", test_header_round_trip);
  g_test_add_func ("/wire/header/rules", test_header_rules);
  g_test_add_func ("/wire/parser/frames-in-pieces", test_frames_in_pieces);
  g_test_add_func ("/wire/parser/payload-in-place", test_payload_read_in_place);
  g_test_add_func ("/wire/parser/broken-stays-broken", test_broken_stays_broken);
  g_test_add_func ("/wire/parser/opening-from-everywhere", test_opening_from_everywhere);
  g_test_add_func ("/wire/parser/host-hunts-for-its-nonce", test_host_hunts_for_its_nonce);
  g_test_add_func ("/wire/fields/round-trip", test_fields_round_trip);
  g_test_add_func ("/wire/fields/rules", test_fields_rules);
  g_test_add_func ("/wire/fields/builder-overflow", test_builder_overflow);
  return g_test_run ();
}
