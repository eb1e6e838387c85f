#include "core/characters.hpp"
#include "observability/clock.hpp"

#include <armature/observability/server_timing.hpp>

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace armature {

namespace {

constexpr unsigned most_parts = 32;

double since(std::int64_t start) noexcept {
    return static_cast<double>(detail::nanoseconds() - start) * 1e-6;
}

void check_name(std::string_view name) {
    if (!is_token(name))
        throw std::invalid_argument(
            "armature: a part of Server-Timing needs a name of letters, digits and -._");
}

} // namespace

void Timings::add(std::string_view name, double milliseconds, std::string_view description) {
    check_name(name);
    if (!std::all_of(description.begin(), description.end(),
                     [](char c) { return c >= 0x20 && c < 0x7F; }))
        throw std::invalid_argument(
            "armature: a description in Server-Timing has printable ASCII characters only");
    if (count_ == most_parts) return;
    ++count_;
    // Not as "%.3f", which writes a comma in some languages.
    const auto micros = static_cast<long long>(std::clamp(milliseconds, 0.0, 1e12) * 1000);
    char duration[40];
    std::snprintf(duration, sizeof duration, ";dur=%lld.%03lld", micros / 1000, micros % 1000);
    if (!text_.empty()) text_ += ", ";
    text_.append(name).append(duration);
    if (description.empty()) return;
    text_ += ";desc=\"";
    for (const char c : description) {
        if (c == '"' || c == '\\') text_ += '\\';
        text_ += c;
    }
    text_ += '"';
}

Timings::Measured::Measured(Timings& timings, std::string_view name)
    : timings_(timings), name_(name), start_(detail::nanoseconds()) {
    check_name(name);
}

Timings::Measured::~Measured() {
    try {
        timings_.add(name_, since(start_));
    } catch (const std::bad_alloc&) { // then it isn't told
    }
}

void ServerTiming::before(Request& request) const {
    if (request.find<Timings>() != nullptr) return; // from a scope around
    Timings& timings = request.attach(Timings{});
    timings.owner_ = this;
    timings.start_ = detail::nanoseconds();
}

void ServerTiming::after(Request& request, Response& response) const {
    Timings& timings = *request.find<Timings>();
    if (timings.owner_ != this) return;
    timings.count_ = 0; // there is always room for the total
    timings.add("total", since(timings.start_));
    response.headers().append(Field::server_timing, timings.text_);
}

} // namespace armature
