#pragma once

#include <armature/app/app.hpp>
#include <armature/core/scheduler.hpp>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

// The application behind the tests of the server, in their own process and in another one.
namespace armature::testing {

struct Counters {
    std::atomic<int> started{0};
    std::atomic<int> cancelled{0};
    std::atomic<std::uint64_t> produced{0}; ///< bytes that a producer got rid of
    std::atomic<int> reason{0};             ///< of the last cancellation
};

/// What generated bodies consist of: each piece begins with its number.
inline constexpr std::size_t generated_piece = 16 * 1024;
inline void number_piece(std::string& piece, std::uint64_t number) {
    piece.resize(generated_piece, 'g');
    piece.replace(0, sizeof number, reinterpret_cast<const char*>(&number), sizeof number);
}

/// A sparse file of that size, gone when closed.
inline std::shared_ptr<const File> sparse_file(std::uint64_t size) {
    char name[] = "/tmp/armature-test-XXXXXX";
    const int descriptor = ::mkstemp(name);
    if (descriptor < 0 || ::ftruncate(descriptor, static_cast<off_t>(size)) != 0)
        throw std::runtime_error("no temporary file");
    ::unlink(name);
    return std::make_shared<const File>(descriptor);
}

inline Application make_server_app(Counters& counters) {
    Counters* c = &counters;
    App app = App::create();
    app.route("/", get([] { return "Hello"; }));
    app.route("/echo", post([](Bytes content) {
                           return std::string{content.view()};
                       }).put([](Bytes content) { return std::string{content.view()}; }));
    app.route("/peer", get([](Request& request) { return request.peer().to_string(); }));
    app.route("/count", [&] {
        const auto count = [](Request& request) -> Task<std::string> {
            if (request.body().in_memory()) co_return std::to_string(request.body().text().size());
            std::uint64_t bytes = 0;
            BodyStream& stream = request.body().stream();
            for (;;) {
                const auto piece = co_await stream.next();
                if (!piece) break;
                bytes += piece->size();
            }
            co_return std::to_string(bytes);
        };
        return post(count).put(count).body_limit(std::uint64_t{1} << 40);
    }());
    app.route("/wait", get([c](Request&) -> Task<std::string> {
                  ++c->started;
                  try {
                      co_await sleep_for(Duration::seconds(3600));
                  } catch (const Cancelled& cancelled) {
                      c->reason = static_cast<int>(cancelled.reason());
                      ++c->cancelled;
                      throw;
                  }
                  co_return "waited";
              }));
    app.route("/stubborn", get([c](Request&) -> Task<std::string> {
                  ++c->started;
                  auto work = [] { ::usleep(300'000); };
                  co_await blocking(work);
                  co_return "done";
              }));
    app.route("/sleep/{ms}", get([c](Path<std::int64_t> ms) -> Task<std::string> {
                  ++c->started;
                  co_await sleep_for(Duration::milliseconds(*ms));
                  co_return "slept";
              }));
    app.route("/generate/{bytes}", get([c](Path<std::uint64_t> bytes) {
                  return Response::stream([c, left = *bytes](BodyWriter& out) -> Task<> {
                      std::string piece;
                      for (std::uint64_t at = 0; at < left;) {
                          number_piece(piece, at / generated_piece);
                          const auto size = std::min<std::uint64_t>(piece.size(), left - at);
                          co_await out.write(std::string_view{piece}.substr(0, size));
                          at += size;
                          c->produced += size;
                      }
                  });
              }));
    app.route("/sparse/{bytes}", get([](Path<std::uint64_t> bytes) {
                  return Response{Body{FileRegion{sparse_file(*bytes), 0, *bytes}}};
              }));
    app.route("/memory/{bytes}", get([](Path<std::uint64_t> bytes) {
                  return Response{Body{std::string(*bytes, 'm')}};
              }));
    return app.build();
}

} // namespace armature::testing
