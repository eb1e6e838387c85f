#include <armature/core/cancellable_wait.hpp>
#include <armature/core/scheduler.hpp>
#include <armature/json/write.hpp>
#include <armature/log/log.hpp>
#include <armature/observability/health.hpp>

#include <algorithm>
#include <atomic>
#include <deque>
#include <stdexcept>
#include <vector>

namespace armature {

namespace {

struct Check {
    std::string name;
    Duration timeout;
    std::shared_ptr<const void> object;
    Task<bool> (*run)(const void* object);
    std::atomic<int> overdue{0};     ///< runs that took too long and haven't ended
    std::atomic<bool> failed{false}; ///< the last time
};

struct Report;

/// One run of a check. Lives until the check ended, which may be long after it timed out and
/// everybody left.
class CheckRun final : Timer {
  public:
    CheckRun(std::shared_ptr<Check> check, std::shared_ptr<Report> report) noexcept
        : check_(std::move(check)), report_(std::move(report)) {}
    ~CheckRun() = default;

    static void start(const std::shared_ptr<CheckRun>& run);

    [[nodiscard]] const Check& check() const noexcept { return *check_; }
    [[nodiscard]] bool passed() const noexcept { return passed_; }
    [[nodiscard]] const std::string& detail() const noexcept { return detail_; }
    /// Nobody wants to know any more.
    void abandon() {
        report_.reset();
        cancellation_.request(CancelReason::client_gone);
    }

  private:
    void expired() override;
    void ended();
    void settle(bool passed, std::string detail);

    std::shared_ptr<Check> check_;
    std::shared_ptr<Report> report_; ///< until it is settled
    std::shared_ptr<CheckRun> self_; ///< while the check runs
    Cancellation cancellation_;
    Task<bool> task_;
    bool passed_ = false;
    bool is_overdue_ = false;
    std::string detail_;
};

/// All checks of one request.
struct Report {
    std::vector<std::shared_ptr<CheckRun>> runs;
    std::size_t unsettled = 0;
    WaitSlot done;
};

} // namespace

class Health::Impl {
  public:
    std::deque<Check> checks;
    bool shows_details = false;
};

namespace {

void CheckRun::start(const std::shared_ptr<CheckRun>& run) {
    const Check& check = *run->check_;
    if (check.overdue.load(std::memory_order_relaxed) > 0)
        return run->settle(false, "the run before hasn't ended");
    Scheduler& loop = Scheduler::current();
    run->self_ = run;
    run->task_ = check.run(check.object.get());
    const auto done = [](void* self) { static_cast<CheckRun*>(self)->ended(); };
    if (run->task_.start(done, run.get(), &run->cancellation_)) return run->ended();
    if (run->report_ != nullptr) loop.timers().arm(*run, loop.read_clock() + check.timeout.count());
}

void CheckRun::expired() {
    const std::shared_ptr<CheckRun> kept = self_;
    is_overdue_ = true;
    check_->overdue.fetch_add(1, std::memory_order_relaxed);
    settle(false, "timed out");
    cancellation_.request(CancelReason::deadline);
}

void CheckRun::ended() {
    const std::shared_ptr<CheckRun> kept = std::move(self_);
    TimerQueue::disarm(*this);
    if (is_overdue_) check_->overdue.fetch_sub(1, std::memory_order_relaxed);
    bool passed = false;
    std::string detail;
    try {
        passed = task_.take_result();
        if (!passed) detail = "it returned false";
    } catch (const std::exception& error) {
        detail = error.what();
    } catch (...) {
        detail = "an exception that is no std::exception";
    }
    settle(passed, std::move(detail));
}

// The first outcome counts.
void CheckRun::settle(bool passed, std::string detail) {
    if (report_ == nullptr) return;
    const std::shared_ptr<Report> report = std::move(report_);
    passed_ = passed;
    detail_ = std::move(detail);
    if (check_->failed.exchange(!passed, std::memory_order_relaxed) == passed) {
        if (passed)
            log::info("a health check passes again", {{"check", check_->name}});
        else
            log::warn("a health check fails", {{"check", check_->name}, {"error", detail_}});
    }
    if (--report->unsettled == 0) report->done.resume();
}

/// Lets go of the checks when the request ends before they do.
class Watch {
  public:
    explicit Watch(std::shared_ptr<Report> report) noexcept : report_(std::move(report)) {}
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() {
        if (report_->unsettled == 0) return;
        const auto runs = std::move(report_->runs);
        for (const std::shared_ptr<CheckRun>& run : runs)
            run->abandon();
    }

  private:
    std::shared_ptr<Report> report_;
};

Response answer(bool passed, std::string json) {
    Response response{passed ? Status::ok : Status::service_unavailable};
    response.set_content("application/json", Body{std::move(json)});
    response.header("cache-control", "no-store");
    return response;
}

Task<Response> report_on(std::shared_ptr<Health::Impl> health) {
    if (Scheduler::current().draining())
        co_return answer(false, R"({"status":"fail","detail":"shutting down"})");
    const auto report = std::make_shared<Report>();
    const Watch watch{report};
    report->unsettled = health->checks.size();
    for (Check& check : health->checks)
        report->runs.push_back(
            std::make_shared<CheckRun>(std::shared_ptr<Check>{health, &check}, report));
    for (const std::shared_ptr<CheckRun>& run : report->runs)
        CheckRun::start(run);
    if (report->unsettled > 0) co_await report->done.wait();

    const bool passed = std::all_of(report->runs.begin(), report->runs.end(),
                                    [](const auto& run) { return run->passed(); });
    JsonWriter json;
    json.begin_object().member("status", passed ? "pass" : "fail");
    json.key("checks").begin_object();
    for (const std::shared_ptr<CheckRun>& run : report->runs) {
        json.key(run->check().name).begin_object();
        json.member("status", run->passed() ? "pass" : "fail");
        if (health->shows_details && !run->passed()) json.member("detail", run->detail());
        json.end_object();
    }
    json.end_object().end_object();
    report->runs.clear();
    co_return answer(passed, json.take());
}

} // namespace

Health::Health() : impl_(std::make_shared<Impl>()) {}
Health::Health(Health&&) noexcept = default;
Health& Health::operator=(Health&&) noexcept = default;
Health::~Health() = default;

Health& Health::show_details(bool on) & {
    impl_->shows_details = on;
    return *this;
}

void Health::add(std::string name, Duration timeout, std::shared_ptr<const void> object, Run run) {
    if (name.empty()) throw std::invalid_argument("a health check needs a name");
    if (timeout < Duration::milliseconds(1))
        throw std::invalid_argument("the time-out of the health check \"" + name +
                                    "\" is at least 1 ms");
    for (const Check& check : impl_->checks)
        if (check.name == name)
            throw std::invalid_argument("there are two health checks \"" + name + "\"");
    Check& check = impl_->checks.emplace_back();
    check.name = std::move(name);
    check.timeout = timeout;
    check.object = std::move(object);
    check.run = run;
}

Scope health(Health health, std::string prefix) {
    const auto live = [] { return answer(true, R"({"status":"pass"})"); };
    const auto ready = [impl = health.impl_]() -> Task<Response> { return report_on(impl); };
    const auto document_failure = [](OperationInfo& operation) {
        operation.response("application/json", nullptr);
        operation.error(Status::service_unavailable);
    };
    return scope(std::move(prefix))
        .route("/live", get(live).summary("Whether the process lives"))
        .route("/ready",
               get(ready).summary("Whether the process can serve").document(document_failure));
}

} // namespace armature
