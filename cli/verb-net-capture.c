/* SPDX-License-Identifier: Apache-2.0 */
/* verb-net-capture.c — what passes on a lab's wires, as a file or for Wireshark */
#include "cli-net.h"
#include "bs-error.h"
#include "bs-fd.h"
#include "bs-lab-capture.h"
#include "bs-pcap.h"
#include "bs-time.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define LOOK_MSEC 20 /* how long frames may lie in the ring before they are written */

static BsLabCaptureSpec spec;
static char *file, *save, *duration, *ring;
static int snap, count;
static gboolean stop, quiet;

static const GOptionEntry options[] = {
  { "node", 0, 0, G_OPTION_ARG_STRING, &spec.node, "what the node's interfaces send and receive", "NODE" },
  { "interface", 0, 0, G_OPTION_ARG_STRING, &spec.interface, "what one interface sends and receives",
    "NODE/INTERFACE" },
  { "pair", 0, 0, G_OPTION_ARG_STRING, &spec.pair, "what two nodes send each other", "A:B" },
  { "network", 0, 0, G_OPTION_ARG_STRING, &spec.network, "what is sent on a network", "NETWORK" },
  { "write", 'w', 0, G_OPTION_ARG_FILENAME, &file, "the file to write; - is standard output", "FILE" },
  { "snap", 0, 0, G_OPTION_ARG_INT, &snap, "keep so many bytes of a frame", "BYTES" },
  { "count", 'c', 0, G_OPTION_ARG_INT, &count, "end after so many frames", "N" },
  { "for", 'f', 0, G_OPTION_ARG_STRING, &duration, "end after this long", "DURATION" },
  { "received", 0, 0, G_OPTION_ARG_NONE, &spec.received, "frames as machines received them, not as they were sent",
    NULL },
  { "drops", 0, 0, G_OPTION_ARG_NONE, &spec.drops, "frames that were dropped, not those that passed", NULL },
  { "ring", 0, 0, G_OPTION_ARG_STRING, &ring, "let the lab keep the last frames in so much memory, and return",
    "SIZE" },
  { "save", 0, 0, G_OPTION_ARG_FILENAME, &save, "write what the lab has kept to a file", "FILE" },
  { "stop", 0, 0, G_OPTION_ARG_NONE, &stop, "the lab keeps no frames any more", NULL },
  { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "print errors only", NULL },
  { NULL },
};

typedef struct
{
  BsPcap *pcap;
  int fd;
  gint64 end_usec; /* -1: none */
  guint64 frames;
  guint64 causes[BS_SWITCH_DROPS + 1];
} Writing;

static gboolean
is_full (const Writing *writing)
{
  return count > 0 && writing->frames >= (guint64) count;
}

static gboolean
write_frame (const BsSwitchSample *sample, const guint8 *payload, gpointer user_data, GError **error)
{
  Writing *writing = user_data;

  if (!bs_pcap_write (writing->pcap, sample->time_nsec, payload, sample->length, sample->original, error))
    return FALSE;
  writing->frames++;
  writing->causes[MIN (sample->cause, BS_SWITCH_DROPS)]++;
  return !is_full (writing);
}

/* Waits a little. Returns: FALSE when it is over: interrupted, or nobody reads the pipe any more */
static gboolean
wait_a_little (const Writing *writing)
{
  struct pollfd items[2] = { { .fd = writing->fd }, { .events = POLLIN } };
  GPollFD cancelled = { 0 };

  g_cancellable_make_pollfd (cli_interruptible (), &cancelled);
  items[1].fd = cancelled.fd;
  return poll (items, 2, LOOK_MSEC) >= 0 && (items[0].revents & POLLERR) == 0 && items[1].revents == 0;
}

static gboolean
is_over (const Writing *writing)
{
  return is_full (writing) || (writing->end_usec >= 0 && bs_time_now_usec () >= writing->end_usec);
}

/* Until the end: what is there then is still written. Returns: FALSE with an error */
static gboolean
write_all (Writing *writing, BsLabCapture *capture, GError **error)
{
  gboolean more = TRUE;

  while (more)
    {
      GError *problem = NULL;

      more = bs_pcap_flush (writing->pcap, error);
      if (!more)
        return FALSE;
      more = !is_over (writing) && wait_a_little (writing);
      if (!is_full (writing) && !bs_lab_capture_take (capture, write_frame, writing, &problem) && problem != NULL)
        {
          g_propagate_error (error, problem);
          return FALSE;
        }
      if (more && !bs_lab_capture_is_alive (capture))
        {
          bs_pcap_flush (writing->pcap, NULL);
          bs_set_error (error, BS_ERROR_DIED, "begin another one", "the lab's supervisor has ended, and the capture");
          return FALSE;
        }
    }
  return bs_pcap_flush (writing->pcap, error);
}

static void
print_summary (const Writing *writing, guint64 overruns)
{
  if (quiet)
    return;
  fprintf (stderr, "%" G_GUINT64_FORMAT " frames", writing->frames);
  for (guint i = 0; spec.drops && i <= BS_SWITCH_DROPS; i++)
    if (writing->causes[i] > 0)
      fprintf (stderr, ", %s %" G_GUINT64_FORMAT, bs_drop_name (i), writing->causes[i]);
  fputs (overruns > 0 ? "; some are missing: they came faster than they could be written\n" : "\n", stderr);
}

