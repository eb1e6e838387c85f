#include "cache/cache_control.hpp"
#include "cache/flight.hpp"
#include "core/characters.hpp"

#include <armature/cache/response_cache.hpp>
#include <armature/core/etag.hpp>
#include <armature/core/http_date.hpp>
#include <armature/core/url.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <ctime>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace armature {

using cache::CacheControl;

namespace {

constexpr std::size_t most_variants = 16;
// What has a validator is of use long after its freshness.
constexpr std::int64_t kept_for_validation = 24 * 60 * 60;
// For so long nobody waits for a response that turned out not to be kept.
constexpr Duration not_kept_for = Duration::seconds(10);

/// One field that a response varies by, and what the request said in it.
struct Selector {
    std::string name;
    std::string value;
};

/// A response that is kept.
struct Stored {
    Status status = Status::ok;
    Headers fields{};
    std::shared_ptr<const std::string> content{};
    std::vector<Selector> selectors{};
    std::int64_t since = 0;    ///< milliseconds of the cache's clock when it was made or validated
    std::int64_t age = 0;      ///< seconds that it was old then
    std::int64_t lifetime = 0; ///< seconds
    std::int64_t stale_while_revalidate = 0;
    std::int64_t stale_if_error = 0;
    bool must_revalidate = false;
    bool is_for_shared = false; ///< by s-maxage: a client's max-stale doesn't count (§5.2.2.10)

    [[nodiscard]] std::int64_t age_at(std::int64_t now) const noexcept {
        return age + (now - since) / 1000;
    }
    [[nodiscard]] bool has_validator() const noexcept {
        return fields.contains(Field::etag) || fields.contains(Field::last_modified);
    }
    [[nodiscard]] std::size_t bytes() const noexcept {
        std::size_t sum = sizeof *this + content->size() + fields.text_bound() +
                          fields.size() * sizeof(Headers::Entry);
        for (const Selector& selector : selectors)
            sum += sizeof selector + selector.name.size() + selector.value.size();
        return sum;
    }
};

/// All responses for one URL, the newest first.
struct Variants {
    std::vector<std::shared_ptr<const Stored>> all{};
    [[nodiscard]] std::size_t cache_bytes() const noexcept {
        std::size_t sum = 0;
        for (const auto& one : all)
            sum += one->bytes();
        return sum;
    }
};

/// What was answered there isn't kept, so nobody need wait for it.
struct NotKept {
    [[nodiscard]] std::size_t cache_bytes() const noexcept { return 0; }
};

// The lines of a field as one list, without the spaces around its members.
std::string normalised(const Headers& fields, std::string_view name) {
    std::string text;
    fields.all(name, [&](std::string_view value) {
        while (!value.empty())
            if (const std::string_view part = take_part(value, ','); !part.empty())
                text.append(text.empty() ? "" : ",").append(part);
    });
    return text;
}

std::vector<Selector> selectors_of(const Headers& request, const Headers& response) {
    std::vector<Selector> made;
    response.all(Field::vary, [&](std::string_view names) {
        while (!names.empty())
            if (const std::string_view part = take_part(names, ','); !part.empty())
                made.push_back({std::string{part}, normalised(request, part)});
    });
    return made;
}
bool varies_by_anything(const Headers& response) {
    bool found = false;
    response.all(Field::vary, [&](std::string_view names) {
        while (!names.empty())
            found = take_part(names, ',') == "*" || found;
    });
    return found;
}
bool selects(const Stored& stored, const Headers& request) {
    return std::all_of(stored.selectors.begin(), stored.selectors.end(),
                       [&](const Selector& selector) {
                           return normalised(request, selector.name) == selector.value;
                       });
}

std::optional<std::int64_t> date_in(const Headers& fields, Field field) {
    const auto text = fields.get(field);
    return text ? parse_http_date(*text) : std::nullopt;
}

// How long a response is fresh (§4.2.1), or nullopt if it doesn't say. There are no guesses.
std::optional<std::int64_t> lifetime_of(const CacheControl& control, const Headers& fields) {
    if (control.s_maxage) return control.s_maxage;
    if (control.max_age) return control.max_age;
    if (!fields.contains(Field::expires)) return std::nullopt;
    unsigned count = 0;
    fields.all(Field::expires, [&](std::string_view) { ++count; });
    const auto expires = date_in(fields, Field::expires);
    if (!expires || count > 1) return 0; // "0" and the like mean: already over
    const std::int64_t date = date_in(fields, Field::date).value_or(std::time(nullptr));
    return std::clamp<std::int64_t>(*expires - date, 0, cache::most_seconds);
}

// How old it is when it comes (§4.2.3): a handler may have it from elsewhere.
std::int64_t initial_age(const Headers& fields) {
    std::int64_t age = 0;
    if (auto rest = fields.get(Field::age)) {
        // Of a list the first counts (§5.1); what can't be read is ignored, but in a list it is
        // old.
        const auto first = cache::parse_seconds(take_part(*rest, ','));
        age = first.value_or(rest->empty() ? 0 : cache::most_seconds);
    }
    if (const auto date = date_in(fields, Field::date))
        age = std::max<std::int64_t>(age, std::time(nullptr) - *date);
    return age;
}

// What isn't the response's but the connection's (§3.1).
void erase_connection_fields(Headers& fields) {
    std::vector<std::string> names;
    fields.all(Field::connection, [&](std::string_view list) {
        while (!list.empty())
            if (const std::string_view part = take_part(list, ','); !part.empty())
                names.emplace_back(part);
    });
    for (const std::string& field : names)
        fields.erase(field);
    for (const Field field :
         {Field::connection, Field::keep_alive, Field::proxy_connection, Field::te, Field::trailer,
          Field::transfer_encoding, Field::upgrade, Field::proxy_authenticate,
          Field::proxy_authentication_info, Field::proxy_authorization, Field::age,
          Field::cache_status, Field::content_length})
        fields.erase(field);
}

bool may_be_kept(Status status) noexcept {
    return !is_informational(status) && status != Status::partial_content &&
           status != Status::not_modified;
}
bool is_failure(Status status) noexcept {
    return status == Status::internal_server_error || status == Status::bad_gateway ||
           status == Status::service_unavailable || status == Status::gateway_timeout;
}

bool is_read(Method method) noexcept { return method == Method::get || method == Method::head; }

} // namespace

