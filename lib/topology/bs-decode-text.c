/* SPDX-License-Identifier: Apache-2.0 */
/* bs-decode-text.c — which characters a text may have
 *
 * Nothing that a terminal acts on, and nothing that makes a text look like another one, comes further than the decoder:
 * it is an error at its place, in whichever way it was written. What is one line has no control character at all, and
 * nothing that takes no room. Where several lines are meant, line breaks and tabs are good, and marks of scripts that
 * are written from the right, too, but not what turns the order of characters around. Data that is fed to programs or
 * compared may end its lines with CRLF.
 */
#include "bs-decoder.h"

#include "bs-text.h"

static gboolean
is_allowed (BsTextForm form, const char *at, gunichar c)
{
  switch (form)
    {
    case BS_TEXT_LINE:
      return !bs_text_is_hidden (c);
    case BS_TEXT_TABS:
      return !bs_text_is_hidden (c) || c == '\t';
    case BS_TEXT_LINES:
      return !bs_text_is_control (c) || c == '\n' || c == '\t';
    case BS_TEXT_DATA:
      return !bs_text_is_control (c) || c == '\n' || c == '\t' || (c == '\r' && at[1] == '\n');
    }
  g_assert_not_reached ();
}

const char *
bs_text_find_refused (BsTextForm form, const char *text)
{
  for (;; text = g_utf8_next_char (text))
    {
      while (*text >= 0x20 && *text < 0x7f)
        text++;
      if (*text == '\0')
        return NULL;
      if (!is_allowed (form, text, g_utf8_get_char (text)))
        return text;
    }
}

static char *
make_hint (const BsField *field, const char *text, const char *refused)
{
  gunichar c = g_utf8_get_char (refused);
  guint place = (guint) g_utf8_pointer_to_offset (text, refused) + 1;

  if (c == '\n')
    return g_strdup_printf ("remove the line break, character %u of it", place);
  return g_strdup_printf ("remove U+%04X, character %u of it%s", c, place,
                          field->text_hint != NULL ? field->text_hint : "");
}

gboolean
bs_decode_characters (BsDecoder *self, const BsField *field, const BsYamlNode *value, BsTextForm form)
{
  const char *refused = bs_text_find_refused (form, value->text);
  g_autofree char *hint = refused != NULL ? make_hint (field, value->text, refused) : NULL;

  if (refused == NULL)
    return TRUE;
  if (form <= BS_TEXT_TABS)
    bs_decoder_error (self, value, hint, "'%s' must be one line without control characters", field->key);
  else
    bs_decoder_error (self, value, hint, "'%s' must be a text without control characters", field->key);
  return FALSE;
}

gboolean
bs_decode_line (BsDecoder *self, const BsField *field, const BsYamlNode *value)
{
  if (!bs_decode_scalar (self, field, value))
    return FALSE;
  if (*value->text == '\0')
    {
      bs_decoder_error (self, value, NULL, "'%s' must not be empty", field->key);
      return FALSE;
    }
  return bs_decode_characters (self, field, value, BS_TEXT_LINE);
}

gboolean
bs_decode_text (BsDecoder *self, const BsField *field, const BsYamlNode *value)
{
  return bs_decode_scalar (self, field, value) && bs_decode_characters (self, field, value, BS_TEXT_DATA);
}
