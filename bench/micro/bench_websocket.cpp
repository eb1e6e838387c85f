#include "websocket/decoder.hpp"
#include "websocket/deflate.hpp"
#include "websocket/mask.hpp"
#include "websocket/send_queue.hpp"
#include "websocket/shared_message.hpp"
#include "websocket/utf8.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

namespace {

using namespace armature;
using namespace armature::ws;

std::string client_frame(std::size_t size) {
    const char key[4] = {'\x37', '\xfa', '\x21', '\x3d'};
    std::string frame;
    append_frame(frame, Opcode::text, std::string(size, 'x'));
    const std::size_t header = frame.size() - size;
    frame[1] = static_cast<char>(frame[1] | 0x80);
    apply_mask(frame.data() + header, frame.data() + header, size, key, 0);
    return frame.insert(header, key, sizeof key);
}

void mask(benchmark::State& state) {
    const char key[4] = {'\x37', '\xfa', '\x21', '\x3d'};
    std::string text(static_cast<std::size_t>(state.range(0)), 'x');
    for (auto _ : state) {
        apply_mask(text.data(), text.data(), text.size(), key, 1);
        benchmark::DoNotOptimize(text.data());
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(mask)->Arg(100)->Arg(16384);

void utf8(benchmark::State& state) {
    std::string text;
    while (text.size() < 16384)
        text += state.range(0) == 0 ? "only ASCII " : "κόσμε и мир ";
    for (auto _ : state) {
        Utf8Checker checker;
        benchmark::DoNotOptimize(checker.feed(text));
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(utf8)->Arg(0)->Arg(1);

void decode(benchmark::State& state) {
    const std::string frame = client_frame(static_cast<std::size_t>(state.range(0)));
    Decoder decoder{1024 * 1024, true};
    std::string message;
    for (auto _ : state) {
        std::string_view bytes = frame;
        if (decoder.next(bytes) != Decoder::Event::message) state.SkipWithError("no message");
        message.swap(decoder.message());
        decoder.message().clear();
    }
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(decode)->Arg(20)->Arg(100)->Arg(16384);

// What an echoed message costs apart from the loop: decoded, framed, queued, taken for writing.
void echo(benchmark::State& state) {
    const std::string frame = client_frame(static_cast<std::size_t>(state.range(0)));
    Decoder decoder{1024 * 1024, false};
    SendQueue queue;
    std::string message;
    for (auto _ : state) {
        std::string_view bytes = frame;
        benchmark::DoNotOptimize(decoder.next(bytes));
        message.swap(decoder.message());
        std::string& to = queue.tail();
        const std::size_t before = to.size();
        append_message(to, WebSocket::Message{message}, 0);
        queue.appended(to.size() - before, 1);
        benchmark::DoNotOptimize(queue.begin_write());
        queue.end_write();
        message.clear();
    }
}
BENCHMARK(echo)->Arg(20)->Arg(100)->Arg(16384);

void deflate(benchmark::State& state) {
    std::string text;
    for (int i = 0; text.size() < static_cast<std::size_t>(state.range(0)); ++i)
        text += "{\"id\":" + std::to_string(i) + ",\"name\":\"somebody\"},";
    for (auto _ : state)
        benchmark::DoNotOptimize(deflate_message(text, 15));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(deflate)->Arg(100)->Arg(16384);

void inflate(benchmark::State& state) {
    std::string text;
    for (int i = 0; text.size() < static_cast<std::size_t>(state.range(0)); ++i)
        text += "{\"id\":" + std::to_string(i) + ",\"name\":\"somebody\"},";
    const std::string payload = deflate_message(text, 15);
    for (auto _ : state) {
        std::string out;
        benchmark::DoNotOptimize(inflate_message(payload, 1024 * 1024, out));
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(inflate)->Arg(100)->Arg(16384);

} // namespace
