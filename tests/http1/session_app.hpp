#pragma once

#include "http1/session_harness.hpp"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// An application with every kind of handler, for the tests of sessions and their fuzz target.
namespace armature::http1::testing {

/// What handlers saw, for tests to look at.
struct Seen {
    std::vector<std::string> requests;
    std::optional<CancelReason> cancelled;
    int produced = 0; ///< pieces that a producer was asked for
    std::string trailer;
    std::string upgraded;
};

/// Gives its pieces, promises some size, and may break off.
class PromisedStream final : public BodyStream {
  public:
    PromisedStream(std::vector<std::string> pieces, std::optional<std::uint64_t> size,
                   bool fails = false)
        : pieces_(std::move(pieces)), size_(size), fails_(fails) {}
    Task<std::optional<std::string_view>> next() override {
        co_await yield();
        if (next_ < pieces_.size()) co_return pieces_[next_++];
        if (fails_) throw std::runtime_error("the source broke");
        co_return std::nullopt;
    }
    std::optional<std::uint64_t> size() const noexcept override { return size_; }

  private:
    std::vector<std::string> pieces_;
    std::size_t next_ = 0;
    std::optional<std::uint64_t> size_;
    bool fails_;
};

inline std::string big_text(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>('a' + i * 7 % 26);
    return text;
}
inline constexpr std::size_t big_size = 300'000;

/// An open temporary file with that content.
inline std::shared_ptr<const File> file_with(const std::string& content) {
    std::FILE* file = std::tmpfile();
    if (file == nullptr || std::fwrite(content.data(), 1, content.size(), file) != content.size())
        throw std::runtime_error("no temporary file");
    std::fflush(file);
    auto opened = std::make_shared<const File>(::dup(::fileno(file)));
    std::fclose(file);
    return opened;
}

/// Handlers whose answers depend on nothing but the bytes that the client sends.
inline App make_steady_app(Seen& seen) {
    static const auto big = std::make_shared<const std::string>(big_text(big_size));
    static const auto big_file = file_with(*big);
    Seen* out = &seen;
    App app = App::create();
    app.route("/", get([] { return "root"; }));
    app.route("/hello", get([] { return "Hello"; }).post([] { return "posted"; }));
    app.route("/name/{name}", get([](Path<std::string_view> name, const Request& request) {
                  return std::string{*name} + '?' + std::string{request.query_text()} + '@' +
                         std::string{request.authority()};
              }));
    app.route("/order/{n}", get([out](Path<std::string_view> n) {
                  out->requests.emplace_back(*n);
                  return std::string{*n};
              }));
    app.route("/later/{n}", get([out](Path<std::string> n) -> Task<std::string> {
                  co_await yield();
                  out->requests.emplace_back(*n);
                  co_return "later " + *n;
              }));
    app.route("/echo", post([](Bytes content) { return std::string{content.view()}; }));
    app.route("/view",
              post([](Bytes content, Request&) { return Response{Body::view(content.view())}; }));
    app.route("/answer-then-read", post([](Request& request) {
                  const auto copy = [&request](BodyWriter& to) -> Task<> {
                      while (const auto piece = co_await request.body().stream().next())
                          co_await to.write(*piece);
                  };
                  return Response::stream(copy);
              }));
    app.route("/echo-stream",
              post([](Request& request) { return Response{std::move(request.body())}; }));
    app.route("/count", post([out](Request& request) -> Task<std::string> {
                  std::uint64_t count = 0;
                  if (request.body().in_memory()) {
                      count = request.body().text().size();
                  } else {
                      BodyStream& stream = request.body().stream();
                      for (;;) {
                          const auto piece = co_await stream.next();
                          if (!piece) break;
                          count += piece->size();
                      }
                      if (const Headers* trailers = stream.trailers())
                          if (const auto value = trailers->get("x-sum"))
                              out->trailer = std::string{*value};
                  }
                  co_return std::to_string(count);
              }));
    app.route("/ignore", post([] { return "ignored"; }));
    app.route("/small",
              post([](Bytes content) { return std::string{content.view()}; }).body_limit(10));
    app.route("/no-content", get([] { return Response::no_content(); }));
    app.route("/not-modified", get([] {
                  Response response{Status::not_modified};
                  response.header("etag", "\"1\"");
                  return response;
              }));
    app.route("/interim", get([] { return Response{Status::continue_}; }));
    app.route("/close", get([] { return Response::text("bye").header("connection", "close"); }));
    app.route("/throw", get([]() -> std::string { throw std::runtime_error("secret"); }));
    app.route("/stream", get([out](Request&) {
                  return Response::stream([out](BodyWriter& writer) -> Task<> {
                      for (const std::string_view piece : {"one", "two", "three"}) {
                          ++out->produced;
                          co_await writer.write(piece);
                          co_await yield();
                      }
                      writer.trailer("x-sum", "11");
                  });
              }));
    app.route("/breaks", get([](Request&) {
                  return Response{Body{std::make_unique<PromisedStream>(
                      std::vector<std::string>{"half"}, std::nullopt, true)}};
              }));
    app.route("/exact", get([](Request&) {
                  return Response{Body{std::make_unique<PromisedStream>(
                      std::vector<std::string>{"half", "more"}, 8)}};
              }));
    app.route("/too-short", get([](Request&) {
                  return Response{
                      Body{std::make_unique<PromisedStream>(std::vector<std::string>{"half"}, 8)}};
              }));
    app.route("/too-long", get([](Request&) {
                  return Response{Body{std::make_unique<PromisedStream>(
                      std::vector<std::string>{"half", "more", "less"}, 8)}};
              }));
    app.route("/big/owned", get([] { return std::string{*big}; }));
    app.route("/big/shared", get([] { return Response{Body{big}}; }));
    app.route("/big/view", get([] { return Response{Body::view(*big)}; }));
    app.route("/big/file", get([] { return Response{Body{FileRegion{big_file, 0, big_size}}}; }));
    app.route("/big/part", get([] { return Response{Body{FileRegion{big_file, 1000, 2000}}}; }));
    app.route("/big/stream", get([](Request&) {
                  return Response{Body{std::make_unique<PromisedStream>(
                      std::vector<std::string>{*big}, std::nullopt)}};
              }));
    app.route("/upgrade", get([out](Request&) {
                  return Response::upgrade("echo", [out](ByteStream& stream) -> Task<> {
                      for (;;) {
                          const auto bytes = co_await stream.read();
                          if (!bytes) break;
                          const std::size_t end = bytes->find('!');
                          const std::string_view wanted = bytes->substr(0, end);
                          out->upgraded += wanted;
                          co_await stream.write(wanted);
                          if (end != std::string_view::npos) break;
                      }
                      out->upgraded += '.';
                  });
              }));
    return app;
}

/// And others, whose answers depend on time or on how the client's bytes are cut.
inline Application make_app(Seen& seen) {
    Seen* out = &seen;
    App app = make_steady_app(seen);
    app.route("/upgrade-later", get([out](Request&) -> Task<Response> {
                  co_await yield();
                  co_return Response::upgrade("echo", [out](ByteStream& stream) -> Task<> {
                      const auto bytes = co_await stream.read();
                      co_await yield();
                      if (bytes) out->upgraded += *bytes;
                      co_await stream.write("done");
                  });
              }));
    app.route("/wait", get([out](Request&) -> Task<std::string> {
                  try {
                      co_await sleep_for(Duration::seconds(3600));
                  } catch (const Cancelled& cancelled) {
                      out->cancelled = cancelled.reason();
                      throw;
                  }
                  co_return "waited";
              }));
    app.route("/hurry", get([out](Request&) -> Task<std::string> {
                            try {
                                co_await sleep_for(Duration::seconds(3600));
                            } catch (const Cancelled& cancelled) {
                                out->cancelled = cancelled.reason();
                                throw;
                            }
                            co_return "waited";
                        }).timeout(Duration::milliseconds(20)));
    app.route("/drop", post([](Request& request) {
                  Body dropped = std::move(request.body());
                  return "dropped";
              }));
    app.route("/first-piece", post([](Request& request) -> Task<std::string> {
                  if (request.body().in_memory()) co_return "all";
                  co_await request.body().stream().next();
                  co_return "first";
              }));
    app.route("/endless", get([out](Request&) {
                  return Response::stream([out](BodyWriter& writer) -> Task<> {
                      const std::string piece(1000, 'e');
                      try {
                          for (;;) {
                              ++out->produced;
                              co_await writer.write(piece);
                          }
                      } catch (const Cancelled& cancelled) {
                          out->cancelled = cancelled.reason();
                          throw;
                      }
                  });
              }));
    return app.build();
}

} // namespace armature::http1::testing