class ResponseCache::State {
  public:
    explicit State(ResponseCacheOptions given) : options(std::move(given)) {
        if (!is_token(options.name))
            throw std::invalid_argument("armature: ResponseCacheOptions::name is a token");
        if (options.max_content == 0 || options.clock == nullptr)
            throw std::invalid_argument(
                "armature: ResponseCacheOptions needs a max_content above 0 and a clock");
    }

    /// One request that goes on while others wait for it.
    struct Trip {
        cache::Flight flight{};
    };
    struct Boarding {
        std::shared_ptr<Trip> trip;
        bool leads;
    };
    Boarding board(const std::string& key) {
        const std::lock_guard lock(mutex_);
        std::shared_ptr<Trip>& trip = trips_[key];
        const bool leads = !trip;
        if (leads) trip = std::make_shared<Trip>();
        return {trip, leads};
    }
    void land(const std::string& key, Trip& trip) {
        {
            const std::lock_guard lock(mutex_);
            const auto found = trips_.find(key);
            if (found != trips_.end() && found->second.get() == &trip) trips_.erase(found);
        }
        trip.flight.land();
    }

    /// How often what is kept for such a key was invalidated: what was asked for before isn't kept.
    std::atomic<std::uint32_t>& generation(const std::string& key) noexcept {
        return generations_[std::hash<std::string>{}(key) % generations_.size()];
    }
    void invalidate(const std::string& key) {
        generation(key).fetch_add(1);
        {
            const std::lock_guard lock(mutex_);
            trips_.erase(key); // who comes now doesn't wait for it
        }
        options.cache.erase(key);
    }

