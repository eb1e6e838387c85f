#pragma once

#include <sys/socket.h>

namespace armature::client {

/// Whether an address belongs to somebody on the public Internet: none that is private, local,
/// reserved, for multicast or for examples (RFC 6890 and IANA's special-purpose registries), and
/// none that stands for such an IPv4 address.
[[nodiscard]] bool is_public(const sockaddr& address) noexcept;

} // namespace armature::client
