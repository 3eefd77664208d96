/* SPDX-License-Identifier: Apache-2.0 */
/* bs-libssh.h — libssh, loaded when it is first used
 *
 * Linking it would have every command load it and OpenSSL with it, which costs more than the rest of its start. The
 * library has a stable name and ABI (libssh.so.4), so a table of the functions that are called here is enough.
 */
#pragma once

#include <libssh/libssh.h>
#include <libssh/callbacks.h>
#include <libssh/server.h>

#include <glib.h>

#define BS_LIBSSH_FUNCTIONS(X)                                                                                         \
  X (ssh_channel_change_pty_size)                                                                                      \
  X (ssh_channel_close)                                                                                                \
  X (ssh_channel_free)                                                                                                 \
  X (ssh_channel_get_exit_status)                                                                                      \
  X (ssh_channel_is_closed)                                                                                            \
  X (ssh_channel_is_eof)                                                                                               \
  X (ssh_channel_new)                                                                                                  \
  X (ssh_channel_open_forward)                                                                                         \
  X (ssh_channel_open_session)                                                                                         \
  X (ssh_channel_read_nonblocking)                                                                                     \
  X (ssh_channel_request_exec)                                                                                         \
  X (ssh_channel_request_pty_size)                                                                                     \
  X (ssh_channel_request_send_signal)                                                                                  \
  X (ssh_channel_request_shell)                                                                                        \
  X (ssh_channel_request_subsystem)                                                                                    \
  X (ssh_channel_send_eof)                                                                                             \
  X (ssh_channel_window_size)                                                                                          \
  X (ssh_channel_write)                                                                                                \
  X (ssh_connect)                                                                                                      \
  X (ssh_disconnect)                                                                                                   \
  X (ssh_free)                                                                                                         \
  X (ssh_get_error)                                                                                                    \
  X (ssh_get_poll_flags)                                                                                               \
  X (ssh_get_server_publickey)                                                                                         \
  X (ssh_is_connected)                                                                                                 \
  X (ssh_key_free)                                                                                                     \
  X (ssh_new)                                                                                                          \
  X (ssh_options_set)                                                                                                  \
  X (ssh_pki_export_privkey_to_pubkey)                                                                                 \
  X (ssh_pki_export_pubkey_base64)                                                                                     \
  X (ssh_pki_export_privkey_base64)                                                                                    \
  X (ssh_pki_generate)                                                                                                 \
  X (ssh_pki_import_privkey_base64)                                                                                    \
  X (ssh_send_keepalive)                                                                                               \
  X (ssh_set_blocking)                                                                                                 \
  X (ssh_set_channel_callbacks)                                                                                        \
  X (ssh_set_counters)                                                                                                 \
  X (ssh_string_free_char)                                                                                             \
  X (ssh_userauth_agent)                                                                                               \
  X (ssh_userauth_kbdint)                                                                                              \
  X (ssh_userauth_kbdint_getnprompts)                                                                                  \
  X (ssh_userauth_kbdint_getprompt)                                                                                    \
  X (ssh_userauth_kbdint_setanswer)                                                                                    \
  X (ssh_userauth_list)                                                                                                \
  X (ssh_userauth_none)                                                                                                \
  X (ssh_userauth_password)                                                                                            \
  X (ssh_userauth_publickey)                                                                                           \
  X (ssh_version)

typedef struct
{
#define X(name) __typeof__ (name) *name;
  BS_LIBSSH_FUNCTIONS (X)
#undef X
} BsLibssh;

/* Filled by bs_libssh_load(); only read afterwards. */
extern BsLibssh bs_libssh;

/* Any thread. FALSE with %BS_ERROR_HOST when there is none, or only one that is too old. */
gboolean bs_libssh_load (GError **error);
