/* SPDX-License-Identifier: Apache-2.0 */
/* wires-net.h — two namespaces, and the ways between them: each has an interface in both, of a subnet of its own */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef enum
{
  WAY_LOOP,       /* TAPs with all offload, a read and a write a packet */
  WAY_SWITCH,     /* the same TAPs, the switch between them */
  WAY_BRIDGE,     /* veth and the kernel's bridge */
  WAY_LOOP_PLAIN, /* all three without offload */
  WAY_SWITCH_PLAIN,
  WAY_BRIDGE_PLAIN,
  WAY_VDE,        /* vde_switch */
  WAY_WIREFILTER, /* two of them and a wirefilter that does nothing */
  WAYS,
} Way;

typedef struct
{
  pid_t carriers[8];
  int n_carriers;
  int control;   /* of the switch; -1: none */
  int ends[2];   /* TAPs; -1: none */
  bool is_there; /* the programs that it needs are installed */
} Path;

extern const char *const way_names[WAYS];
extern const char *switch_path, *loop_path;
extern Path paths[WAYS];

void die (const char *what);
/* Makes both namespaces and all ways, which then are idle. */
void net_open (void);
void net_close (void);
/* The calling process enters namespace 0 or 1. */
void net_enter (int which);
/* Address of a way's interface in a namespace, network byte order. */
uint32_t net_address (Way way, int which);
/* A child that dies with us. Returns: as fork() */
pid_t fork_child (void);
void end_child (pid_t pid);
