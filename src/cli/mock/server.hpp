#pragma once

#include "cli/mock/engine.hpp"
#include "cli/mock/faults.hpp"
#include "cli/mock/recording.hpp"

#include <armature/app/app.hpp>
#include <armature/client/client.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace armature::cli::mock {

struct ServerChoices {
    std::uint64_t seed = 1;
    Delay delay;
    std::vector<ErrorRate> errors;
    bool cors = false;
    std::string upstream;        ///< a URL: requests go there, and are checked on both ways
    bool refuses_faults = false; ///< with `upstream`: what breaks the contract is an error
    std::shared_ptr<Recorder> recorder;
    std::shared_ptr<Replay> replay;
    /// Gets a line about each violation of the contract and each failure that was made.
    std::function<void(const std::string& line)> say;
};

/// What all requests share.
class MockServer {
  public:
    MockServer(std::shared_ptr<const Engine> engine, Store& store, ServerChoices choices);

    /// Serves another document from the next request on. Threads: any.
    void serve(std::shared_ptr<const Engine> engine);
    [[nodiscard]] Task<Response> answer(Request& request);

    /// The application that asks it; `server` has to outlive it.
    [[nodiscard]] static Application application(MockServer& server);

  private:
    [[nodiscard]] std::shared_ptr<const Engine> engine() const;
    [[nodiscard]] Task<Response> pass_on(Request& request, std::string content,
                                         std::shared_ptr<const Engine> engine);

    mutable std::mutex mutex_;
    std::shared_ptr<const Engine> engine_;
    Store& store_;
    ServerChoices choices_;
    std::atomic<std::uint64_t> requests_{0};
    Client client_;
};

} // namespace armature::cli::mock
