// What `scripts/bench scaling` lets grow: the number of routes, of middleware in either form, and
// of event loops; and for each request the sizes of content and the number of response fields.

#include <armature/armature.hpp>

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace armature;

namespace {

struct Counts {
    unsigned routes = 10;
    unsigned hooks = 0;  // middleware with `before` and `after`
    unsigned around = 0; // middleware that is a coroutine around the rest
    unsigned loops = 1;
};

struct Hooks {
    void before(Request&) const {}
    void after(Request&, Response&) const {}
};

struct Around {
    Task<Response> operator()(Request& request, Next next) const {
        Response response = co_await next(request);
        co_return response;
    }
};

constexpr std::uint64_t most_content = 100'000'000;

Task<std::string> count_pieces(BodyStream& content) {
    std::uint64_t size = 0;
    while (const auto piece = co_await content.next())
        size += piece->size();
    co_return std::to_string(size);
}

Response download(Path<std::uint64_t> size) {
    // Pages of zeros, which take no time to make.
    static const char* const content = static_cast<const char*>(std::calloc(most_content, 1));
    if (content == nullptr || *size > most_content) throw Error::not_found("only up to 100 MB");
    return Response{Body::view({content, static_cast<std::size_t>(*size)})};
}

Response with_fields(Path<unsigned> count) {
    Response response{Body::view("Hello, World!")};
    for (unsigned i = 0; i < *count; ++i)
        response.header("x-field-" + std::to_string(i), "the value of a usual field");
    return response;
}

Application make(const Counts& counts) {
    App app = App::create();
    for (unsigned i = 0; i < counts.hooks; ++i)
        app.wrap(Hooks{});
    for (unsigned i = 0; i < counts.around; ++i)
        app.wrap(Around{});
    for (unsigned i = 0; i < counts.routes; ++i)
        app.route_at_runtime("/api/resource" + std::to_string(i) + "/{id}",
                             get([] { return "Hello, World!"; }));
    return app.route("/", get([] { return "Hello, World!"; }))
        .route("/upload", post([](Bytes content) {
                              return std::to_string(content.view().size());
                          }).body_limit(most_content))
        .route("/stream", post(count_pieces).body_limit(most_content))
        .route("/download/{size}", get(download))
        .route("/fields/{count}", get(with_fields))
        .build();
}

// False for what isn't known.
bool read(Counts& counts, std::string_view name, const char* value) {
    unsigned* const count = name == "--routes"   ? &counts.routes
                            : name == "--hooks"  ? &counts.hooks
                            : name == "--around" ? &counts.around
                            : name == "--loops"  ? &counts.loops
                                                 : nullptr;
    if (count == nullptr) return false;
    *count = static_cast<unsigned>(std::strtoul(value, nullptr, 10));
    return true;
}

} // namespace

int main(int count, char** arguments) {
    Counts counts;
    for (int i = 1; i + 1 < count; i += 2)
        if (!read(counts, arguments[i], arguments[i + 1])) return 2;
    const Application application = make(counts);
    ServerOptions options;
    options.http = "127.0.0.1:0";
    options.threads = counts.loops;
    options.limits.header_fields = 200;
    options.limits.requests_per_connection = 0xffff'ffff;
    options.limits.idle_timeout = Duration::seconds(3'600); // callgrind is slow
    Server server(application, options);
    std::printf("{\"ready\":true,\"pid\":%d,\"http\":\"%s\"}\n", ::getpid(),
                server.addresses().front().c_str());
    std::fflush(stdout);
    server.run();
}
