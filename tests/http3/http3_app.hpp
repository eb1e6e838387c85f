#pragma once

#include "server/server_app.hpp"

#include <armature/app/app.hpp>

#include <string>

// The application behind the tests of HTTP/3.
namespace armature::testing {

/// What a handler sees of a request, one fact a line.
inline std::string describe(const Request& request) {
    std::string text;
    const auto line = [&](std::string_view name, std::string_view value) {
        text.append(name).append(": ").append(value).append("\n");
    };
    line("method", request.method_text());
    line("scheme", request.scheme());
    line("authority", request.authority());
    line("target", request.target());
    line("path", request.path());
    line("query", request.query_text());
    line("protocol", to_string(request.protocol()));
    line("peer", request.peer().address());
    for (const Headers::Entry& entry : request.headers())
        line(std::string{"field "}.append(entry.name()), entry.value());
    return text;
}

inline Application make_http3_app(Counters& counters) {
    Counters* c = &counters;
    App app = App::create();
    app.route("/", get([] { return "Hello"; }));
    app.route("/describe", get([](Request& request) { return describe(request); }));
    app.route("/small", post([](Bytes content) { return std::string{content.view()}; }));
    // The request's content becomes the response's as it comes, trailers included.
    app.route("/mirror", post([](Request& request) {
                             return Response{std::move(request.body())};
                         }).body_limit(std::uint64_t{1} << 40));
    app.route("/count", [] {
        const auto count = [](Request& request) -> Task<std::string> {
            std::uint64_t bytes = 0;
            BodyStream& stream = request.body().stream();
            for (;;) {
                const auto piece = co_await stream.next();
                if (!piece) break;
                bytes += piece->size();
            }
            std::string text = std::to_string(bytes);
            if (stream.trailers() != nullptr)
                for (const Headers::Entry& entry : *stream.trailers())
                    text.append(" ").append(entry.name()).append("=").append(entry.value());
            co_return text;
        };
        return post(count).put(count).body_limit(std::uint64_t{1} << 40);
    }());
    app.route("/unread", post([](Request&) { return "not read"; }));
    app.route("/wait", get([c](Request&) -> Task<std::string> {
                  ++c->started;
                  try {
                      co_await sleep_for(Duration::seconds(3600));
                  } catch (const Cancelled&) {
                      ++c->cancelled;
                      throw;
                  }
                  co_return "waited";
              }));
    app.route("/cancelled", get([c](Request&) { return std::to_string(c->cancelled); }));
    app.route("/hurry", get([]() -> Task<std::string> {
                            co_await sleep_for(Duration::seconds(600));
                            co_return "";
                        }).timeout(Duration::milliseconds(50)));
    app.route("/sleep/{ms}", get([](Path<std::int64_t> ms) -> Task<std::string> {
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
                      out.trailer("x-bytes", std::to_string(left));
                  });
              }));
    app.route("/piece/{bytes}", get([](Path<std::uint64_t> bytes) {
                  return Response::stream([size = *bytes](BodyWriter& out) -> Task<> {
                      const std::string piece(size, 'p');
                      co_await out.write(piece);
                  });
              }));
    app.route("/sparse/{bytes}", get([](Path<std::uint64_t> bytes) {
                  return Response{Body{FileRegion{sparse_file(*bytes), 0, *bytes}}};
              }));
    app.route("/memory/{bytes}", get([](Path<std::uint64_t> bytes) {
                  return Response{Body{std::string(*bytes, 'm')}};
              }));
    app.route("/produced", get([c](Request&) { return std::to_string(c->produced); }));
    app.route("/tunnel", get([](Request&) {
                  return Response::upgrade("echo", [](ByteStream& stream) -> Task<> {
                      for (;;) {
                          const auto bytes = co_await stream.read();
                          if (!bytes) break;
                          const std::string copy{*bytes};
                          co_await stream.write(copy);
                      }
                  });
              }));
    return app.build();
}

} // namespace armature::testing
