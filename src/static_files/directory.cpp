#include "static_files/directory.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <string_view>
#include <system_error>

namespace armature::detail {

namespace {

// O_NONBLOCK: a FIFO opens at once, whoever is or isn't at its other end. It means nothing to
// regular files. O_NOCTTY: a terminal doesn't become ours.
constexpr int open_flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

int open_by_kernel(int root, const char* path, int flags, Directory::Symlinks symlinks) noexcept {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    if (symlinks == Directory::Symlinks::refuse) how.resolve |= RESOLVE_NO_SYMLINKS;
    // The kernel gives up with EAGAIN when something was renamed meanwhile and a link has "..".
    for (int attempt = 0;; ++attempt) {
        const long opened = ::syscall(SYS_openat2, root, path, &how, sizeof how);
        if (opened >= 0) return static_cast<int>(opened);
        if (errno != EINTR && (errno != EAGAIN || attempt == 8)) return -1;
    }
}

// Each segment below the one before and none a link: no path leads out, though segments may be
// renamed meanwhile.
int open_by_walk(int root, const char* path) noexcept {
    std::string_view rest{path};
    int folder = root;
    int opened = -1;
    do {
        const std::string_view segment = rest.substr(0, rest.find('/'));
        const bool is_last = segment.size() == rest.size();
        rest.remove_prefix(is_last ? rest.size() : segment.size() + 1);
        char name[NAME_MAX + 1];
        if (segment.size() > NAME_MAX || segment.empty() || segment == "." || segment == "..") {
            opened = -1;
            errno = ENOENT;
        } else {
            name[segment.copy(name, NAME_MAX)] = '\0';
            const int how = is_last ? open_flags : O_PATH | O_DIRECTORY | O_CLOEXEC;
            do
                opened = ::openat(folder, name, how | O_NOFOLLOW);
            while (opened < 0 && errno == EINTR);
        }
        const int why = errno;
        if (folder != root) ::close(folder);
        errno = why;
        folder = opened;
    } while (opened >= 0 && !rest.empty());
    return opened;
}

// Whether the kernel has openat2 and lets this process use it: sandboxes refuse calls that they
// don't know.
bool has_openat2(int root) noexcept {
    const int opened = open_by_kernel(root, ".", O_PATH | O_CLOEXEC, Directory::Symlinks::refuse);
    if (opened >= 0) ::close(opened);
    return opened >= 0;
}

int open_root(const std::string& path) {
    const int root = ::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) throw std::system_error{errno, std::generic_category()};
    return root;
}

// What a client can bring about by its choice of a path.
bool is_paths_fault(int error) noexcept {
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
    case ELOOP: // a link, where none is followed
    case EXDEV: // it leads outside
    case EACCES:
    case EPERM:
    case EINVAL: // a name that this file system can't have
    case ENXIO:  // a socket, or a device without a driver
    case ENODEV:
    case EAGAIN:
        return true;
    default:
        return false;
    }
}

} // namespace

Directory::Directory(const std::string& path, Symlinks symlinks)
    : root_(open_root(path)), symlinks_(symlinks),
      method_(has_openat2(root_.descriptor()) ? Method::kernel : Method::walk) {
    if (method_ == Method::walk && symlinks_ == Symlinks::follow)
        throw std::system_error{ENOSYS, std::generic_category()};
}

Directory::Directory(const std::string& path, Symlinks symlinks, Method method)
    : root_(open_root(path)), symlinks_(symlinks), method_(method) {}

Opened Directory::open(const char* path) const {
    const int descriptor = method_ == Method::kernel
                               ? open_by_kernel(root_.descriptor(), path, open_flags, symlinks_)
                               : open_by_walk(root_.descriptor(), path);
    if (descriptor < 0) {
        if (is_paths_fault(errno)) return {};
        throw std::system_error{errno, std::generic_category(), "opening a static file"};
    }
    Opened opened;
    opened.file = std::make_shared<const File>(descriptor);
    if (::fstat(descriptor, &opened.info) != 0)
        throw std::system_error{errno, std::generic_category(), "fstat"};
    if (S_ISREG(opened.info.st_mode))
        opened.kind = Opened::Kind::regular;
    else if (S_ISDIR(opened.info.st_mode))
        opened.kind = Opened::Kind::folder;
    else
        opened.file.reset();
    return opened;
}

} // namespace armature::detail
