#include "core/characters.hpp"

#include <armature/core/media_type.hpp>

#include <algorithm>
#include <iterator>

namespace armature {
namespace {

struct Parameter {
    std::string_view name;
    std::string_view value; // raw: a token, or a quoted string with its quotes
};

bool is_quoted_string(std::string_view text) noexcept {
    if (text.size() < 2 || text.front() != '"' || text.back() != '"') return false;
    for (std::size_t i = 1; i + 1 < text.size(); ++i) {
        if (text[i] == '"') return false;
        if (text[i] == '\\' && ++i + 1 == text.size()) return false;
    }
    return is_field_value(text);
}

// Takes parameters = *( OWS ";" OWS [ parameter ] ), RFC 9110 §5.6.6, one at a time from text that
// starts with ';'. False at the end or where the text is malformed, which leaves `rest` non-empty.
bool take_parameter(std::string_view& rest, Parameter& parameter) noexcept {
    std::string_view after = rest;
    while (after.starts_with(';')) {
        after.remove_prefix(1);
        std::string_view behind = after;
        const std::string_view part = take_part(behind, ';');
        // `take_part` swallows the semicolon; the next round wants to see it.
        const bool last = behind.data() == nullptr;
        after = last ? std::string_view{} : std::string_view(behind.data() - 1, behind.size() + 1);
        if (part.empty()) {
            rest = after;
            continue;
        }
        const std::size_t equals = part.find('=');
        if (equals == part.npos) return false;
        parameter = {part.substr(0, equals), part.substr(equals + 1)};
        if (!is_token(parameter.name)) return false;
        if (!is_token(parameter.value) && !is_quoted_string(parameter.value)) return false;
        rest = after;
        return true;
    }
    return false;
}

// Reads the raw value of a parameter character by character, without quotes and escapes.
class ValueReader {
  public:
    explicit ValueReader(std::string_view raw) noexcept : rest_(raw) {
        if (rest_.starts_with('"'))
            rest_ = rest_.substr(1, rest_.size() - 2);
        else
            escapes_ = false;
    }
    bool next(char& c) noexcept {
        if (rest_.empty()) return false;
        if (escapes_ && rest_.front() == '\\') rest_.remove_prefix(1);
        c = rest_.front();
        rest_.remove_prefix(1);
        return true;
    }

  private:
    std::string_view rest_;
    bool escapes_ = true;
};

// Values are compared in any case of letters: it is right for charset and the like, and a range
// whose parameter differs from an offer's only in case is hardly meant to exclude it.
bool equal_values(std::string_view a, std::string_view b) noexcept {
    ValueReader left(a);
    ValueReader right(b);
    for (char l = 0, r = 0;;) {
        const bool more_left = left.next(l);
        const bool more_right = right.next(r);
        if (!more_left || !more_right) return more_left == more_right;
        if (to_lower(l) != to_lower(r)) return false;
    }
}

bool has_parameter(std::string_view parameters, const Parameter& wanted) noexcept {
    Parameter parameter;
    while (take_parameter(parameters, parameter))
        if (equal_ignoring_case(parameter.name, wanted.name) &&
            equal_values(parameter.value, wanted.value))
            return true;
    return false;
}

// qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] ), in thousandths. Widely used
// clients leave out the zero before the point or write more digits; both are let pass.
std::optional<int> parse_quality(std::string_view text) noexcept {
    int quality = 0;
    if (text.starts_with('0') || text.starts_with('1')) {
        quality = (text[0] - '0') * 1000;
        text.remove_prefix(1);
        if (text.empty()) return quality;
    } else if (text.size() < 2) {
        return std::nullopt;
    }
    if (text[0] != '.') return std::nullopt;
    text.remove_prefix(1);
    for (int weight = 100; !text.empty(); text.remove_prefix(1), weight /= 10) {
        if (!is_digit(text[0])) return std::nullopt;
        quality += (text[0] - '0') * weight;
    }
    if (quality > 1000) return std::nullopt;
    return quality;
}

// The quality among the parameters of a list element; 1 if none is given, nullopt if malformed.
std::optional<int> quality_in(std::string_view parameters) noexcept {
    Parameter parameter;
    while (take_parameter(parameters, parameter))
        if (equal_ignoring_case(parameter.name, "q")) return parse_quality(parameter.value);
    if (!parameters.empty()) return std::nullopt;
    return 1000;
}

// An element of Accept-Encoding or Accept-Language: a word and its quality.
struct WeightedWord {
    std::string_view word;
    int quality = 0;
};

std::optional<WeightedWord> parse_weighted_word(std::string_view element) noexcept {
    WeightedWord weighted;
    weighted.word = trim(element.substr(0, element.find(';')));
    const std::size_t end = std::min(element.find(';'), element.size());
    const auto quality = quality_in(element.substr(end));
    if (!is_token(weighted.word) || !quality) return std::nullopt;
    weighted.quality = *quality;
    return weighted;
}

// A field's lines: those of a request, or one value.
class Lines {
  public:
    explicit Lines(std::string_view value) noexcept : value_(value) {}
    Lines(const Headers& headers, Field field) noexcept : headers_(&headers), field_(field) {}

