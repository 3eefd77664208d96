/* SPDX-License-Identifier: Apache-2.0 */
/* bs-checksums.h — the files in which publishers say what their images' digests are */
#pragma once

#include <glib.h>

typedef enum
{
  BS_CHECKSUMS_SHA256SUMS, /* "HEX  NAME" or "HEX *NAME" a line, as sha256sum(1) writes */
  BS_CHECKSUMS_SHA512SUMS,
  BS_CHECKSUMS_BSD,    /* "SHA256 (NAME) = HEX", often within a signed message */
  BS_CHECKSUMS_SHA256, /* of one file: HEX, with or without its name */
  BS_CHECKSUMS_SHA512,
} BsChecksumsFormat;

#define BS_CHECKSUMS_BYTES_MAX (4 * 1024 * 1024)

typedef struct
{
  GChecksumType type;
  char hex[129]; /* lower case */
} BsDigest;

/* "sha256sums", "sha512sums", "bsd", "sha256", "sha512" by their number, then NULL. */
extern const char *const bs_checksums_words[];

/* FALSE when @hex is no digest of @type; upper case is fine. */
gboolean bs_digest_set (BsDigest *self, GChecksumType type, const char *hex);
gboolean bs_digest_equal (const BsDigest *a, const BsDigest *b);

/**
 * bs_checksums_find:
 * @text: (array length=length): what the publisher's server sent
 * @file: the image's file name, without folder
 * @digest: (out caller-allocates): untouched on failure
 *
 * Returns: FALSE with %BS_ERROR_NOT_FOUND when @file is not in it, %BS_ERROR_PROTOCOL when it is in it with two
 * different digests
 */
gboolean bs_checksums_find (const char *text, gsize length, BsChecksumsFormat format, const char *file,
                            BsDigest *digest, GError **error);
