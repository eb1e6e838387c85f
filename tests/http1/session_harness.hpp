#pragma once

#include "http1/session.hpp"
#include "support/wire_response.hpp"

#include <armature/app/app.hpp>
#include <armature/core/scheduler.hpp>

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

// Drives sessions from memory, as the server's connections do from sockets.
namespace armature::http1::testing {

using armature::testing::read_responses;
using armature::testing::WireReader;
using armature::testing::WireResponse;

/// One loop with an application and what its sessions share.
struct World {
    explicit World(Application made, SessionLimits with = {})
        : app(std::move(made)), limits(with), context(app.dispatcher(), limits, loop) {}

    /// Turns the loop until `done`; throws when that takes too long.
    void run_until(const bool& done) {
        struct Watchdog final : Timer {
            explicit Watchdog(const bool& of) noexcept : flag(const_cast<bool&>(of)) {}
            void expired() override {
                flag = true;
                barked = true;
            }
            bool& flag;
            bool barked = false;
        } watchdog{done};
        loop.timers().arm(watchdog, steady_now() + 10'000);
        loop.run_until(done);
        if (watchdog.barked) throw std::runtime_error("nothing happened for 10 seconds");
    }

    LocalLoop loop;
    LocalLoop::Enter enter{loop};
    Application app;
    SessionLimits limits;
    SessionContext context;
};

/// A client and the socket between it and a session.
class Link final : Session::Host {
  public:
    explicit Link(World& world) : session(world.context, *this), world_(world) {}

    std::string output; ///< what the client received
    Session session;

    /// The client sends; what the session doesn't want yet stays in the kernel.
    Link& send(std::string_view bytes) {
        kernel_ += bytes;
        turn();
        return *this;
    }
    /// The client sends no more.
    Link& close() {
        client_closed_ = true;
        turn();
        return *this;
    }
    /// How many bytes the client's window takes from now on.
    Link& window(std::size_t bytes) {
        window_ = bytes;
        turn();
        return *this;
    }

    /// One turn of the server's loop for this connection.
    void turn() {
        changed_ = false;
        for (;;) {
            write();
            if (session.output().empty()) {
                session.resume();
                if (!session.output().empty() && window_ > 0) continue;
            }
            if (!session.wants_input()) break;
            if (!kernel_.empty()) {
                const Session::Space space = session.prepare();
                const std::size_t size = std::min(space.size, kernel_.size());
                std::memcpy(space.data, kernel_.data(), size);
                kernel_.erase(0, size);
                session.commit(size);
            } else if (client_closed_ && !told_) {
                told_ = true;
                session.peer_closed();
            } else {
                break;
            }
        }
        session.keep_output();
        if (client_closed_ && !told_ && session.phase() == Session::Phase::handling &&
            !session.at_rest()) {
            told_ = true;
            session.peer_closed();
            turn();
        }
    }

    /// Turns the loop until the session has no work that is under way.
    Link& settle() {
        turn();
        while (!session.at_rest() && !waits_for_client()) {
            world_.run_until(changed_);
            turn();
        }
        return *this;
    }
    /// Turns the loop until `output` holds at least that many bytes.
    Link& await_bytes(std::size_t count) {
        turn();
        while (output.size() < count) {
            world_.run_until(changed_);
            turn();
        }
        return *this;
    }

    [[nodiscard]] std::size_t unread() const noexcept { return kernel_.size(); }
    [[nodiscard]] bool finished() const noexcept { return session.finished(); }
    [[nodiscard]] std::string take() { return std::exchange(output, {}); }

    /// What came out so far, as responses.
    [[nodiscard]] std::vector<WireResponse> responses(const std::vector<bool>& heads = {}) const {
        return read_responses(output, finished(), heads);
    }

  private:
    void session_changed() override { changed_ = true; }
    [[nodiscard]] bool has_input() const noexcept override { return !kernel_.empty(); }

    [[nodiscard]] bool waits_for_client() const noexcept {
        return session.wants_input() || (window_ == 0 && !session.output().empty());
    }

    void write() {
        while (window_ > 0) {
            const Session::Output out = session.output();
            if (out.empty()) return;
            std::size_t sent = 0;
            const auto take_from = [&](std::string_view text) {
                const std::size_t size = std::min(text.size(), window_);
                output += text.substr(0, size);
                window_ -= size;
                sent += size;
            };
            take_from(out.first);
            take_from(out.second);
            if (out.first.empty() && out.file != nullptr) {
                char buffer[64 * 1024];
                const std::uint64_t left = out.file->size - out.file_done;
                const auto size = static_cast<std::size_t>(
                    std::min<std::uint64_t>({sizeof buffer, left, window_}));
                const ssize_t got = ::pread(out.file->file->descriptor(), buffer, size,
                                            static_cast<off_t>(out.file->offset + out.file_done));
                if (got <= 0) throw std::runtime_error("a file that is shorter than promised");
                take_from({buffer, static_cast<std::size_t>(got)});
            }
            session.wrote(sent);
        }
    }

    World& world_;
    std::string kernel_;
    std::size_t window_ = static_cast<std::size_t>(-1);
    bool client_closed_ = false;
    bool told_ = false;
    bool changed_ = false;
};

} // namespace armature::http1::testing
