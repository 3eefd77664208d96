/* SPDX-License-Identifier: Apache-2.0 */
/* bs-error.h — the one error domain, its codes, and hints beside messages */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the shared library shows; all else is hidden. */
#define BS_EXPORT __attribute__ ((visibility ("default")))

/**
 * BS_ERROR:
 *
 * The error domain of every function of this library. A message is lower case, has no full stop
 * and names the object in quotes; what to do about it is the hint, kept beside the message.
 */
#define BS_ERROR (bs_error_quark ())

typedef enum
{
  BS_ERROR_FAILED,      /* an operation failed */
  BS_ERROR_INVALID,     /* the input is wrong */
  BS_ERROR_HOST,        /* the host lacks something */
  BS_ERROR_TIMEOUT,     /* a deadline passed */
  BS_ERROR_CANCELLED,   /* interrupted by the caller */
  BS_ERROR_NOT_FOUND,   /* no such lab, node, image, file */
  BS_ERROR_EXISTS,      /* the name is taken */
  BS_ERROR_BUSY,        /* somebody else holds the lock */
  BS_ERROR_UNSUPPORTED, /* the backend or image cannot do it */
  BS_ERROR_PROTOCOL,    /* a peer spoke nonsense */
  BS_ERROR_EXHAUSTED,   /* none is left: addresses, ports, memory, disk */
  BS_ERROR_DIED,        /* the machine or process ended */
  BS_ERROR_CHECK,       /* a test or check failed */
} BsErrorCode;

BS_EXPORT GQuark bs_error_quark (void);

/**
 * bs_error_hint:
 * @error: (nullable): any error
 *
 * Returns: (nullable) (transfer none): what the user can do about it, or NULL
 */
BS_EXPORT const char *bs_error_hint (const GError *error);

/**
 * bs_error_exit_code:
 * @error: (nullable): any error
 *
 * Returns: the exit code of a command that ends with it: 0 for NULL, 1 check failed, 2 wrong input,
 * 3 the host lacks something, 4 an operation failed, 5 timed out, 130 interrupted
 */
BS_EXPORT int bs_error_exit_code (const GError *error);

G_END_DECLS
