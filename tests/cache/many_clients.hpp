#pragma once

#include "support/test_server.hpp"

#include <armature/client/client.hpp>
#include <armature/core/scheduler.hpp>

#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace armature::testing {

inline constexpr int many_clients = 20;

/// How many of `many_clients` clients, each on a thread of its own, get `expected` from the
/// application's "/". It runs on four loops.
inline int ask_at_once(Application app, std::string_view expected) {
    ServerOptions options = TestServer::quiet();
    options.threads = 4;
    const TestServer server{std::move(app), options};
    std::atomic<int> right{0};
    {
        std::vector<std::jthread> clients;
        for (int i = 0; i < many_clients; ++i)
            clients.emplace_back([&] {
                LocalLoop loop;
                const LocalLoop::Enter entered{loop};
                Client client;
                ClientResponse response = loop.run(client.get(server.url("/")));
                if (loop.run(response.text()) == expected) ++right;
            });
    }
    return right.load();
}

} // namespace armature::testing
