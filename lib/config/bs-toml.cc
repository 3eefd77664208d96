/* SPDX-License-Identifier: Apache-2.0 */
/* bs-toml.cc — toml++ behind bs-toml.h */
#include "bs-toml.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#include <toml++/toml.h>

namespace
{

struct Reader
{
  BsTomlFunc func;
  void *user_data;
};

unsigned
length_of (const toml::source_region &region)
{
  if (region.begin.line != region.end.line || region.end.column <= region.begin.column)
    return 1;
  return region.end.column - region.begin.column;
}

void
set_key (BsTomlItem &item, const toml::key &key)
{
  item.key_line = key.source ().begin.line;
  item.key_column = key.source ().begin.column;
  item.key_length = length_of (key.source ());
}

std::string
text_of (const toml::node &node, BsTomlKind &kind)
{
  kind = BS_TOML_OTHER;
  if (const auto *value = node.as_string ())
    {
      kind = BS_TOML_STRING;
      return value->get ();
    }
  if (const auto *value = node.as_integer ())
    {
      kind = BS_TOML_INTEGER;
      return std::to_string (value->get ());
    }
  if (const auto *value = node.as_floating_point ())
    {
      kind = BS_TOML_FLOAT;
      return std::to_string (value->get ());
    }
  if (const auto *value = node.as_boolean ())
    {
      kind = BS_TOML_BOOLEAN;
      return value->get () ? "true" : "false";
    }
  return node.is_table () ? "a table" : node.is_array () ? "a list" : "a date";
}

void
tell_value (const Reader &reader, const char *section, const toml::key &key, const toml::node &node)
{
  BsTomlItem item = {};
  const std::string name (key.str ());
  const std::string text = text_of (node, item.kind);

  item.section = section;
  item.key = name.c_str ();
  item.text = text.c_str ();
  item.text_length = text.size ();
  item.line = node.source ().begin.line;
  item.column = node.source ().begin.column;
  item.length = length_of (node.source ());
  set_key (item, key);
  reader.func (&item, reader.user_data);
}

void
tell_section (const Reader &reader, const toml::key &key, const toml::table &table)
{
  BsTomlItem item = {};
  const std::string name (key.str ());

  item.kind = BS_TOML_SECTION;
  item.section = name.c_str ();
  item.text = "";
  set_key (item, key);
  item.line = item.key_line;
  item.column = item.key_column;
  item.length = item.key_length;
  reader.func (&item, reader.user_data);
  for (const auto &[part, node] : table)
    tell_value (reader, name.c_str (), part, node);
}

void
tell_error (const Reader &reader, const toml::parse_error &error)
{
  BsTomlItem item = {};
  const std::string text (error.description ());

  item.kind = BS_TOML_ERROR;
  item.text = text.c_str ();
  item.text_length = text.size ();
  item.line = error.source ().begin.line;
  item.column = error.source ().begin.column;
  item.length = length_of (error.source ());
  reader.func (&item, reader.user_data);
}

} // namespace

extern "C" void
bs_toml_read (const char *data, size_t length, BsTomlFunc func, void *user_data)
{
  const Reader reader = { func, user_data };
  const toml::parse_result result = toml::parse (std::string_view (data, length));

  if (!result)
    {
      tell_error (reader, result.error ());
      return;
    }
  for (const auto &[key, node] : result.table ())
    if (const auto *table = node.as_table ())
      tell_section (reader, key, *table);
    else
      tell_value (reader, nullptr, key, node);
}
