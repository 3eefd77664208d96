/* SPDX-License-Identifier: Apache-2.0 */
/* bs-document-private.h — what paths and their values share */
#pragma once

#include "bs-decode.h"
#include "bs-document.h"

/* One step down. */
typedef struct
{
  char *text;           /* the key, or what stands in brackets */
  gboolean brackets;    /* a place in a list, the name of an element, or any key */
  const BsField *field; /* (nullable) of the value there; of an element: of its list; NULL: anything may be there */
  gboolean element;     /* the value is an element of the field's list */
} BsPathPart;

struct _BsPath
{
  char *text;
  GArray *parts; /* (element-type BsPathPart) */
};

/* FALSE with %BS_ERROR_INVALID when @value cannot be at the end of @path; see bs_document_set(). */
gboolean bs_document_check (const BsPath *path, const json_t *value, GError **error);