    // Calls `visit` for each element of the list that the lines make together.
    template <class Visit>
    void for_each_element(Visit&& visit) const {
        const auto split = [&](std::string_view line) {
            while (!line.empty())
                if (const std::string_view element = take_part(line, ','); !element.empty())
                    visit(element);
        };
        if (headers_)
            headers_->all(field_, split);
        else
            split(value_);
    }
    bool empty() const noexcept {
        bool empty = true;
        for_each_element([&](std::string_view) { empty = false; });
        return empty;
    }

  private:
    std::string_view value_;
    const Headers* headers_ = nullptr;
    Field field_ = Field::other;
};

template <class QualityOf>
std::optional<std::size_t> best_offer(std::span<const std::string_view> offers,
                                      QualityOf quality_of) noexcept {
    std::optional<std::size_t> best;
    int best_quality = 0;
    for (std::size_t i = 0; i < offers.size(); ++i) {
        const int quality = quality_of(offers[i]);
        if (quality <= best_quality) continue;
        best = i;
        best_quality = quality;
    }
    return best;
}

// How narrow a range is: */*, type/*, type/subtype, and then by its parameters.
int specificity(const MediaType& range) noexcept {
    if (range.type() == "*") return 1;
    if (range.subtype() == "*") return 2;
    int result = 3;
    std::string_view parameters = range.parameters();
    Parameter parameter;
    while (take_parameter(parameters, parameter))
        if (!equal_ignoring_case(parameter.name, "q")) ++result;
    return result;
}

int media_type_quality(const Lines& accept, std::string_view offer) noexcept {
    const auto type = MediaType::parse(offer);
    if (!type) return 0;
    int quality = 0;
    int best_specificity = 0;
    accept.for_each_element([&](std::string_view element) {
        const auto range = MediaType::parse(element);
        if (!range || !type->matches(*range)) return;
        const auto range_quality = quality_in(range->parameters());
        const int range_specificity = specificity(*range);
        if (!range_quality || range_specificity <= best_specificity) return;
        quality = *range_quality;
        best_specificity = range_specificity;
    });
    return quality;
}

std::optional<std::size_t> choose_media_type(const Lines& accept,
                                             std::span<const std::string_view> offers) noexcept {
    if (accept.empty()) return offers.empty() ? std::nullopt : std::optional<std::size_t>(0);
    return best_offer(offers,
                      [&](std::string_view offer) { return media_type_quality(accept, offer); });
}

bool same_coding(std::string_view a, std::string_view b) noexcept {
    // RFC 9110 §8.4.1: x-gzip and x-compress are the same as gzip and compress.
    const auto plain = [](std::string_view coding) {
        const bool old =
            equal_ignoring_case(coding, "x-gzip") || equal_ignoring_case(coding, "x-compress");
        return old ? coding.substr(2) : coding;
    };
    return equal_ignoring_case(plain(a), plain(b));
}

int encoding_quality(const Lines& accept, std::string_view offer) noexcept {
    std::optional<int> named;
    std::optional<int> any;
    accept.for_each_element([&](std::string_view element) {
        const auto coding = parse_weighted_word(element);
        if (!coding) return;
        if (coding->word == "*" && !any) any = coding->quality;
        if (same_coding(coding->word, offer) && !named) named = coding->quality;
    });
    // Doubled, so that identity which the field doesn't mention comes below any quality.
    if (named) return *named * 2;
    if (any) return *any * 2;
    return equal_ignoring_case(offer, "identity") ? 1 : 0;
}

std::optional<std::size_t> choose_encoding(const Lines& accept,
                                           std::span<const std::string_view> offers) noexcept {
    return best_offer(offers,
                      [&](std::string_view offer) { return encoding_quality(accept, offer); });
}

// RFC 4647 §3.4: cuts the last subtag, and with it a single letter before it.
std::string_view shorten(std::string_view range) noexcept {
    const std::size_t hyphen = range.rfind('-');
    if (hyphen == range.npos) return {};
    range = range.substr(0, hyphen);
    if (range.size() >= 2 && range[range.size() - 2] == '-') range.remove_suffix(2);
    return range;
}

std::optional<std::size_t> look_up(std::string_view range,
                                   std::span<const std::string_view> offers) noexcept {
    for (; !range.empty(); range = shorten(range))
        for (std::size_t i = 0; i < offers.size(); ++i)
            if (equal_ignoring_case(offers[i], range)) return i;
    return std::nullopt;
}

bool is_refused(const Lines& accept, std::string_view offer) noexcept {
    bool refused = false;
    accept.for_each_element([&](std::string_view element) {
        const auto range = parse_weighted_word(element);
        if (range && range->quality == 0 && equal_ignoring_case(range->word, offer)) refused = true;
    });
    return refused;
}

std::optional<std::size_t> first_not_refused(const Lines& accept,
                                             std::span<const std::string_view> offers) noexcept {
    for (std::size_t i = 0; i < offers.size(); ++i)
        if (!is_refused(accept, offers[i])) return i;
    return std::nullopt;
}

std::optional<std::size_t> choose_language(const Lines& accept,
                                           std::span<const std::string_view> offers) noexcept {
    std::optional<std::size_t> best;
    int best_quality = 0;
    accept.for_each_element([&](std::string_view element) {
        const auto range = parse_weighted_word(element);
        if (!range || range->quality <= best_quality) return;
        const auto offer =
            range->word == "*" ? first_not_refused(accept, offers) : look_up(range->word, offers);
        if (!offer || is_refused(accept, offers[*offer])) return;
        best = offer;
        best_quality = range->quality;
    });
    return best;
}

struct Extension {
    std::string_view extension;
    std::string_view media_type;
};

constexpr Extension extensions[] = {
    {"7z", "application/x-7z-compressed"},
    {"aac", "audio/aac"},
    {"avif", "image/avif"},
    {"bmp", "image/bmp"},
    {"bz2", "application/x-bzip2"},
    {"css", media_types::css},
    {"csv", media_types::csv},
    {"doc", "application/msword"},
    {"docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
    {"eot", "application/vnd.ms-fontobject"},
    {"epub", "application/epub+zip"},
    {"flac", "audio/flac"},
    {"gif", "image/gif"},
    {"gz", "application/gzip"},
    {"htm", media_types::html},
    {"html", media_types::html},
    {"ico", "image/x-icon"},
    {"ics", "text/calendar; charset=utf-8"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", media_types::javascript},
    {"json", media_types::json},
    {"jsonld", "application/ld+json"},
    {"m4a", "audio/mp4"},
    {"map", media_types::json},
    {"md", "text/markdown; charset=utf-8"},
    {"mid", "audio/midi"},
    {"mjs", media_types::javascript},
    {"mov", "video/quicktime"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"mpeg", "video/mpeg"},
    {"odp", "application/vnd.oasis.opendocument.presentation"},
    {"ods", "application/vnd.oasis.opendocument.spreadsheet"},
    {"odt", "application/vnd.oasis.opendocument.text"},
    {"ogg", "audio/ogg"},
    {"ogv", "video/ogg"},
    {"opus", "audio/ogg"},
    {"otf", "font/otf"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"ppt", "application/vnd.ms-powerpoint"},
    {"pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
    {"rtf", "application/rtf"},
    {"svg", "image/svg+xml"},
    {"tar", "application/x-tar"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"ttf", "font/ttf"},
    {"txt", media_types::text},
    {"wasm", "application/wasm"},
    {"wav", "audio/wav"},
    {"weba", "audio/webm"},
    {"webm", "video/webm"},
    {"webmanifest", "application/manifest+json"},
    {"webp", "image/webp"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"xhtml", "application/xhtml+xml"},
    {"xls", "application/vnd.ms-excel"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
    {"xml", media_types::xml},
    {"yaml", "application/yaml"},
    {"yml", "application/yaml"},
    {"zip", "application/zip"},
    {"zst", "application/zstd"},
};
static_assert(std::ranges::is_sorted(extensions, {}, &Extension::extension));
constexpr std::size_t longest_extension =
    std::ranges::max(extensions, {}, [](const Extension& known) {
        return known.extension.size();
    }).extension.size();

} // namespace

std::optional<MediaType> MediaType::parse(std::string_view text) noexcept {
    text = trim(text);
    MediaType media_type;
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view essence = trim(text.substr(0, end));
    const std::size_t slash = essence.find('/');
    if (slash == essence.npos) return std::nullopt;
    media_type.type_ = essence.substr(0, slash);
    media_type.subtype_ = essence.substr(slash + 1);
    media_type.parameters_ = text.substr(end);
    if (!is_token(media_type.type_) || !is_token(media_type.subtype_)) return std::nullopt;
    std::string_view rest = media_type.parameters_;
    Parameter parameter;
    while (take_parameter(rest, parameter)) {
    }
    if (!rest.empty()) return std::nullopt;
    return media_type;
}

std::string_view MediaType::suffix() const noexcept {
    const std::size_t plus = subtype_.rfind('+');
    return plus == subtype_.npos ? std::string_view{} : subtype_.substr(plus + 1);
}

bool MediaType::is(std::string_view essence) const noexcept {
    const std::size_t slash = essence.find('/');
    return slash != essence.npos && equal_ignoring_case(essence.substr(0, slash), type_) &&
           equal_ignoring_case(essence.substr(slash + 1), subtype_);
}

bool MediaType::is_json() const noexcept {
    return is(media_types::json) || equal_ignoring_case(suffix(), "json");
}

bool MediaType::matches(const MediaType& range) const noexcept {
    if (range.type_ != "*" && !equal_ignoring_case(range.type_, type_)) return false;
    if (range.subtype_ != "*" && !equal_ignoring_case(range.subtype_, subtype_)) return false;
    std::string_view parameters = range.parameters_;
    Parameter parameter;
    while (take_parameter(parameters, parameter))
        if (!equal_ignoring_case(parameter.name, "q") && !has_parameter(parameters_, parameter))
            return false;
    return true;
}

std::optional<std::string> MediaType::parameter(std::string_view name) const {
    std::string_view parameters = parameters_;
    Parameter parameter;
    while (take_parameter(parameters, parameter)) {
        if (!equal_ignoring_case(parameter.name, name)) continue;
        std::string value;
        ValueReader reader(parameter.value);
        for (char c = 0; reader.next(c);)
            value += c;
        return value;
    }
    return std::nullopt;
}

std::optional<std::size_t> negotiate_media_type(std::string_view accept,
                                                std::span<const std::string_view> offers) noexcept {
    return choose_media_type(Lines(accept), offers);
}

std::optional<std::size_t> negotiate_media_type(const Headers& request,
                                                std::span<const std::string_view> offers) noexcept {
    return choose_media_type(Lines(request, Field::accept), offers);
}

std::optional<std::size_t> negotiate_encoding(std::string_view accept_encoding,
                                              std::span<const std::string_view> offers) noexcept {
    return choose_encoding(Lines(accept_encoding), offers);
}

std::optional<std::size_t> negotiate_encoding(const Headers& request,
                                              std::span<const std::string_view> offers) noexcept {
    return choose_encoding(Lines(request, Field::accept_encoding), offers);
}

std::optional<std::size_t> negotiate_language(std::string_view accept_language,
                                              std::span<const std::string_view> offers) noexcept {
    return choose_language(Lines(accept_language), offers);
}

std::optional<std::size_t> negotiate_language(const Headers& request,
                                              std::span<const std::string_view> offers) noexcept {
    return choose_language(Lines(request, Field::accept_language), offers);
}

std::string_view media_type_for_extension(std::string_view extension) noexcept {
    if (extension.size() > longest_extension) return media_types::octet_stream;
    char lower[longest_extension];
    std::ranges::transform(extension, lower, to_lower);
    const std::string_view wanted{lower, extension.size()};
    const Extension* const known =
        std::ranges::lower_bound(extensions, wanted, {}, &Extension::extension);
    return known != std::end(extensions) && known->extension == wanted ? known->media_type
                                                                       : media_types::octet_stream;
}

} // namespace armature
