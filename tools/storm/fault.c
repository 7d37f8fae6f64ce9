/*
 * Makes one file operation of a program fail, or its process die there. Preloaded into samocode itself (LD_PRELOAD), it
 * hits what is shipped, from source or compiled: Deno makes its file calls through libc.
 *
 * STORM_FOLDERS  the folders whose operations count, separated by colons
 * STORM_FAULT    "count", or ACTION:CLASS:NUMBER
 *                ACTION  crash  the process is killed before the operation
 *                        torn   half of the bytes are written, then the process is killed
 *                        full   from here on the disk is full; the first write still gets half of its bytes there
 *                        io     the operation fails with EIO, once
 *                CLASS   w for what changes or locks a file, r for what looks at one
 *                NUMBER  the operation's own in its class, from 1
 * STORM_REPORT   a file that gets a line for each counted operation, or for the one that was hit: "w 12 write PATH"
 *
 * A child of the program is left alone: the variables are gone before main().
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_FDS 4096
#define REAL(name) ((__typeof__(&name))real(#name, &real_##name))
#define DECLARE(name) static void *real_##name

static char folders[PATH_MAX * 4];
static char own_folder[PATH_MAX / 2];
static char action[16];
static char fault_class;
static long fault_number;
static int report = -1;
static _Atomic int is_full;
static _Atomic long counts[2];
/* The path behind each descriptor that counts. */
static char *_Atomic paths[MAX_FDS];

static void *real(const char *name, void **kept) {
  if (*kept == NULL) *kept = dlsym(RTLD_NEXT, name);
  return *kept;
}

DECLARE(write);
DECLARE(open64);