static int
open_file (GError **error)
{
  int fd;

  if (strcmp (file, "-") == 0)
    return STDOUT_FILENO;
  fd = open (file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0)
    bs_set_error_errno (error, errno, "cannot write '%s'", file);
  return fd;
}

static int
capture (BsLab *lab, gint64 for_usec)
{
  GError *error = NULL;
  g_autoptr (BsLabCapture) samples = bs_lab_capture_new (lab, &spec, cli_interruptible (), &error);
  Writing writing = { .fd = samples != NULL ? open_file (&error) : -1, .end_usec = -1 };
  g_autoptr (BsPcap) pcap = NULL;

  if (writing.fd < 0)
    return cli_fail (error);
  if (for_usec > 0)
    writing.end_usec = bs_time_now_usec () + for_usec;
  writing.pcap = pcap = bs_pcap_new (writing.fd, spec.snap != 0 ? spec.snap : BS_SWITCH_FRAME_MAX);
  if (!write_all (&writing, samples, &error) && !g_error_matches (error, BS_ERROR, BS_ERROR_DIED))
    return cli_fail (error);
  print_summary (&writing, bs_lab_capture_overruns (samples));
  if (error != NULL && bs_error_hint (error) != NULL)
    return cli_fail (error);
  g_clear_error (&error);
  return 0;
}

static int
do_ring (BsLab *lab)
{
  GError *error = NULL;
  guint64 frames = 0;

  if (ring != NULL)
    {
      if (!cli_bytes ("--ring", ring, &spec.bytes, &error)
          || !bs_lab_ring_start (lab, &spec, cli_interruptible (), &error))
        return cli_fail (error);
    }
  else if (save != NULL)
    {
      if (!bs_lab_ring_save (lab, save, &frames, cli_interruptible (), &error))
        return cli_fail (error);
      if (!quiet)
        fprintf (stderr, "%" G_GUINT64_FORMAT " frames\n", frames);
    }
  if (stop && !bs_lab_ring_stop (lab, cli_interruptible (), &error))
    return cli_fail (error);
  return 0;
}

/* Returns: what is wrong with the options, or NULL */
static const char *
problem (void)
{
  if ((ring != NULL || save != NULL || stop) && file != NULL)
    return "-w is for a capture that does not go to the lab's ring";
  if (ring != NULL && (save != NULL || stop))
    return "--ring begins what --save and --stop are of";
  if (file == NULL && ring == NULL && save == NULL && !stop)
    return "needs -w FILE, or -w - into a pipe";
  if (file != NULL && strcmp (file, "-") == 0 && isatty (STDOUT_FILENO))
    return "standard output is a terminal: pipe it into a program, or give -w a file";
  if (snap < 0 || snap > BS_SWITCH_FRAME_MAX || count < 0)
    return "--snap is from 0 to 65535, --count from 0 on";
  return NULL;
}

static int
run (int argc, char **argv)
{
  g_autoptr (BsLab) lab = NULL;
  const char *wrong = problem ();
  GError *error = NULL;
  gint64 for_usec;

  if (wrong != NULL)
    return cli_usage ("net capture", "%s", wrong);
  cli_interruptible ();
  signal (SIGPIPE, SIG_IGN);
  spec.snap = (guint32) snap;
  if (!cli_duration ("--for", duration, &for_usec, &error) || (lab = bs_lab_open (argv[0], &error)) == NULL)
    return cli_fail (error);
  return file != NULL ? capture (lab, for_usec) : do_ring (lab);
}

const CliVerb cli_net_capture = {
  .name = "net capture",
  .arguments = "LAB",
  .summary = "capture what passes on the wires",
  .description
  = "Writes frames to a file in pcap format with nanoseconds, which tcpdump and Wireshark read, until interrupted, or "
    "as --count and --for say. Of a node or interface, frames are shown as it sends and receives them; of a pair, a "
    "network or the whole lab, once, as they are sent, before the wires do anything to them (--received: as they "
    "arrive). A TAP's large packets are shown before they are cut. With --drops, what is written is what was dropped; "
    "the causes are counted at the end.\n\n"
    "With --ring, the lab's supervisor keeps the last frames in memory, so much for each interface of --node, and "
    "lets the oldest go; *--save* writes them, and a scenario that fails saves them beside its report. *--stop* ends "
    "it.",
  .examples = "benchscale net capture shop -w - | wireshark -k -i - — watch\n"
              "benchscale net capture shop --pair web:db -w web.pcap --for 10s — ten seconds of two nodes\n"
              "benchscale net capture shop --drops -w lost.pcap — what the wires lose\n"
              "benchscale net capture shop --ring 64M — remember, in case something fails\n"
              "benchscale net capture shop --save before.pcap — and look at it then\n",
  .options = options,
  .min = 1,
  .max = 1,
  .run = run,
};
