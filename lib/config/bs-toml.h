/* SPDX-License-Identifier: Apache-2.0 */
/* bs-toml.h — a TOML file as a row of values; C on the outside, toml++ within
 *
 * The reader is a module of its own, loaded when there is a file to read: C++ costs the program neither time at its
 * start nor a dependency of the library. Nothing is thrown: without exceptions, memory that runs out ends the process,
 * as it does in GLib.
 */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

#define BS_TOML_MODULE "benchscale-toml.so"
#define BS_TOML_SYMBOL "bs_toml_read"

  typedef enum
  {
    BS_TOML_ERROR,   /* text: what is wrong; the last item */
    BS_TOML_SECTION, /* a table at the top; its values follow */
    BS_TOML_STRING,
    BS_TOML_INTEGER,
    BS_TOML_FLOAT,
    BS_TOML_BOOLEAN,
    BS_TOML_OTHER, /* text: "a date", "a list", "a table" */
  } BsTomlKind;

  /* Borrowed for the time of the call. Positions are from 1, columns in characters. */
  typedef struct
  {
    BsTomlKind kind;
    const char *section; /* (nullable) NULL: at the top */
    const char *key;     /* (nullable) NULL for a section itself and for errors */
    const char *text;    /* of the value, ends with NUL */
    size_t text_length;  /* may be more than strlen() where the value has a NUL in it */
    unsigned line, column, length;
    unsigned key_line, key_column, key_length;
  } BsTomlItem;

  typedef void (*BsTomlFunc) (const BsTomlItem *item, void *user_data);
  typedef void (*BsTomlRead) (const char *data, size_t length, BsTomlFunc func, void *user_data);

  /* Calls @func for each section and value, in no order. @data is UTF-8 and no deeper than its reader can bear: see
   * bs_settings_read_file(). */
  __attribute__ ((visibility ("default"))) void bs_toml_read (const char *data, size_t length, BsTomlFunc func,
                                                              void *user_data);

#ifdef __cplusplus
}
#endif
