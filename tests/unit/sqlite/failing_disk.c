/* A disk that fails: the n-th write to, or sync of, a write-ahead log and all that follow return an error. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char failing;
static int left, error;

/* `call` is 'w' for writes, 's' for syncs, 0 for a disk that works. */
void fail_disk(char call, int from, int with) {
    failing = call;
    left = from;
    error = with;
}

static int fails(char call, int fd) {
    char link[64], path[4096];
    if (call != failing) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 4 || memcmp(path + size - 4, "-wal", 4) != 0) return 0;
    if (--left > 0) return 0;
    errno = error;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) {
    return fails('w', fd) ? -1 : REAL(write)(fd, data, size);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    return fails('w', fd) ? -1 : REAL(pwrite)(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    return fails('w', fd) ? -1 : REAL(pwrite64)(fd, data, size, at);
}
int fsync(int fd) { return fails('s', fd) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails('s', fd) ? -1 : REAL(fdatasync)(fd); }
