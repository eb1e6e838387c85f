#pragma once

#include <armature/client/client.hpp>
#include <armature/core/scheduler.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace armature::client {

/// Which hosts are left alone for a while because they failed again and again. Threads: any.
class Circuits {
  public:
    Circuits(unsigned failures, Duration pause) noexcept : failures_(failures), pause_(pause) {}

    /// Leave to try. Its holder says how that ended; a request that was given up says nothing.
    class Permit {
      public:
        Permit(Circuits& circuits, std::string origin)
            : circuits_(circuits), origin_(std::move(origin)) {}
        Permit(const Permit&) = delete;
        Permit& operator=(const Permit&) = delete;
        ~Permit() {
            if (!told_) circuits_.given_up(origin_);
        }
        void succeeded() {
            told_ = true;
            circuits_.succeeded(origin_);
        }
        void failed() {
            told_ = true;
            circuits_.failed(origin_);
        }

      private:
        Circuits& circuits_;
        std::string origin_;
        bool told_ = false;
    };

    /// Throws `ClientError` while the host is left alone.
    [[nodiscard]] Permit ask(const std::string& origin) {
        if (failures_ != 0) {
            const std::lock_guard lock{mutex_};
            if (const auto found = hosts_.find(origin);
                found != hosts_.end() && found->second.failures >= failures_) {
                Host& host = found->second;
                if (host.is_trying || steady_now() < host.closed_until)
                    throw ClientError{ClientError::Kind::circuit,
                                      origin + " failed too often and is left alone for a moment"};
                host.is_trying = true; // one request finds out
            }
        }
        return Permit{*this, origin};
    }

  private:
    struct Host {
        unsigned failures = 0;
        std::int64_t closed_until = 0;
        bool is_trying = false;
    };

    void succeeded(const std::string& origin) {
        if (failures_ == 0) return;
        const std::lock_guard lock{mutex_};
        hosts_.erase(origin);
    }
    void failed(const std::string& origin) {
        if (failures_ == 0) return;
        const std::lock_guard lock{mutex_};
        Host& host = hosts_[origin];
        host.is_trying = false;
        if (++host.failures >= failures_) host.closed_until = steady_now() + pause_.count();
    }
    void given_up(const std::string& origin) {
        if (failures_ == 0) return;
        const std::lock_guard lock{mutex_};
        if (const auto found = hosts_.find(origin); found != hosts_.end())
            found->second.is_trying = false;
    }

    const unsigned failures_;
    const Duration pause_;
    std::mutex mutex_;
    std::map<std::string, Host> hosts_; ///< those that failed last
};

} // namespace armature::client
