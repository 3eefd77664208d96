/* SPDX-License-Identifier: Apache-2.0 */
#include "bs-sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCH AUDIT_ARCH_AARCH64
#endif

/* The sanitizers map memory, read /proc and write reports: a filter would only end them. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || defined BS_SANITIZED
#undef ARCH
#endif

#ifdef ARCH
#define LOAD(field) BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, field))
#define RETURN(verdict) BPF_STMT (BPF_RET | BPF_K, (verdict))
#define EQUAL(value, then, otherwise) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, (value), (then), (otherwise))
#define ALLOW(name) EQUAL (__NR_##name, 0, 1), RETURN (SECCOMP_RET_ALLOW)
/* With this second argument; its upper half is not looked at, nor is it by the kernel. */
#define ALLOW_WITH(name, value)                                                                                        \
  EQUAL (__NR_##name, 0, 4), LOAD (args[1]), EQUAL ((value), 0, 1), RETURN (SECCOMP_RET_ALLOW), LOAD (nr)

/* The same of the third argument. */
#define ALLOW_WITH3(name, value)                                                                                       \
  EQUAL (__NR_##name, 0, 4), LOAD (args[2]), EQUAL ((value), 0, 1), RETURN (SECCOMP_RET_ALLOW), LOAD (nr)

/* Most frequent first: the filter runs for each call. */
static const struct sock_filter program[] = {
  LOAD (arch),
  BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
  RETURN (SECCOMP_RET_KILL_PROCESS),
  LOAD (nr),
  ALLOW (read),
  ALLOW (write),
  ALLOW (recvmmsg),
  ALLOW (sendmmsg),
  ALLOW (epoll_pwait2),
  ALLOW (epoll_ctl),
  ALLOW (writev),
  ALLOW (recvmsg),
  ALLOW (sendto),
  ALLOW (getsockopt),
  ALLOW (getpeername),
  ALLOW_WITH (fcntl, F_GETFL),
  ALLOW_WITH (fcntl, F_GET_SEALS),
  ALLOW_WITH (ioctl, TUNGETIFF),
  ALLOW_WITH (ioctl, TUNGETVNETHDRSZ),
  /* A trace is copied in (wire/bs-trace.c): memory that is never code. */
  ALLOW_WITH3 (mmap, PROT_READ | PROT_WRITE),
  ALLOW_WITH3 (mmap, PROT_READ), /* a log to replay */
  ALLOW (munmap),
  ALLOW (pread64),
  ALLOW (fstat),
  ALLOW (newfstatat),
  ALLOW (close),
  ALLOW (clock_gettime), /* where the clock is not readable from user space */
  ALLOW (restart_syscall),
  ALLOW (rt_sigreturn),
  ALLOW (exit_group),
  RETURN (SECCOMP_RET_KILL_PROCESS),
};

static bool
install_filter (void)
{
  const struct sock_fprog filter = { sizeof program / sizeof *program, (struct sock_filter *) program };

  return prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}
#else
static bool
install_filter (void)
{
  return true;
}
#endif

/* Where Yama restricts ptrace, a supervisor that is not our ancestor could not take our descriptors: allow any process
 * of our uid, as without Yama. */
bool
bs_sandbox_enter (void)
{
  prctl (PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && install_filter ();
}
