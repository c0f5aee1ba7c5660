/* Preloaded into a program: records, in order, what it does to the files of one folder, so that a power cut can be
   made at any point of it afterwards. CRASHLOG_FOLDER: the folder, with a slash at its end. CRASHLOG_FILE: the record.

   A record is: kind (1 byte), length of the name (2), offset (8, -1 for "at the end"), length of the content (4), name,
   content; little-endian. Kinds: C made, W written, T cut to the length in offset, S flushed, D folder flushed,
   U removed, R renamed (content: the new name). The shared memory of a write-ahead log is not recorded: it is no file
   that outlives a power cut. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static size_t folder_length;
static int record = -1;

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("CRASHLOG_FILE");
    folder = getenv("CRASHLOG_FOLDER");
    if (!file || !folder) return;
    folder_length = strlen(folder);
    record = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (record < 0) abort();
}

static int ours(const char *path) {
    size_t length = strlen(path);
    if (record < 0 || strncmp(path, folder, folder_length)) return 0;
    return length < 4 || strcmp(path + length - 4, "-shm");
}

static int path_of(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 2);
    if (record < 0 || length <= 0) return 0;
    path[length] = 0;
    struct stat found;
    if (!fstat(fd, &found) && S_ISDIR(found.st_mode)) strcat(path, "/");
    return ours(path);
}

static void whole(const void *content, size_t length) {
    const char *at = content;
    while (length) {
        ssize_t written = syscall(SYS_write, record, at, length);
        if (written <= 0) abort();
        at += written;
        length -= (size_t)written;
    }
}

static void note(char kind, const char *path, int64_t offset, const void *content, uint32_t length) {
    const char *name = path + folder_length;
    uint16_t name_length = (uint16_t)strlen(name);
    whole(&kind, 1);
    whole(&name_length, 2);
    whole(&offset, 8);
    whole(&length, 4);
    whole(name, name_length);
    whole(content, length);
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        REAL(int, name, const char *, int, ...); \
        va_list more; \
        va_start(more, flags); \
        int mode = flags & O_CREAT ? va_arg(more, int) : 0; \
        va_end(more); \
        if (!(flags & O_CREAT) || !ours(path)) return real(path, flags, mode); \
        pthread_mutex_lock(&one); \
        struct stat before; \
        int made = stat(path, &before) != 0; \
        int fd = real(path, flags, mode); \
        if (fd >= 0 && made) note('C', path, 0, "", 0); \
        pthread_mutex_unlock(&one); \
        return fd; \
    }
OPEN(open)
OPEN(open64)

#define WRITE(name, offset_type) \
    ssize_t name(int fd, const void *content, size_t length, offset_type offset) { \
        REAL(ssize_t, name, int, const void *, size_t, offset_type); \
        char path[PATH_MAX]; \
        if (!path_of(fd, path)) return real(fd, content, length, offset); \
        pthread_mutex_lock(&one); \
        ssize_t written = real(fd, content, length, offset); \
        if (written > 0) note('W', path, offset, content, (uint32_t)written); \
        pthread_mutex_unlock(&one); \
        return written; \
    }
WRITE(pwrite, off_t)
WRITE(pwrite64, off64_t)

ssize_t write(int fd, const void *content, size_t length) {
    REAL(ssize_t, write, int, const void *, size_t);
    char path[PATH_MAX];
    if (record < 0 || !path_of(fd, path)) return real(fd, content, length);
    pthread_mutex_lock(&one);
    off_t place = fcntl(fd, F_GETFL) & O_APPEND ? -1 : lseek(fd, 0, SEEK_CUR);
    ssize_t written = real(fd, content, length);
    if (written > 0) note('W', path, place, content, (uint32_t)written);
    pthread_mutex_unlock(&one);
    return written;
}

#define TRUNCATE(name, length_type) \
    int name(int fd, length_type length) { \
        REAL(int, name, int, length_type); \
        char path[PATH_MAX]; \
        if (!path_of(fd, path)) return real(fd, length); \
        pthread_mutex_lock(&one); \
        int outcome = real(fd, length); \
        if (!outcome) note('T', path, length, "", 0); \
        pthread_mutex_unlock(&one); \
        return outcome; \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define FLUSH(name) \
    int name(int fd) { \
        REAL(int, name, int); \
        char path[PATH_MAX]; \
        if (!path_of(fd, path)) return real(fd); \
        pthread_mutex_lock(&one); \
        int outcome = real(fd); \
        if (!outcome) note(path[strlen(path) - 1] == '/' ? 'D' : 'S', path, 0, "", 0); \
        pthread_mutex_unlock(&one); \
        return outcome; \
    }
FLUSH(fsync)
FLUSH(fdatasync)

int unlink(const char *path) {
    REAL(int, unlink, const char *);
    if (!ours(path)) return real(path);
    pthread_mutex_lock(&one);
    int outcome = real(path);
    if (!outcome) note('U', path, 0, "", 0);
    pthread_mutex_unlock(&one);
    return outcome;
}

int rename(const char *from, const char *to) {
    REAL(int, rename, const char *, const char *);
    if (!ours(from) || !ours(to)) return real(from, to);
    pthread_mutex_lock(&one);
    int outcome = real(from, to);
    if (!outcome) note('R', from, 0, to + folder_length, (uint32_t)strlen(to + folder_length));
    pthread_mutex_unlock(&one);
    return outcome;
}
