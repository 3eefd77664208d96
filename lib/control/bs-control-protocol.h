/* SPDX-License-Identifier: Apache-2.0 */
/* bs-control-protocol.h — what a command and the supervisor say to each other
 *
 * Carrier: SOCK_SEQPACKET unix socket "control.sock" in the lab's folder, one JSON object a message, at most
 * BS_SOCKET_MESSAGE_MAX bytes, descriptors beside. Only the supervisor's own uid (SO_PEERCRED) is served.
 *
 * Request:  {"id":N, "op":"…", …}             N is chosen by the client, echoed
 * Answer:   {"id":N, "ok":true, …}  or  {"id":N, "ok":false, "error":{"code":"not-found","message":"…","hint":"…"}}
 * Event:    {"event":{…}}                     to subscribers only
 * Requests may be pipelined; answers come in any order. A message that is not understood is answered by an error with
 * code "protocol" (id 0 if it has none) and never ends the supervisor.
 *
 * ops (v1):
 *  hello       {"min":1,"max":1}                → {"version":1,"pid":P,"lab":NAME,"uuid":U,"program":"0.1.0"};
 * optional: others assume version 1 status      {}                               →
 * {"nodes":[{"name","state":"running"|"dead","pid","start_time","guest":bool,"exit":{…}}],
 *                                                  "switch":{"pid","restarts"},"subscribers":N}
 *  start-switch {"program":PATH}                → {"pid":P}          memfd, control pair; restarted by the supervisor
 * from now on add-port    {"node","interface":INDEX,"network":ID,"mac"}  → {"port":ID}   makes the socket pair
 * (SOCK_DGRAM) if the node has none there, tells the switch remove-port {"node","interface":INDEX}       → {} spawn
 * {"node","argv":[…],"interfaces":N,"guest":"nodes/NODE/guest.sock"|null,"log":"nodes/NODE/qemu.log","console_log":"nodes/NODE/console.log"}
 *                                               → {"pid":P,"start_time":T}
 *              The child: cwd is the lab's folder, own session, stdin /dev/null, stdout+stderr appended to log, no
 * descriptor but 0–2 and, for interface i < N, BS_CONTROL_PORT_FD(i) (the machine's end) and BS_CONTROL_PEER_FD(i) (the
 * switch's end, unused by it, kept so that a new supervisor can fetch the link back with pidfd_getfd even when switch
 * and supervisor are both gone). The answer comes after exec succeeded. One of argv must be the node's tag (bs-tag.h).
 * Paths are below the lab's folder. A stale guest socket is removed first. signal      {"node","signal":9} →
 * {"exit":{…}} after the machine was reaped; {} at once for 0, STOP, CONT and TSTP, after which it goes on. exit is
 * {"exit_code"}, {"signal"}, or {"unknown":true} after a takeover. guest       {"node","timeout_ms":T}          →
 * {"hello":{"version","program",…}} and one descriptor: a stream socket that speaks frames of bs-guest-wire.h without
 * opening (no preamble, magic or HELLO). Waits for the guest's hello; fails with "timeout", or at once with "died" when
 * the machine ends before it. counters    {"node"?}                        →
 * {"ports":[{"node","interface","rx_packets","rx_bytes","tx_packets","tx_bytes","dropped_full",…}]} event {"event":{…}}
 * → {}    adds time and lab, appends to events.ndjson, sends to subscribers subscribe   {} → {}    events from now on
 *  forget      {"node"}                         → {}    the node is gone on purpose: no event, ports removed. While it
 * still runs, "signal" and "shutdown" know it, until it ends. An unknown node is success. shutdown    {"force":bool} →
 * {}    refuses with "busy" while machines live unless force (then SIGKILLs them), ends the switch, removes
 * control.sock, answers, exits
 *
 *  add-port may have "identity": what decisions about its packets depend on.
 *
 * Wires (values are those of bs-wire-values.h; targets are {"node"?,"interface"?,"network"?,"to"?,"to_interface"?,
 * "direction"?: "out" when absent, "in", "both"}; each is answered when the switch has taken it):
 *  set-wires   {"declared":[{"node","interface","direction","to"?,"to_interface"?,"values","schedule"?:[{"at_usec",
 *              "for_usec","values"}]}],"seeds"?:[{"network","seed"}],"begin"?:true (schedules count from now),
 *              "more"?:true}                    → {}
 *  set-wires   {"targets":[…],"values":{…},"for_usec"?,"what"?}                          → {"fault":N}
 *  reset       {"targets"?:[…]}                 → {}
 *  partition   {"groups":[[{"node","interface"?}]],"one_way"?,"for_usec"?,"what"?}       → {"fault":N}
 *  heal        {"faults"?:[N]}                  → {"ended"?:how many}
 *  faults      {"from"?:0}                      → {"faults":[{"id","kind","left_usec"?,"what"?,…}],"next"?}
 *  wires       {"from"?:0}                      → {"wires":[{…,"declared","current","faults"}],"next"?:where to go on}
 *
 * Taps and logs (lib/control/bs-ring.h, bs-sample.h, bs-switch-protocol.h):
 *  add-tap    {"what":["packets"|"drops"|"decisions",…],"sink":"ring"|"socket","bytes":N of a
 * ring,"snap":N?,"keep":bool?, "network":ID? | "node","interface", and "peer":{"node","interface"} for a pair}  →
 * {"tap":N}, a descriptor remove-tap {"tap":N} → {}        taps {} →
 * {"taps":[{"tap","sink","what","snap","bytes","keep",…}],"replay":BYTES} tap-ring   {"tap":N} → {}, the ring's
 * descriptor make-log   {"bytes":N} → {}, a memory for the log; set-replay {"bytes":N} → {} when the switch follows it;
 * 0: none
 *
 * Events the supervisor makes itself:
 * {"stage":"run","kind":"machine-died","node":N,"data":{"pid","exit_code"|"signal","stderr":tail,"console":tail}},
 * "switch-died", "switch-restarted", "switch-failed" (no more restarts), "supervisor-started", "supervisor-took-over",
 * "record-lost" (a takeover finds its record damaged), "record-not-saved" (and one cannot write it, as on a full disk),
 * "fault-began", "fault-ended" (data: "fault", "what"), "wire-refused", "trace-lost",
 * "guest-hello", "guest-lost" (data: "reason", "reopening"). machine-died may have "cause":"kernel panic", and
 * "requested":true after "signal".
 */
#pragma once

#define BS_CONTROL_VERSION 1
#define BS_CONTROL_SOCKET "control.sock"

/* Descriptors in a machine's process, by interface index. */
#define BS_CONTROL_PORT_FD(i) (10 + 2 * (i))
#define BS_CONTROL_PEER_FD(i) (11 + 2 * (i))
#define BS_CONTROL_INTERFACES_MAX 32
