#include "cli/bench/commands.hpp"
#include "cli/bench/load.hpp"
#include "cli/bench/plan.hpp"
#include "cli/bench/report.hpp"
#include "cli/project/process.hpp"
#include "cli/project/project.hpp"
#include "cli/scaffold/files.hpp"

#include <armature/core/headers.hpp>

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>
#include <thread>

namespace armature::cli {

namespace {

using namespace bench;
using terminal::Arguments;
using terminal::CommandError;
using terminal::Option;
using terminal::Terminal;
using terminal::UsageError;

constexpr Option options[] = {
    {"--rate", 'r', "N",
     "requests per second, whatever the server does; without: as fast as it can"},
    {"--connections", 'c', "N", "connections (10)"},
    {"--duration", 'd', "TIME", "how long, such as 30s (10s)"},
    {"--requests", 'n', "N", "how many, instead of a duration"},
    {"--depth", '\0', "N", "requests under way on a connection; HTTP/1.1 pipelines them (1)"},
    {"--http2", '2', "", "HTTP/2: by ALPN on https, otherwise by prior knowledge"},
    {"--no-keep-alive", '\0', "", "a connection for each request"},
    {"--threads", 't', "N", "threads that send (1)"},
    {"--target", '\0', "TARGET", "[WEIGHT] [METHOD] URL: one of several; may be repeated"},
    {"--openapi", '\0', "FILE", "all GET operations of an OpenAPI document"},
    {"--method", 'm', "METHOD", "of targets that name none (GET, with a body POST)"},
    {"--header", 'H', "FIELD", "'Name: value' of each request; may be repeated"},
    {"--body", 'b', "FILE", "the content of POST, PUT and PATCH"},
    {"--timeout", '\0', "TIME", "until a request counts as failed (10s)"},
    {"--ca", '\0', "FILE", "PEM certificates to trust instead of the system's"},
    {"--remote", '\0', "", "the target is another machine, and it is yours"},
    {"--p50", '\0', "TIME", "exit 1 if half of all took longer"},
    {"--p90", '\0', "TIME", "the same, of 10 %"},
    {"--p99", '\0', "TIME", "the same, of 1 %"},
    {"--p999", '\0', "TIME", "the same, of 0.1 %"},
    {"--max", '\0', "TIME", "the same, of any"},
    {"--errors", '\0', "N", "exit 1 if more failed, or were answered with 4xx or 5xx"},
    {"--at-least", '\0', "N", "exit 1 if it were fewer responses per second"},
    {"--compare", '\0', "FILE", "an earlier run's --json, to be shown beside"},
    {"--json", 'j', "", "for machines"},
    {"--preset", '\0', "NAME", "how the project's program is built (release)"},
    program_option,
};

// --- the project's own program -------------------------------------------------------------------

std::uint16_t free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool found =
        ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    ::close(socket);
    if (!found) throw CommandError{"no port is free on 127.0.0.1"};
    return ntohs(address.sin_port);
}

bool is_answered(std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const bool connected =
        ::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(socket);
    return connected;
}

/// The program, serving on a port of its own until this object goes.
struct Served {
    std::unique_ptr<Background> program;
    std::string url;
};

Served serve(const Arguments& arguments, Terminal& terminal) {
    const Project project = Project::here();
    const auto given = arguments.value("--program");
    const std::filesystem::path file =
        given
            ? std::filesystem::absolute(std::filesystem::path{*given})
            : project.build(std::string{arguments.value("--preset").value_or("release")}, terminal);
    const std::uint16_t port = free_port();
    const std::string address = "127.0.0.1:" + std::to_string(port);
    Served served{std::make_unique<Background>(
                      std::vector<std::string>{file.string(), "--listen=" + address}, project.root),
                  "http://" + address};
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (!is_answered(port)) {
        if (served.program->has_ended())
            throw CommandError{file.string() + " --listen=" + address +
                               ": ended before it served:\n" + served.program->output()};
        if (std::chrono::steady_clock::now() > until)
            throw CommandError{file.string() + ": doesn't listen on what --listen says"};
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    return served;
}

// --- the command line ----------------------------------------------------------------------------

double real(const Arguments& arguments, std::string_view option, double most) {
    const std::string text{arguments.value(option).value_or("")};
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !(value > 0) || value > most)
        throw UsageError{std::string{option} + " '" + text +
                         "': is no number of requests per second"};
    return value;
}

std::optional<std::chrono::nanoseconds> time_of(const Arguments& arguments, const char* option) {
    const auto text = arguments.value(option);
    if (!text) return std::nullopt;
    return duration_of(std::string{*text}, option);
}

std::optional<double> most(const Arguments& arguments, const char* option) {
    const auto time = time_of(arguments, option);
    if (!time) return std::nullopt;
    return static_cast<double>(time->count()) / 1e6;
}

Thresholds thresholds_of(const Arguments& arguments) {
    Thresholds thresholds;
    thresholds.p50 = most(arguments, "--p50");
    thresholds.p90 = most(arguments, "--p90");
    thresholds.p99 = most(arguments, "--p99");
    thresholds.p999 = most(arguments, "--p999");
    thresholds.max = most(arguments, "--max");
    if (arguments.has("--errors"))
        thresholds.errors = arguments.number("--errors", 0, UINT64_MAX, 0);
    if (arguments.has("--at-least")) thresholds.at_least = real(arguments, "--at-least", 1e9);
    return thresholds;
}

void add_fields(LoadPlan& plan, const Arguments& arguments) {
    bool has_agent = false;
    for (const std::string_view given : arguments.values("--header")) {
        const std::size_t colon = given.find(':');
        std::string name{given.substr(0, colon)};
        std::size_t begin = colon == given.npos ? given.size() : colon + 1;
        while (begin < given.size() && given[begin] == ' ')
            ++begin;
        const std::string value{given.substr(begin)};
        Headers check;
        if (colon == given.npos || !check.try_append(name, value))
            throw UsageError{"--header '" + std::string{given} + "': write 'Name: value'"};
        for (const char* own : {"content-length", "connection", "transfer-encoding"})
            if (Headers::equal_names(name, own))
                throw UsageError{"--header " + name + ": is what the run itself says"};
        has_agent = has_agent || Headers::equal_names(name, "user-agent");
        if (plan.is_http2) {
            if (Headers::equal_names(name, "host"))
                throw UsageError{"--header Host: HTTP/2 has :authority, the URL's"};
            std::transform(name.begin(), name.end(), name.begin(), [](char c) {
                return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            });
        }
        plan.fields.emplace_back(std::move(name), value);
    }
    if (!has_agent)
        plan.fields.emplace_back(plan.is_http2 ? "user-agent" : "User-Agent", "armature-bench");
}

std::vector<GivenTarget> given_targets(const Arguments& arguments, Terminal& terminal) {
    std::vector<GivenTarget> given;
    for (const std::string& word : arguments.words())
        given.push_back({word, std::nullopt, 1});
    for (const std::string_view text : arguments.values("--target"))
        given.push_back(target_of(std::string{text}));
    if (const auto document = arguments.value("--openapi")) {
#ifdef ARMATURE_CLI_HAS_OPENAPI
        std::vector<std::string> skipped;
        for (GivenTarget& target : targets_of_document(std::string{*document}, skipped))
            given.push_back(std::move(target));
        for (const std::string& why : skipped)
            terminal.err("left out: " + why + '\n');
        const bool is_any = std::any_of(given.begin(), given.end(), [](const GivenTarget& target) {
            return target.url.starts_with('/');
        });
        if (!is_any)
            throw CommandError{std::string{*document} + ": has no GET operation that can be asked"};
#else
        (void)terminal;
        throw UsageError{"--openapi " + std::string{*document} +
                         ": this armature was built without the tools for such documents"};
#endif
    }
    return given;
}

LoadPlan plan_of(const Arguments& arguments, std::vector<GivenTarget> given,
                 const std::string& base) {
    LoadPlan plan;
    plan.origin = origin_of(base);
    plan.is_http2 = arguments.has("--http2");
    plan.keeps_alive = !arguments.has("--no-keep-alive");
    if (plan.is_http2 && !plan.keeps_alive)
        throw UsageError{"HTTP/2 is about keeping a connection: leave out --no-keep-alive"};
    plan.connections = static_cast<unsigned>(arguments.number("--connections", 1, 100'000, 10));
    plan.depth = static_cast<unsigned>(arguments.number("--depth", 1, 1000, 1));
    if (plan.depth > 1 && !plan.keeps_alive)
        throw UsageError{"--depth needs connections that are kept: leave out --no-keep-alive"};
    plan.threads = static_cast<unsigned>(arguments.number("--threads", 1, 256, 1));
    if (arguments.has("--duration") && arguments.has("--requests"))
        throw UsageError{"either --duration or --requests"};
    if (const auto duration = time_of(arguments, "--duration")) plan.duration = *duration;
    plan.requests =
        arguments.has("--requests") ? arguments.number("--requests", 1, UINT64_MAX / 2, 1) : 0;
    if (arguments.has("--rate")) plan.rate = real(arguments, "--rate", 10e6);
    if (const auto timeout = time_of(arguments, "--timeout")) plan.timeout = *timeout;
    plan.authorities = arguments.value("--ca").value_or("");
    add_fields(plan, arguments);

    std::string body;
    if (const auto file = arguments.value("--body")) body = read_text(std::filesystem::path{*file});
    const std::string method{
        arguments.value("--method").value_or(arguments.has("--body") ? "POST" : "GET")};
    if (given.empty()) given.push_back({base, std::nullopt, 1});
    if (given.size() > 1000) throw UsageError{"more than 1000 targets"};
    for (const GivenTarget& each : given) {
        Target target;
        target.method = each.method.value_or(method);
        if (!std::all_of(target.method.begin(), target.method.end(),
                         [](char c) { return c >= 'A' && c <= 'Z'; }))
            throw UsageError{"--method '" + target.method + "': is none, such as GET"};
        if (target.method == "CONNECT")
            throw UsageError{"--method CONNECT: a tunnel has no response to count"};
        target.path = path_of(each.url, plan.origin);
        target.weight = each.weight;
        if (target.method == "POST" || target.method == "PUT" || target.method == "PATCH")
            target.body = body;
        plan.targets.push_back(std::move(target));
    }
    return plan;
}

// --- running -------------------------------------------------------------------------------------

std::atomic<bool>* stop_flag = nullptr;

/// Ctrl-C ends the run early, and what was measured is shown.
class Interruptible {
  public:
    explicit Interruptible(Live& live) {
        stop_flag = &live.stop;
        struct sigaction action{};
        action.sa_handler = [](int) { stop_flag->store(true); };
        ::sigaction(SIGINT, &action, &before_);
    }
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;
    ~Interruptible() { ::sigaction(SIGINT, &before_, nullptr); }

  private:
    struct sigaction before_{};
};

void allow_many_descriptors(unsigned wanted) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const rlim_t needed = rlim_t{wanted} + 64;
    if (limit.rlim_cur >= needed) return;
    limit.rlim_cur = std::min(limit.rlim_max, needed);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < needed)
        throw CommandError{"this system allows " + std::to_string(limit.rlim_max) +
                           " descriptors, too few for " + std::to_string(wanted) +
                           " connections; raise it by 'ulimit -n'"};
}

Result measured(const LoadPlan& plan, Terminal& terminal) {
    allow_many_descriptors(plan.connections);
    Live live;
    const Interruptible interruptible{live};
    std::uint64_t before = 0;
    unsigned second = 0;
    const auto watch = [&] {
        const std::uint64_t answered = live.answered.load();
        const std::uint64_t failed = live.failed.load();
        if (++second == 3 && answered == 0 && failed >= plan.connections) live.stop = true;
        if (terminal.is_watched())
            terminal.err("\r\x1b[K" + std::to_string(second) + " s  " +
                         std::to_string(answered - before) + " responses/s  " +
                         std::to_string(answered) + " in all, " + std::to_string(failed) +
                         " failed");
        before = answered;
    };
    Result result = run_load(plan, live, watch);
    if (terminal.is_watched()) terminal.err("\r\x1b[K");
    return result;
}

int run_bench(const Arguments& arguments, Terminal& terminal) {
    const Thresholds thresholds = thresholds_of(arguments);
    std::optional<Report> before;
    if (const auto file = arguments.value("--compare")) before = read_report(std::string{*file});
    std::vector<GivenTarget> given = given_targets(arguments, terminal);

    // Whoever names a server means that one; paths alone are asked of the project's program, or of
    // the server that another target names.
    const auto named = std::find_if(given.begin(), given.end(), [](const GivenTarget& target) {
        return !target.url.starts_with('/');
    });
    Served served;
    if (named == given.end()) served = serve(arguments, terminal);
    if (named != given.end() && arguments.has("--program"))
        throw UsageError{"either a URL or --program"};
    const std::string base = named == given.end() ? served.url : named->url;
    if (arguments.has("--openapi") && named != given.end() && given.size() > 1 &&
        arguments.words().size() == 1 && path_of(named->url, origin_of(base)) == "/")
        given.erase(named); // it only says which server
    const LoadPlan plan = plan_of(arguments, std::move(given), base);
    if (!plan.origin.is_loopback && !arguments.has("--remote"))
        throw UsageError{plan.origin.host +
                         " is another machine. Load that nobody asked for is an attack: add "
                         "--remote if it is yours"};

    const Result result = measured(plan, terminal);
    const Report report = report_of(plan, result);
    if (arguments.has("--json"))
        terminal.out(json_of(report));
    else
        terminal.out(text_of(report, terminal));
    if (before) {
        const std::string comparison = comparison_of(*before, report);
        if (arguments.has("--json"))
            terminal.err(comparison);
        else
            terminal.out(comparison);
    }
    if (report.responses == 0)
        terminal.err("Nothing at " + report.url + " answered.\n");
    else if (result.was_interrupted)
        terminal.err("It ended before its time.\n");
    const std::vector<std::string> faults = broken(thresholds, report);
    for (const std::string& fault : faults)
        terminal.err(terminal.paint_message(terminal::Colour::red, "not kept: ") + fault + '\n');
    return faults.empty() && report.responses != 0 ? 0 : 1;
}

} // namespace

const terminal::Command bench_command{
    .name = "bench",
    .words = "[URL|PATH]…",
    .summary = "Measures a server under load: requests per second, latencies, errors",
    .options = options,
    .details =
        "Without a URL the project's program is built by the preset release, served on a port of "
        "its own\n(--listen=ADDRESS) and asked for the paths. With --rate requests are sent when "
        "they are due, however\nslow the answers are, and latency counts from then: a server that "
        "stalls doesn't hide it. Exit\nstatus: 1 if a threshold wasn't kept, or nothing was "
        "answered.\n"
        "\n"
        "  armature bench /products --rate 2000 --duration 30s --p99 50ms --errors 0\n"
        "  armature bench http://127.0.0.1:8080/ --connections 64 --json > before.json\n"
        "  armature bench http://127.0.0.1:8080/ --connections 64 --compare before.json\n"
        "  armature bench --target '9 GET /products' --target 'POST /products' --body new.json \\\n"
        "    --header 'Content-Type: application/json'\n",
    .run = run_bench,
};

} // namespace armature::cli
