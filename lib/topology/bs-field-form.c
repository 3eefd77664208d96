/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-field-form.h"

#include "bs-decode.h"

/* Parts of patterns. Each ends at the text's end: "$" alone would also match before a last newline. */
#define WHOLE(pattern) "^(?:" pattern ")$(?![\\n])"
#define LABEL "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
#define WORD(least) "[A-Za-z0-9][A-Za-z0-9_.-]{0," least "}"
#define USER "(?:" WORD ("31") "|_(?:" WORD ("30") ")?)"
#define OCTET "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
#define IPV4 "(?:" OCTET "\\.){3}" OCTET
/* Not 0, 127, or 224 and above. */
#define FIRST_OCTET "(?:22[0-3]|2[01][0-9]|1[3-9][0-9]|12[0-689]|1[01][0-9]|[1-9][0-9]?)"
#define G "[0-9A-Fa-f]{1,4}"
#define IPV6                                                                                                           \
  "(?:(?:" G ":){7}" G "|(?:" G ":){6}" IPV4 "|(?:" G ":){1,7}:|(?:" G ":){1,6}:" G "|(?:" G ":){1,5}(?::" G           \
  "){1,2}|(?:" G ":){1,4}(?::" G "){1,3}|(?:" G ":){1,3}(?::" G "){1,4}|(?:" G ":){1,2}(?::" G "){1,5}|" G ":(?::" G   \
  "){1,6}|:(?:(?::" G "){1,7}|:)|(?:" G ":){1,5}:" IPV4 "|(?:" G ":){1,4}:" G ":" IPV4 "|(?:" G ":){1,3}(?::" G        \
  "){0,2}:" IPV4 "|(?:" G ":){1,2}(?::" G "){0,3}:" IPV4 "|" G ":(?::" G "){0,4}:" IPV4 "|:(?::" G "){0,5}:" IPV4 ")"
#define HEX "[0-9A-Fa-f]"
#define URL "[Hh][Tt][Tt][Pp][Ss]?://[^ /?#][^ ]*"
/* An absolute path that no ':' is in, and one that may have some. */
#define PATH_NO_COLON "(?![^:]*/\\.\\.(?:/|:|$))/[^:]*"
#define PATH "(?!(?:.*/)?\\.\\.(?:/|$))/.*"
#define PORT "0*(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9][0-9]|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})"
#define PACKAGE "[A-Za-z0-9][A-Za-z0-9+._:~=-]*"
#define PACKAGE_END "\\.(?:deb|rpm|apk)"

/* Ten years at most; the bounds here are the next powers of ten. */
#define NOT_TOO_LONG                                                                                                   \
  "(?![0-9.]{21})(?!0*[1-9][0-9]{5,}(?:\\.[0-9]*)?h)(?!0*[1-9][0-9]{7,}(?:\\.[0-9]*)?m(?!s))"                          \
  "(?!0*[1-9][0-9]{9,}(?:\\.[0-9]*)?(?:s|$))(?!0*[1-9][0-9]{12,}(?:\\.[0-9]*)?ms)"                                     \
  "(?!0*[1-9][0-9]{15,}(?:\\.[0-9]*)?us)"
/* An hour at most, to the second. */
#define NOT_OVER_AN_HOUR                                                                                               \
  "(?!0*(?:[2-9]|[1-9][0-9]+)(?:\\.[0-9]*)?h)(?!0*(?:6[1-9]|[7-9][0-9]|[1-9][0-9]{2,})(?:\\.[0-9]*)?m(?!s))"           \
  "(?!0*(?:360[1-9]|36[1-9][0-9]|3[7-9][0-9]{2}|[4-9][0-9]{3}|[1-9][0-9]{4,})(?:\\.[0-9]*)?(?:s|$))"
#define DURATION NOT_TOO_LONG "[0-9]+(?:\\.[0-9]+)?(?:us|ms|s|m|h)?"
/* A millisecond, rounded; a fraction of a minute or hour only must not be zero. */
#define SOME_DURATION                                                                                                  \
  NOT_TOO_LONG "(?:0*(?:[1-9][0-9]{3,}(?:\\.[0-9]+)?|999\\.[5-9][0-9]*)us|0*(?:[1-9][0-9]*(?:\\.[0-9]+)?|"             \
               "0\\.999[5-9][0-9]*)ms|(?:0*[1-9][0-9]*(?:\\.[0-9]+)?|0+\\.(?:0{0,2}[1-9][0-9]*|000999[5-9][0-9]*))s?|" \
               "(?:0*[1-9][0-9]*(?:\\.[0-9]+)?|0+\\.[0-9]*[1-9][0-9]*)[mh])"

const char bs_pattern_duration[] = WHOLE (SOME_DURATION);
const char bs_pattern_any_duration[] = WHOLE (DURATION);
/* As bs_text_is_control() and bs_text_is_hidden() of the first plane. */
#define CONTROL                                                                                                        \
  "\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\ufffe\\uffff"
