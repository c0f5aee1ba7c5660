/* Preloaded into a program: a disk that does as it is told while the program runs. FAULTY_ORDER names a file that is
   read again before each act; its words:
     full        nothing more can be written below FAULTY_FOLDER (ENOSPC), nor a file made there
     flush       a flush of a file below FAULTY_FOLDER fails (EIO)
     free=N      the file system says that N MiB are free, of 1000 times as many
   FAULTY_MOUNTS: a file to be read in place of /proc/self/mountinfo. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static int order(char *text, size_t size) {
    const char *file = getenv("FAULTY_ORDER");
    int fd = file ? (int)syscall(SYS_openat, AT_FDCWD, file, O_RDONLY) : -1;
    if (fd < 0) return 0;
    ssize_t length = syscall(SYS_read, fd, text, size - 1);
    syscall(SYS_close, fd);
    text[length > 0 ? length : 0] = 0;
    return length > 0;
}

static int told(const char *word) {
    char text[64];
    return order(text, sizeof text) && strstr(text, word);
}

static int below(const char *path) {
    const char *folder = getenv("FAULTY_FOLDER");
    return folder && !strncmp(path, folder, strlen(folder));
}

static int of_the_folder(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return below(path);
}

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(int, name, const char *, int, ...); \
        va_list more; \
        va_start(more, flags); \
        int mode = flags & O_CREAT ? va_arg(more, int) : 0; \
        va_end(more); \
        const char *mounts = getenv("FAULTY_MOUNTS"); \
        if (mounts && !strcmp(path, "/proc/self/mountinfo")) path = mounts; \
        return real(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

#define WRITE(name, offset_type) \
    ssize_t name(int fd, const void *content, size_t length, offset_type offset) { \
        REAL(ssize_t, name, int, const void *, size_t, offset_type); \
        if (of_the_folder(fd) && told("full")) { \
            errno = ENOSPC; \
            return -1; \
        } \
        return real(fd, content, length, offset); \
    }
WRITE(pwrite, off_t)
WRITE(pwrite64, off64_t)

ssize_t write(int fd, const void *content, size_t length) {
    REAL(ssize_t, write, int, const void *, size_t);
    if (of_the_folder(fd) && told("full")) {
        errno = ENOSPC;
        return -1;
    }
    return real(fd, content, length);
}

#define FLUSH(name) \
    int name(int fd) { \
        REAL(int, name, int); \
        if (of_the_folder(fd) && told("flush")) { \
            errno = EIO; \
            return -1; \
        } \
        return real(fd); \
    }
FLUSH(fsync)
FLUSH(fdatasync)

#define SPACE(name, type) \
    int name(const char *path, struct type *found) { \
        REAL(int, name, const char *, struct type *); \
        char text[64], *free; \
        int outcome = real(path, found); \
        if (!outcome && order(text, sizeof text) && (free = strstr(text, "free="))) { \
            found->f_frsize = found->f_bsize = 1 << 20; \
            found->f_bavail = found->f_bfree = (unsigned long)atol(free + 5); \
            found->f_blocks = 1000 * found->f_bavail + 1; \
        } \
        return outcome; \
    }
SPACE(statvfs, statvfs)
SPACE(statvfs64, statvfs64)