    [[nodiscard]] std::shared_ptr<const Stored> find(const std::string& key, const Headers& request,
                                                     bool& has_other) const {
        const auto variants = options.cache.get<Variants>(key);
        if (!variants) return nullptr;
        for (const auto& one : variants->all)
            if (selects(*one, request)) return one;
        has_other = true;
        return nullptr;
    }
    void keep(const std::string& key, std::shared_ptr<const Stored> made, const Headers& request) {
        Variants next;
        next.all.push_back(std::move(made));
        std::int64_t seconds = 0;
        if (const auto before = options.cache.get<Variants>(key))
            for (const auto& one : before->all)
                if (next.all.size() < most_variants && !selects(*one, request))
                    next.all.push_back(one);
        for (const auto& one : next.all)
            seconds =
                std::max({seconds, one->lifetime +
                                       std::max({one->stale_while_revalidate, one->stale_if_error,
                                                 one->has_validator() ? kept_for_validation : 0})});
        options.cache.set(key, std::move(next), Keep{Duration::seconds(seconds)});
    }

    const ResponseCacheOptions options;

  private:
    std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Trip>> trips_;
    std::array<std::atomic<std::uint32_t>, 1024> generations_{};
};

namespace {

/// Ends a trip however its request ends.
class Landing {
  public:
    Landing(ResponseCache::State& state, const std::string& key) noexcept
        : state_(state), key_(key) {}
    Landing(const Landing&) = delete;
    Landing& operator=(const Landing&) = delete;
    ~Landing() {
        if (trip_) state_.land(key_, *trip_);
    }
    void takes(std::shared_ptr<ResponseCache::State::Trip> trip) { trip_ = std::move(trip); }

  private:
    ResponseCache::State& state_;
    const std::string& key_;
    std::shared_ptr<ResponseCache::State::Trip> trip_;
};

std::string key_of(const Request& request, std::string_view target) {
    std::string key{request.scheme()};
    key.append("://");
    for (const char c : request.authority())
        key += to_lower(c);
    return key.append(target);
}

std::string not_kept(const std::string& key) { return "not kept " + key; }

// The URL of a Location or Content-Location on the same site, as a target.
void invalidate_reference(ResponseCache::State& state, const Request& request,
                          const Headers& fields, Field field) {
    const auto text = fields.get(field);
    if (!text) return;
    const auto reference = Url::parse(*text);
    const auto base = Url::parse(key_of(request, request.target()));
    if (!reference || !base) return;
    const Url url = base->resolve(*reference);
    if (url.scheme() != base->scheme() || url.host() != base->host() || url.port() != base->port())
        return;
    std::string target = url.path();
    if (url.query()) target.append("?").append(*url.query());
    state.invalidate(key_of(request, target));
}

void say(Response& response, const std::string& status) {
    response.headers().append(Field::cache_status, status);
}

// What is kept, as the answer to this request, which keeps it as long.
Response answer(Request& request, std::shared_ptr<const Stored> stored, std::int64_t now) {
    const Stored& kept = *request.attach(std::move(stored));
    Response response{kept.status};
    response.headers().append_views(kept.fields);
    response.headers().append(Field::age,
                              std::to_string(std::max<std::int64_t>(0, kept.age_at(now))));
    response.body(Body{kept.content});
    return response;
}

// 304 if the client has it already (§4.3.2). `asked` are its fields, also those that were hidden
// from the handler.
void apply_conditions(Method method, const Headers& asked, Response& response) {
    if (response.status() != Status::ok || asked.empty()) return;
    Validators current;
    const std::string etag{response.headers().get(Field::etag).value_or("")};
    current.etag = etag;
    current.last_modified = date_in(response.headers(), Field::last_modified);
    if (current.etag.empty() && !current.last_modified) return;
    if (evaluate_preconditions(method, asked, current) != Precondition::not_modified) return;
    response.status(Status::not_modified);
    response.body().clear();
    response.headers().erase(Field::content_type);
}

} // namespace

ResponseCache::ResponseCache(ResponseCacheOptions options)
    : state_(std::make_shared<State>(std::move(options))) {}