__attribute__((constructor)) static void begin(void) {
  const char *fault = getenv("STORM_FAULT"), *where = getenv("STORM_FOLDERS"), *into = getenv("STORM_REPORT");
  if (fault == NULL || where == NULL || into == NULL) return;
  snprintf(folders, sizeof folders, "%s", where);
  if (getcwd(own_folder, sizeof own_folder) == NULL) own_folder[0] = '\0';
  report = REAL(open64)(into, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (sscanf(fault, "%15[a-z]:%c:%ld", action, &fault_class, &fault_number) < 1) action[0] = '\0';
  unsetenv("LD_PRELOAD");
  unsetenv("STORM_FAULT");
  unsetenv("STORM_FOLDERS");
  unsetenv("STORM_REPORT");
}

static int counts_path(const char *path, char *full) {
  if (report < 0 || path == NULL) return 0;
  if (path[0] == '/') snprintf(full, PATH_MAX, "%s", path);
  else snprintf(full, PATH_MAX, "%s/%s", own_folder, path);
  for (const char *folder = folders; *folder != '\0';) {
    size_t length = strcspn(folder, ":");
    if (strncmp(full, folder, length) == 0 && (full[length] == '/' || full[length] == '\0')) return 1;
    folder += length + (folder[length] == ':');
  }
  return 0;
}

static const char *path_of(int fd) { return fd >= 0 && fd < MAX_FDS ? paths[fd] : NULL; }

static void remember(int fd, const char *path) {
  if (fd < 0 || fd >= MAX_FDS) return;
  free(atomic_exchange(&paths[fd], path == NULL ? NULL : strdup(path)));
}

static void say(char class, long number, const char *name, const char *path) {
  char line[PATH_MAX + 64];
  int length = snprintf(line, sizeof line, "%c %ld %s %s\n", class, number, name, path);
  if (REAL(write)(report, line, (size_t)length) < 0) _exit(99);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* What happens to an operation: 0 nothing, an error number, or -1: half of the bytes, then death; -2: half of the bytes. */
static int strike(char class, const char *name, const char *path, int takes_space) {
  long number = ++counts[class == 'r'];
  if (strcmp(action, "count") == 0) {
    say(class, number, name, path);
    return 0;
  }
  if (is_full && takes_space) return ENOSPC;
  if (class != fault_class || number != fault_number) return 0;
  say(class, number, name, path);
  if (strcmp(action, "crash") == 0) die();
  if (strcmp(action, "torn") == 0) return -1;
  if (strcmp(action, "io") == 0) return EIO;
  is_full = 1;
  return strcmp(name, "write") == 0 ? -2 : takes_space ? ENOSPC : 0;
}

/* For everything but write: there is no half. */
#define STRUCK(class, name, path, takes_space)                            \
  do {                                                                    \
    int struck_ = strike(class, name, path, takes_space);                 \
    if (struck_ == -1) die();                                             \
    if (struck_ > 0) {                                                    \
      errno = struck_;                                                    \
      return -1;                                                          \
    }                                                                     \
  } while (0)

static int opened(int fd, const char *path) {
  remember(fd, path);
  return fd;
}

static int is_writing(int flags) { return (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0; }

static int is_new(const char *path) {
  int before = errno, missing = access(path, F_OK) != 0;
  errno = before;
  return missing;
}

#define OPEN(name, dir, ...)                                                                          \
  mode_t mode = 0;                                                                                    \
  if (flags & (O_CREAT | O_TMPFILE)) {                                                                \
    va_list more;                                                                                     \
    va_start(more, flags);                                                                            \
    mode = va_arg(more, mode_t);                                                                      \
    va_end(more);                                                                                     \
  }                                                                                                   \
  char full[PATH_MAX];                                                                                \
  int counted = counts_path(path, full);                                                              \
  int creates = counted && (flags & O_CREAT) && is_new(full);                                         \
  if (counted && is_writing(flags)) STRUCK('w', creates ? "create" : "open", full, creates);          \
  else if (counted) STRUCK('r', "open", full, 0);                                                     \
  return opened(REAL(name)(__VA_ARGS__), counted ? full : NULL);

DECLARE(open);
int open(const char *path, int flags, ...) { OPEN(open, AT_FDCWD, path, flags, mode) }
int open64(const char *path, int flags, ...) { OPEN(open64, AT_FDCWD, path, flags, mode) }

/* Below a folder that is already open, for removing and walking whole trees. */
static const char *below(int folder, const char *path, char *full) {
  if (path == NULL || path[0] == '/' || folder == AT_FDCWD) return path;
  const char *base = path_of(folder);
  if (base == NULL) return NULL;
  snprintf(full, PATH_MAX, "%s/%s", base, path);
  return full;
}

DECLARE(openat64);
int openat64(int folder, const char *name, int flags, ...) {
  char joined[PATH_MAX];
  const char *path = below(folder, name, joined);
  OPEN(openat64, folder, folder, name, flags, mode)
}

DECLARE(close);
int close(int fd) {
  remember(fd, NULL);
  return REAL(close)(fd);
}

#define WRITE(whole, half)                                     \
  const char *path = path_of(fd);                              \
  if (path == NULL || report < 0) return whole;                \
  int struck = strike('w', "write", path, 1);                  \
  if (struck > 0) {                                            \
    errno = struck;                                            \
    return -1;                                                 \
  }                                                            \
  if (struck == 0) return whole;                               \
  ssize_t written = half;                                      \
  if (struck == -1) die();                                     \
  if (written > 0) return written;                             \
  errno = ENOSPC;                                              \
  return -1;

ssize_t write(int fd, const void *bytes, size_t count) {
  WRITE(REAL(write)(fd, bytes, count), REAL(write)(fd, bytes, count / 2))
}
DECLARE(pwrite64);
ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  WRITE(REAL(pwrite64)(fd, bytes, count, at), REAL(pwrite64)(fd, bytes, count / 2, at))
}
DECLARE(writev);
ssize_t writev(int fd, const struct iovec *parts, int count) {
  WRITE(REAL(writev)(fd, parts, count), REAL(write)(fd, parts[0].iov_base, parts[0].iov_len / 2))
}

#define ON_PATH(result, name, class, label, takes_space, params, ...)       \
  DECLARE(name);                                                            \
  result name params {                                                      \
    char full[PATH_MAX];                                                    \
    if (counts_path(path, full)) STRUCK(class, label, full, takes_space);   \
    return REAL(name)(__VA_ARGS__);                                         \
  }
ON_PATH(int, rename, 'w', "rename", 1, (const char *path, const char *target), path, target)
ON_PATH(int, unlink, 'w', "unlink", 0, (const char *path), path)
ON_PATH(int, rmdir, 'w', "rmdir", 0, (const char *path), path)
ON_PATH(int, mkdir, 'w', "mkdir", 1, (const char *path, mode_t mode), path, mode)
ON_PATH(int, chmod, 'w', "chmod", 0, (const char *path, mode_t mode), path, mode)
ON_PATH(ssize_t, readlink, 'r', "readlink", 0, (const char *path, char *into, size_t size), path, into, size)

DECLARE(opendir);
DIR *opendir(const char *path) {
  char full[PATH_MAX];
  int struck = counts_path(path, full) ? strike('r', "list", full, 0) : 0;
  if (struck <= 0) return REAL(opendir)(path);
  errno = struck;
  return NULL;
}
DECLARE(symlink);
int symlink(const char *target, const char *path) {
  char full[PATH_MAX];
  if (counts_path(path, full)) STRUCK('w', "symlink", full, 1);
  return REAL(symlink)(target, path);
}
DECLARE(linkat);
int linkat(int from, const char *old, int to, const char *path, int flags) {
  char full[PATH_MAX];
  if (counts_path(path, full)) STRUCK('w', "link", full, 1);
  return REAL(linkat)(from, old, to, path, flags);
}
DECLARE(unlinkat);
int unlinkat(int folder, const char *name, int flags) {
  char joined[PATH_MAX], full[PATH_MAX];
  if (counts_path(below(folder, name, joined), full)) STRUCK('w', "unlink", full, 0);
  return REAL(unlinkat)(folder, name, flags);
}
DECLARE(statx);
int statx(int folder, const char *restrict name, int flags, unsigned mask, struct statx *restrict into) {
  char full[PATH_MAX];
  /* Rust asks for the kernel's support with no name, which the compiler believes to be impossible. */
  const char *volatile given = name;
  if (given == NULL) return REAL(statx)(folder, name, flags, mask, into);
  if (name[0] != '\0') {
    char joined[PATH_MAX];
    if (counts_path(below(folder, name, joined), full)) STRUCK('r', "stat", full, 0);
  } else if (report >= 0 && path_of(folder) != NULL) STRUCK('r', "stat", path_of(folder), 0);
  return REAL(statx)(folder, name, flags, mask, into);
}

#define ON_FD(result, name, class, label, params, ...)                                    \
  DECLARE(name);                                                                          \
  result name params {                                                                    \
    if (report >= 0 && path_of(fd) != NULL) STRUCK(class, label, path_of(fd), 0);         \
    return REAL(name)(__VA_ARGS__);                                                       \
  }
int flock(int fd, int operation);
ON_FD(int, fsync, 'w', "sync", (int fd), fd)
ON_FD(int, fdatasync, 'w', "sync", (int fd), fd)
ON_FD(int, ftruncate64, 'w', "truncate", (int fd, off64_t size), fd, size)
ON_FD(int, fchmod, 'w', "chmod", (int fd, mode_t mode), fd, mode)
ON_FD(int, flock, 'w', "lock", (int fd, int operation), fd, operation)
ON_FD(ssize_t, read, 'r', "read", (int fd, void *into, size_t size), fd, into, size)
ON_FD(ssize_t, pread64, 'r', "read", (int fd, void *into, size_t size, off64_t at), fd, into, size, at)
