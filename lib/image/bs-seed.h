/* SPDX-License-Identifier: Apache-2.0 */
/* bs-seed.h — a NoCloud seed: how a machine whose image is not ours learns who it is, from cloud-init
 *
 * An ISO with the volume id "cidata" and the files user-data, meta-data and network-config (version 2, interfaces found
 * by MAC). It carries identity only: packages, files and commands come later and the same way as in our own images, by
 * bs_provision_bake(). YAML is written by libyaml's emitter, every text of it in double quotes, so that none is taken
 * for a number or a truth value. The seed holds secrets: its file has the mode 0600, the guest has it as a disk.
 */
#pragma once

#include <gio/gio.h>

typedef struct
{
  const char *mac;         /* "52:54:00:…" */
  const char *name;        /* (nullable) eth0 … by order */
  const char *addresses;   /* (nullable) "10.0.0.2/24 fd00::2/64" */
  const char *gateway;     /* (nullable) IPv4, of the default route */
  const char *nameservers; /* (nullable) addresses, separated by spaces */
  gboolean dhcp;           /* IPv4 by DHCP */
  gboolean required;       /* the boot waits for it; where none is, networkd waits in vain for any, for two minutes */
  guint mtu;               /* 0: as it is */
} BsSeedInterface;

typedef struct
{
  const char *instance_id; /* another one makes cloud-init begin anew: the node's UUID */
  const char *hostname;
  const char *hosts;                      /* (nullable) content of /etc/hosts */
  const char *machine_id;                 /* (nullable) 32 hex digits, lower case */
  const char *host_key, *host_key_public; /* (nullable) both or none: OpenSSH ed25519, as texts of their files */
  const char *authorized_key;             /* (nullable) the lab's, for root and the default user */
  const char *user, *password;            /* (nullable) password without user: the default user's */
  char **ssh_authorized_keys;             /* (nullable) of @user, else of the default user and root */
  const BsSeedInterface *interfaces;
  guint n_interfaces;
  gboolean install_agent; /* the stock guest agent, from the distribution; needs a way to the outside */
} BsSeed;

/* Whether all of it can be represented: %BS_ERROR_INVALID names what cannot. */
gboolean bs_seed_check (const BsSeed *seed, GError **error);

/* The three files; (transfer full) NULL-terminated text; NULL with %BS_ERROR_INVALID */
char *bs_seed_user_data (const BsSeed *seed, GError **error);
char *bs_seed_meta_data (const BsSeed *seed, GError **error);
char *bs_seed_network_config (const BsSeed *seed, GError **error);

/**
 * bs_seed_write:
 * @path: of the ISO; there at once when it is complete
 *
 * Same input, same bytes. Needs the program xorriso.
 *
 * Returns: FALSE with %BS_ERROR_INVALID, %BS_ERROR_HOST (no xorriso), %BS_ERROR_EXHAUSTED, %BS_ERROR_CANCELLED, …
 */
gboolean bs_seed_write (const BsSeed *seed, const char *path, GCancellable *cancellable, GError **error);
