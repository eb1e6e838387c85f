#include "client/engine.hpp"

#include "client/transfer.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <new>
#include <utility>

namespace armature::client {

// A descriptor of libcurl's.
class Engine::Socket final : public IoWatcher {
  public:
    Socket(Engine& engine, curl_socket_t descriptor) noexcept
        : engine_(engine), descriptor_(descriptor) {}
    void on_events(std::uint32_t events) override {
        if (is_closed) return;
        int what = 0;
        if ((events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
        if ((events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
        if ((events & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_ERR;
        engine_.act(descriptor_, what);
    }
    bool is_closed = false;

  private:
    Engine& engine_;
    curl_socket_t descriptor_;
};

Engine::Engine(Scheduler& loop, const ClientOptions& options)
    : loop_(loop), options_(options), multi_(curl_multi_init()) {
    if (multi_ == nullptr) throw std::bad_alloc{};
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS,
                      static_cast<long>(options.connections_per_host));
}

// The loop may be gone already, as that of a thread that ended.
Engine::~Engine() {
    is_ending_ = true;
    curl_multi_cleanup(multi_);
}

void Engine::add(Transfer& transfer) {
    if (curl_multi_add_handle(multi_, transfer.easy()) != CURLM_OK)
        throw ClientError{ClientError::Kind::protocol, "libcurl didn't take the request"};
}

void Engine::remove(Transfer& transfer) noexcept {
    curl_multi_remove_handle(multi_, transfer.easy());
    if (transfer.is_ready) *std::find(ready_.begin(), ready_.end(), &transfer) = nullptr;
}

void Engine::mark_ready(Transfer& transfer) {
    if (std::exchange(transfer.is_ready, true)) return;
    ready_.push_back(&transfer);
    if (!wakeup_.armed()) loop_.timers().arm(wakeup_, loop_.now());
}

void Engine::unpause(Transfer& transfer) { curl_easy_pause(transfer.easy(), CURLPAUSE_CONT); }

void Engine::run_ready() {
    closed_.clear();
    for (std::size_t i = 0; i < ready_.size(); ++i)
        if (Transfer* transfer = std::exchange(ready_[i], nullptr)) {
            transfer->is_ready = false;
            transfer->resume();
        }
    ready_.clear();
}

void Engine::act(curl_socket_t socket, int events) {
    int running = 0;
    curl_multi_socket_action(multi_, socket, events, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        void* transfer = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        static_cast<Transfer*>(transfer)->completed(message->data.result);
    }
}

int Engine::on_socket(CURL*, curl_socket_t socket, int what, void* self, void* of) {
    auto& engine = *static_cast<Engine*>(self);
    auto* watcher = static_cast<Socket*>(of);
    if (what == CURL_POLL_REMOVE) {
        if (watcher == nullptr) return 0;
        if (engine.is_ending_) {
            delete watcher;
            return 0;
        }
        engine.loop_.unwatch(socket);
        watcher->is_closed = true;
        curl_multi_assign(engine.multi_, socket, nullptr);
        engine.closed_.emplace_back(watcher);
        if (!engine.wakeup_.armed()) engine.loop_.timers().arm(engine.wakeup_, engine.loop_.now());
        return 0;
    }
    try {
        if (watcher == nullptr) {
            watcher = new Socket{engine, socket};
            curl_multi_assign(engine.multi_, socket, watcher);
        }
        const std::uint32_t events = ((what & CURL_POLL_IN) != 0 ? std::uint32_t{EPOLLIN} : 0u) |
                                     ((what & CURL_POLL_OUT) != 0 ? std::uint32_t{EPOLLOUT} : 0u);
        engine.loop_.watch(socket, events, *watcher);
        return 0;
    } catch (...) {
        return -1; // the transfer fails
    }
}

int Engine::on_timer(CURLM*, long milliseconds, void* self) {
    auto& engine = *static_cast<Engine*>(self);
    if (engine.is_ending_) return 0;
    if (milliseconds < 0)
        TimerQueue::disarm(engine);
    else
        engine.loop_.timers().arm(engine, engine.loop_.now() + milliseconds);
    return 0;
}

} // namespace armature::client
