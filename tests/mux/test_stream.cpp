#include "mux/stream.hpp"

#include <armature/app/app.hpp>

#include <gtest/gtest.h>

#include <string>

namespace armature::mux {
namespace {

// A connection whose client takes whatever is ready.
class EagerCarrier final : public Carrier {
  public:
    explicit EagerCarrier(StreamContext& context) noexcept : context_(context) {}
    void send_response(Stream&) override {}
    void send_continue(Stream&) override {}
    void content_ready(Stream&) override {}
    void consumed(Stream&, std::size_t) override {}
    void dropped(Stream&, std::size_t) override {}
    void fail(Stream&) override {}
    void finished(Stream& stream) override { context_.give_back(stream); }

    void take(Stream& stream) {
        char bytes[64];
        const auto size = static_cast<std::size_t>(stream.content_available());
        ASSERT_TRUE(stream.take_content(bytes, size));
        taken.append(bytes, size);
    }
    std::string taken;

  private:
    StreamContext& context_;
};

Task<> say(ByteStream& stream, std::string_view text) { co_await stream.write(text); }

// Writes once and reads for ever, both at the same time, as a WebSocket does.
Task<> talk(ByteStream& stream, std::string& heard) {
    bool said = false;
    Task<> saying = say(stream, "out");
    if (saying.start([](void* flag) { *static_cast<bool*>(flag) = true; }, &said, nullptr))
        said = true;
    while (const auto bytes = co_await stream.read())
        heard.append(*bytes);
}

TEST(MuxStream, WakesItsReaderWhenItsWriterIsDoneAtTheSameTime) {
    std::string heard;
    const Application app = App::create()
                                .route("/talk", get([&heard](Request&) {
                                           return Response::upgrade("talk", [&](ByteStream& to) {
                                               return talk(to, heard);
                                           });
                                       }))
                                .build();
    LocalLoop loop;
    const LocalLoop::Enter enter{loop};
    const HeadLimits limits;
    StreamContext context{app.dispatcher(), limits, loop, Protocol::http_2, true};
    EagerCarrier carrier{context};
    Stream& stream = context.take();
    stream.open(carrier, 1, {});
    for (const auto& [name, value] :
         {std::pair{":method", "CONNECT"}, std::pair{":scheme", "https"},
          std::pair{":authority", "localhost"}, std::pair{":path", "/talk"},
          std::pair{":protocol", "talk"}})
        stream.head().add(name, value);
    stream.head_complete();
    stream.run();
    carrier.take(stream);
    stream.receive("in");
    for (bool again = true; again;) {
        again = stream.needs_two_runs();
        stream.run();
    }
    EXPECT_EQ(carrier.taken, "out");
    EXPECT_EQ(heard, "in");
    stream.close(CancelReason::client_gone);
}

} // namespace
} // namespace armature::mux