Task<Response> ResponseCache::operator()(Request& request, Next next) const {
    State& state = *state_;
    const ResponseCacheOptions& options = state.options;
    const Method method = request.method();
    const std::string key = key_of(request, request.target());

    if (!is_read(method)) {
        Response response = co_await next(request);
        const unsigned code = status_code(response.status());
        if (!is_safe(method) && code >= 200 && code < 400) {
            state.invalidate(key);
            invalidate_reference(state, request, response.headers(), Field::location);
            invalidate_reference(state, request, response.headers(), Field::content_location);
        }
        say(response, options.name + "; fwd=method");
        co_return response;
    }

    CacheControl asked;
    if (options.obey_requests) {
        asked = CacheControl::of(request.headers());
        // Pragma counts where there is no Cache-Control (§5.4).
        if (!request.headers().contains(Field::cache_control) &&
            request.header(Field::pragma) == "no-cache")
            asked.no_cache = true;
    }
    if (asked.no_store || request.headers().contains(Field::range) ||
        request.headers().contains(Field::if_match) ||
        request.headers().contains(Field::if_unmodified_since) || !request.body().empty()) {
        Response response = co_await next(request);
        say(response, options.name + "; fwd=bypass");
        co_return response;
    }

    Landing landing{state, key};
    std::shared_ptr<const Stored> stored;
    std::string why;
    bool has_waited = false;
    for (;;) {
        bool has_other = false;
        stored = state.find(key, request.headers(), has_other);
        why = asked.no_cache ? "request" : has_other ? "vary-miss" : "uri-miss";
        if (stored && !asked.no_cache) {
            const std::int64_t now = options.clock();
            const std::int64_t age = stored->age_at(now);
            const std::int64_t left = stored->lifetime - age;
            const bool is_wanted = left >= asked.min_fresh.value_or(0) &&
                                   age <= asked.max_age.value_or(cache::most_seconds);
            const bool may_be_stale =
                asked.max_stale && !stored->must_revalidate && !stored->is_for_shared &&
                age <= asked.max_age.value_or(cache::most_seconds) && -left <= *asked.max_stale;
            if ((left > 0 && is_wanted) || may_be_stale) {
                Response response = answer(request, stored, now);
                apply_conditions(method, request.headers(), response);
                say(response, has_waited ? options.name + "; fwd=miss; collapsed"
                                         : options.name + "; hit; ttl=" + std::to_string(left));
                co_return response;
            }
            why = left > 0 ? "request" : "stale";
        }
        if (asked.only_if_cached) {
            Response response = Response::problem(Status::gateway_timeout, "It isn't in the cache");
            say(response, options.name + "; fwd=" + why + "; detail=only-if-cached");
            co_return response;
        }
        // Only one goes on, unless the answer there isn't kept anyway.
        if (asked.no_cache || has_waited || method == Method::head ||
            options.cache.get<NotKept>(not_kept(key)) != nullptr)
            break;
        const State::Boarding boarding = state.board(key);
        if (boarding.leads) {
            landing.takes(boarding.trip);
            break;
        }
        if (stored && why == "stale" && !stored->must_revalidate &&
            -(stored->lifetime - stored->age_at(options.clock())) <=
                stored->stale_while_revalidate) {
            const std::int64_t now = options.clock();
            Response response = answer(request, stored, now);
            apply_conditions(method, request.headers(), response);
            say(response, options.name + "; hit; ttl=" +
                              std::to_string(stored->lifetime - stored->age_at(now)));
            co_return response;
        }
        Task<> landed = cache::Flight::wait(
            std::shared_ptr<cache::Flight>{boarding.trip, &boarding.trip->flight});
        co_await std::move(landed);
        has_waited = true;
    }

    // The handler is asked for all of it, or whether what is kept is still right.
    Headers conditional;
    for (const Headers::Entry& field : request.headers())
        if (field.field() == Field::if_none_match || field.field() == Field::if_modified_since)
            conditional.append(field.field(), field.value());
    Headers& fields = request.mutable_headers();
    fields.erase(Field::if_none_match);
    fields.erase(Field::if_modified_since);
    const bool validates = stored && stored->has_validator();
    if (validates) {
        if (const auto etag = stored->fields.get(Field::etag))
            fields.append(Field::if_none_match, *etag);
        else
            fields.append(Field::if_modified_since, *stored->fields.get(Field::last_modified));
    }
    const std::atomic<std::uint32_t>& generation = state.generation(key);
    const std::uint32_t before = generation.load();
    Response response = co_await next(request);
    fields.erase(Field::if_none_match);
    fields.erase(Field::if_modified_since);
    for (const Headers::Entry& field : conditional)
        fields.append(field.field(), field.value());

    const std::int64_t now = options.clock();
    const std::string fwd_status = "; fwd-status=" + std::to_string(status_code(response.status()));
    std::string status = options.name + "; fwd=" + why;

    if (stored && is_failure(response.status()) && !stored->must_revalidate && !asked.no_cache &&
        stored->age_at(now) - stored->lifetime <= stored->stale_if_error) {
        response = answer(request, stored, now);
        apply_conditions(method, conditional, response);
        say(response, status + fwd_status);
        co_return response;
    }

    const CacheControl said = CacheControl::of(response.headers());
    const std::optional<std::int64_t> lifetime = lifetime_of(said, response.headers());
    const auto made_fresh = [&](Stored& made) {
        made.since = now;
        made.age = initial_age(response.headers());
        made.lifetime = said.no_cache ? 0 : lifetime.value_or(0);
        made.must_revalidate = said.must_revalidate || said.no_cache;
        made.is_for_shared = said.s_maxage.has_value();
        made.stale_while_revalidate = said.stale_while_revalidate.value_or(0);
        made.stale_if_error = said.stale_if_error.value_or(0);
    };

    if (validates && response.status() == Status::not_modified) {
        // §4.3.4: what the 304 says replaces what is kept.
        auto made = std::make_shared<Stored>(*stored);
        Headers newer = response.headers();
        erase_connection_fields(newer);
        for (const Headers::Entry& field : newer)
            made->fields.erase(field.name());
        for (const Headers::Entry& field : newer)
            made->fields.append(field.name(), field.value());
        if (said.no_cache || lifetime)
            made_fresh(*made);
        else {
            made->since = now;
            made->age = 0;
        }
        const bool keeps = !said.no_store && !said.is_private && generation.load() == before;
        made->fields.join();
        if (keeps) state.keep(key, made, request.headers());
        response = answer(request, made, now);
        apply_conditions(method, conditional, response);
        say(response, status + fwd_status + (keeps ? "; stored" : ""));
        co_return response;
    }

    Headers& its = response.headers();
    const bool may_share = !request.headers().contains(Field::authorization) || said.is_public ||
                           said.s_maxage || said.must_revalidate;
    const bool is_of_use = (lifetime && *lifetime > 0 && !said.no_cache) ||
                           ((said.no_cache || lifetime) &&
                            (its.contains(Field::etag) || its.contains(Field::last_modified)));
    const bool keeps = method == Method::get && may_be_kept(response.status()) && !said.no_store &&
                       !said.is_private && is_of_use && may_share &&
                       !its.contains(Field::set_cookie) && !varies_by_anything(its) &&
                       response.body().in_memory() && !response.upgrade_handler() &&
                       response.body().text().size() <= options.max_content && its.size() < 255;
    if (keeps && generation.load() == before) {
        auto made = std::make_shared<Stored>();
        made->status = response.status();
        made->fields = its;
        erase_connection_fields(made->fields);
        made->fields.join();
        made->content = std::make_shared<const std::string>(response.body().text());
        made->selectors = selectors_of(request.headers(), its);
        made_fresh(*made);
        response.body(Body{made->content});
        state.keep(key, std::move(made), request.headers());
        status += "; stored";
    } else if (!keeps && method == Method::get && !is_failure(response.status())) {
        options.cache.set(not_kept(key), NotKept{}, Keep{not_kept_for});
    }
    apply_conditions(method, conditional, response);
    say(response, status);
    co_return response;
}

} // namespace armature
