// Feeds one input to every parser of the core area. The first byte chooses the parser, so that a
// corpus file says what it is for; the rest is the text.
#include <armature/core/cookie.hpp>
#include <armature/core/etag.hpp>
#include <armature/core/http_date.hpp>
#include <armature/core/media_type.hpp>
#include <armature/core/range.hpp>
#include <armature/core/url.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

using namespace armature;

namespace {

void expect(bool condition) {
    if (!condition) std::abort();
}

bool within(std::string_view part, std::string_view whole) {
    return part.empty() || (part.data() >= whole.data() &&
                            part.data() + part.size() <= whole.data() + whole.size());
}

void fuzz_percent(std::string_view text) {
    std::string decoded;
    for (const EncodeSet set : {EncodeSet::path_segment, EncodeSet::query_component}) {
        expect(percent_decode(percent_encode(text, set), decoded));
        expect(decoded == text);
    }
    expect(form_decode(percent_encode(text, EncodeSet::query_component)) == text);
    if (percent_decode(text, decoded, true)) expect(decoded == form_decode(text));
    std::string in_place(text);
    const auto size = percent_decode(in_place, in_place.data());
    expect(size.has_value() == percent_decode(text, decoded));
    if (size) expect(in_place.substr(0, *size) == decoded);
}

void fuzz_target(std::string_view text) {
    const auto parts = split_target(text);
    if (!parts) return;
    expect(within(parts->query.value_or(""), text));
    expect(parts->form == TargetForm::authority || parts->form == TargetForm::asterisk ||
           parts->path.starts_with('/'));
    if (!parts->authority.empty()) expect(valid_host(parts->authority));
    if (parts->form != TargetForm::origin) return;
    std::string again(parts->path);
    if (parts->query) again.append("?").append(*parts->query);
    expect(again == text);
}

void fuzz_url(std::string_view text) {
    const auto url = Url::parse(text);
    if (!url) return;
    const auto again = Url::parse(url->to_string());
    expect(again && again->to_string() == url->to_string());
    expect(again->host() == url->host() && again->port() == url->port());
    const Url resolved = Url::parse("http://a/b/c/d;p?q")->resolve(*url);
    expect(Url::parse(resolved.to_string()).has_value());
    expect(resolved.has_authority() || url->is_absolute());
    const std::string path = remove_dot_segments("/" + std::string(text));
    expect(path.starts_with('/') && remove_dot_segments(path) == path);
    expect(path.find("/../") == path.npos && !path.ends_with("/.."));
}

void fuzz_query(std::string_view text) {
    const QueryPairs query = QueryPairs::parse(text, 50);
    expect(query.size() <= 50);
    const QueryPairs again = QueryPairs::parse(query.to_string());
    expect(again.size() == query.size());
    auto pair = again.begin();
    for (const QueryPairs::Pair& expected : query) {
        expect(pair->name == expected.name && pair->value == expected.value);
        ++pair;
    }
}

void fuzz_cookie(std::string_view text) {
    for (const CookieView::Pair& pair : CookieView(text))
        expect(within(pair.name, text) && within(pair.value, text));
    std::string set_cookie;
    try {
        const std::size_t half = text.size() / 2;
        set_cookie = SetCookie(text.substr(0, half), text.substr(half)).to_string();
    } catch (const std::exception&) {
        return;
    }
    Headers request;
    expect(request.try_append("cookie", set_cookie));
    expect(find_cookie(request, text.substr(0, text.size() / 2)) == text.substr(text.size() / 2));
}

void fuzz_media_type(std::string_view text) {
    if (const auto type = MediaType::parse(text)) {
        expect(type->matches(*MediaType::parse("*/*")));
        expect(within(type->parameters(), text));
        (void)type->parameter("charset");
        (void)type->is_json();
    }
    const std::vector<std::string_view> offers = {"text/html", "application/json;v=\"1\"", "en-US",
                                                  "gzip", "identity"};
    for (const auto index : {negotiate_media_type(text, offers), negotiate_encoding(text, offers),
                             negotiate_language(text, offers)})
        expect(!index || *index < offers.size());
}

void fuzz_date(std::string_view text) {
    const auto seconds = parse_http_date(text);
    if (!seconds) return;
    char written[http_date_size];
    write_http_date(*seconds, written);
    // A leap second at the very end of the calendar has no spelling of its own.
    const auto again = parse_http_date({written, http_date_size});
    expect(again == seconds || *seconds == 253402300800);
}

void fuzz_range(std::string_view text) {
    for (const std::uint64_t size :
         {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1000}, std::uint64_t{0} - 1}) {
        const RangeRequest request = RangeRequest::parse(text, size);
        expect((request.kind() == RangeRequest::Kind::partial) == !request.ranges().empty());
        expect(request.ranges().size() <= RangeRequest::max_ranges);
        for (const ByteRange& a : request.ranges()) {
            expect(a.first <= a.last && a.last < size);
            for (const ByteRange& b : request.ranges())
                expect(&a == &b || a.last + 1 < b.first || b.last + 1 < a.first);
        }
    }
}

void fuzz_preconditions(std::string_view text) {
    if (const auto tag = EntityTag::parse(text)) expect(weak_equal(*tag, *tag));
    Headers request;
    if (!request.try_append("if-none-match", text) || !request.try_append("if-range", text)) return;
    const Validators current{.exists = true, .etag = "\"a\"", .last_modified = 784111777};
    expect(evaluate_preconditions(Method::get, request, current) !=
           Precondition::precondition_failed);
    (void)range_is_current(request, current);
}

constexpr void (*parsers[])(std::string_view) = {
    fuzz_percent,    fuzz_target, fuzz_url,   fuzz_query,         fuzz_cookie,
    fuzz_media_type, fuzz_date,   fuzz_range, fuzz_preconditions,
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    // A digit, so that seeds are readable; any other byte is taken too.
    const std::size_t choice = static_cast<std::size_t>(data[0] - '0') % std::size(parsers);
    // A copy of its own, so that a read behind the end is seen.
    const std::vector<char> text(data + 1, data + size);
    parsers[choice]({text.data(), text.size()});
    return 0;
}
