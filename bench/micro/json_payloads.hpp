#pragma once

#include <armature/describe/describe.hpp>

#include <string>
#include <vector>

// The roadmap's payloads: small (27 B), medium (145 B) and large (about 29 KB, 100 users).
namespace bench {

struct Small {
    std::string message;
};
ARMATURE_DESCRIBE(Small, message);

struct Medium {
    std::uint64_t id{};
    std::string name;
    std::string email;
    bool active{};
    std::string created_at;
    std::vector<std::string> tags;
};
ARMATURE_DESCRIBE(Medium, id, name, email, active, created_at, tags);

struct Profile {
    std::string avatar;
    std::string bio;
    std::string location;
    std::string website;
};
ARMATURE_DESCRIBE(Profile, avatar, bio, location, website);

struct User {
    std::uint64_t id{};
    std::string name;
    std::string email;
    std::string role;
    std::vector<std::string> permissions;
    Profile profile;
};
ARMATURE_DESCRIBE(User, id, name, email, role, permissions, profile);

struct Metadata {
    std::uint64_t total{};
    std::uint32_t page{};
    std::uint32_t per_page{};
    std::uint32_t pages{};
};
ARMATURE_DESCRIBE(Metadata, total, page, per_page, pages);

struct Large {
    std::vector<User> users;
    Metadata metadata;
};
ARMATURE_DESCRIBE(Large, users, metadata);

template <class T>
T payload();
template <>
inline Small payload() {
    return {"Hello, World!"};
}
template <>
inline Medium payload() {
    return {12345,
            "John Doe",
            "john.doe@example.com",
            true,
            "2024-01-15T10:30:00Z",
            {"developer", "rust", "web"}};
}
template <>
inline Large payload() {
    Large large{{}, {100, 1, 100, 1}};
    for (std::uint64_t i = 0; i != 100; ++i) {
        const std::string n = std::to_string(i);
        large.users.push_back({i,
                               "User " + n,
                               "user" + n + "@example.com",
                               i % 10 == 0 ? "admin" : "user",
                               {"read", "write", "delete"},
                               {"https://example.com/avatars/" + n + ".png",
                                "This is the bio of the user with number " + n, "San Francisco, CA",
                                "https://user" + n + ".example.com"}});
    }
    return large;
}

} // namespace bench