#define HIDDEN CONTROL "\\u000a\\u000d\\u061c\\u180e\\u200b-\\u200f\\u2060-\\u2064\\ufff9-\\ufffb"
const char bs_pattern_no_line[] = "[" HIDDEN "\\u0009]";
const char bs_pattern_no_tabs[] = "[" HIDDEN "]";
const char bs_pattern_no_lines[] = "[" CONTROL "\\u000d]";
const char bs_pattern_no_data[] = "[" CONTROL "]|\\u000d(?!\\u000a)";
const char bs_pattern_variable[] = "(?:^|[^$])\\$\\{[A-Za-z_][A-Za-z0-9_]{0,254}(?::-[^}]*)?\\}";
const char bs_pattern_env_name[] = WHOLE ("[A-Za-z_][A-Za-z0-9_]*");
const char bs_pattern_label_name[] = WHOLE ("[A-Za-z0-9][A-Za-z0-9_./-]*");
const char bs_pattern_word[] = "[^ \\t\\n]";

static const BsFieldForm forms[] = {
  { bs_decode_lab_name, BS_SHAPE_LINE, WHOLE (WORD ("62")) },
  { bs_decode_node_name, BS_SHAPE_LINE, WHOLE ("(?!(?:localhost|[0-9]+)$)" LABEL) },
  { bs_decode_network_name, BS_SHAPE_LINE, WHOLE (WORD ("62")) },
  { bs_decode_interface_name, BS_SHAPE_LINE, WHOLE ("(?!lo$)" WORD ("14")) },
  { bs_decode_image, BS_SHAPE_LINE, "^[^ -]" },
  { bs_decode_subnet, BS_SHAPE_LINE, WHOLE (FIRST_OCTET "(?:\\." OCTET "){3}/(?:[89]|[12][0-9]|30)") },
  { bs_decode_address, BS_SHAPE_LINE, WHOLE (IPV4) },
  { bs_decode_subnet6, BS_SHAPE_LINE, WHOLE ("auto|" IPV6 "/(?:1[6-9]|[2-9][0-9]|1[01][0-9]|12[0-6])") },
  { bs_decode_address6, BS_SHAPE_LINE, WHOLE (IPV6) },
  { bs_decode_mac, BS_SHAPE_LINE,
    WHOLE ("(?!00(?:[:-]00){5})" HEX "[02468ACEace](?:(?::" HEX "{2}){5}|(?:-" HEX "{2}){5})") },
  { bs_decode_regex, BS_SHAPE_TYPE },
  { bs_decode_host_name, BS_SHAPE_LINE, WHOLE (LABEL "(?:\\." LABEL ")*"), .most = 64 },
  { bs_decode_owner, BS_SHAPE_LINE, WHOLE (USER "(?::" USER ")?") },
  { bs_decode_user, BS_SHAPE_LINE, WHOLE (USER) },
  { bs_decode_adopt, BS_SHAPE_LINE, WHOLE ("(?!-)[^/]+"), .most = 255 },
  { bs_decode_cpu, BS_SHAPE_LINE, WHOLE ("[A-Za-z0-9][A-Za-z0-9_.-]*") },
  { bs_decode_package_name, BS_SHAPE_LINE, WHOLE (PACKAGE) },
  { bs_decode_repository, BS_SHAPE_LINE, WHOLE (URL "|deb(?:-src)? (?:.* )?" URL "(?: .*)?") },
  { bs_decode_repository_key, BS_SHAPE_LINE, WHOLE (URL "|(?!.*://)[^-].*") },
  { bs_decode_restart, BS_SHAPE_LINE, WHOLE ("no|always|unless-stopped|on-failure(?::[0-9]{1,6})?") },
  { bs_decode_absolute_path, BS_SHAPE_LINE, WHOLE (PATH) },
  { bs_decode_host_file, BS_SHAPE_LINE, "^[^-]" },
  { bs_decode_host_tree, BS_SHAPE_LINE, "^[^-]" },
  { bs_decode_mode, BS_SHAPE_LINE, WHOLE ("0?[0-7]{3,4}") },
  { bs_decode_node_reference, BS_SHAPE_LINE },
  { bs_decode_one_node_reference, BS_SHAPE_LINE },
  { bs_decode_network_reference, BS_SHAPE_LINE },
  { bs_decode_node_references, BS_SHAPE_LINES },
  { bs_decode_conditions, BS_SHAPE_OBJECT },
  { bs_decode_own_preset, BS_SHAPE_PRESET },
  { bs_decode_preset, BS_SHAPE_PRESET },
  { bs_decode_loss_burst, BS_SHAPE_OBJECT },
  { bs_decode_queue_limit, BS_SHAPE_LINE,
    WHOLE ("(?!0*(?:[1-9]|[1-5][0-9]|6[0-3])B?$)0*(?:[0-9]{1,10}B?|[0-9]{1,7}KiB|[0-9]{1,4}MiB|[01]GiB)|"
           "(?![0-9]*$)" NOT_OVER_AN_HOUR DURATION) },
  { bs_decode_trace, BS_SHAPE_LINE, "[^/]$(?![\\n])", .most = 4095 },
  { bs_decode_schedule, BS_SHAPE_OBJECTS },
  { bs_decode_lab_seed, BS_SHAPE_TYPE },
  { bs_decode_network_seed, BS_SHAPE_TYPE },
  { bs_decode_integer64, BS_SHAPE_TYPE },
  { bs_decode_nat, BS_SHAPE_OBJECT },
  { bs_decode_pairs, BS_SHAPE_OBJECTS },
  { bs_decode_pair_end, BS_SHAPE_LINE },
  { bs_decode_network, BS_SHAPE_OBJECT },
  { bs_decode_networks, BS_SHAPE_OBJECTS, .least = 1 },
  { bs_decode_nodes, BS_SHAPE_OBJECTS, .least = 1, .most = BS_NODES_MAX },
  { bs_decode_interfaces, BS_SHAPE_OBJECTS, .least = 1 },
  { bs_decode_ports, BS_SHAPE_LINES, WHOLE (PORT ":" PORT) },
  { bs_decode_packages, BS_SHAPE_PACKAGES, WHOLE (URL "|(?!.*://).*" PACKAGE_END "|(?!.*" PACKAGE_END "$)" PACKAGE) },
  { bs_decode_scenarios, BS_SHAPE_OBJECTS },
  { bs_decode_steps, BS_SHAPE_OBJECTS, .least = 1 },
  { bs_decode_commands, BS_SHAPE_COMMANDS },
  { bs_decode_deploy, BS_SHAPE_OBJECTS },
  { bs_decode_files, BS_SHAPE_OBJECTS },
  { bs_decode_volumes, BS_SHAPE_LINES,
    WHOLE ("(?:(?:/|\\./|\\.\\./)[^:]*|\\.{1,2}|[A-Za-z0-9][A-Za-z0-9_.-]*):(?!/(?::|$))" PATH_NO_COLON
           "(?::(?:ro|rw))?"),
    .most = 100 },
  { bs_decode_parallel, BS_SHAPE_OBJECTS, .least = 1 },
  { bs_decode_ulimits, BS_SHAPE_LIMITS },
  { bs_decode_healthcheck, BS_SHAPE_OBJECT },
  { bs_decode_healthcheck_test, BS_SHAPE_COMMAND },
  { bs_decode_labels, BS_SHAPE_LABELS },
  { bs_decode_capabilities, BS_SHAPE_LINES }, /* and one of the words */
  { bs_decode_devices, BS_SHAPE_LINES, WHOLE (PATH_NO_COLON "(?::" PATH_NO_COLON "(?::[rwm]+)?)?") },
  { bs_decode_tmpfs, BS_SHAPE_LINES, WHOLE (PATH_NO_COLON "(?::[a-z0-9=,.%_-]+)?") },
  { bs_decode_metadata, BS_SHAPE_FREE },
  { bs_decode_command, BS_SHAPE_COMMAND },
  { bs_decode_ready, BS_SHAPE_READY },
  { bs_decode_ready_agent, BS_SHAPE_FLAG },
  { bs_decode_ready_port, BS_SHAPE_TYPE },
  { bs_decode_ready_file, BS_SHAPE_LINE, "^/" },
  { bs_decode_ready_process, BS_SHAPE_LINE },
  { bs_decode_ready_command, BS_SHAPE_COMMAND },
  { bs_decode_ready_ssh, BS_SHAPE_FLAG },
  { bs_decode_ready_unit, BS_SHAPE_LINE, WHOLE ("(?![.-])[A-Za-z0-9:_.@\\\\-]{1,255}") },
  { bs_decode_ready_http, BS_SHAPE_LINE, WHOLE (URL) },
  { bs_decode_ready_log, BS_SHAPE_LINE },
  { bs_decode_copy, BS_SHAPE_OBJECT },
  { bs_decode_copy_source, BS_SHAPE_LINE, WHOLE ("[^/:]+:" PATH "|(?![^/:]+:)[^-].*") },
  { bs_decode_copy_destination, BS_SHAPE_LINE, WHOLE ("[^/:]+:" PATH "|(?![^/:]+:)[^-].*") },
  { bs_decode_action, BS_SHAPE_OBJECT },
  { bs_decode_action_nodes, BS_SHAPE_NODES },
  { bs_decode_action_amount, BS_SHAPE_TYPE },
  { bs_decode_action_clock, BS_SHAPE_LINE, WHOLE ("-?(?=[0-9.]*[1-9])" DURATION) },
  { bs_decode_action_conditions, BS_SHAPE_OBJECT },
  { bs_decode_action_partition, BS_SHAPE_GROUPS, .least = 2 },
  { bs_decode_action_heal, BS_SHAPE_TRUE },
};

const BsFieldForm *
bs_field_form (const BsField *field)
{
  static const BsFieldForm plain = { NULL, BS_SHAPE_TYPE, NULL, 0, 0 };

  if (field->decode == NULL)
    return &plain;
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (forms[i].decode == field->decode)
      return &forms[i];
  return NULL;
}
