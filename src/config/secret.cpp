#include <armature/config/secret.hpp>

#include <cstring>
#include <ostream>

namespace armature::detail {

void wipe(void* memory, std::size_t size) noexcept {
    // An empty vector has no memory, and a null pointer is not allowed.
    if (size > 0) ::explicit_bzero(memory, size);
}

void print_redacted(std::ostream& out) { out << "[redacted]"; }

} // namespace armature::detail
