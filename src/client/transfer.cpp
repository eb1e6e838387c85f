#include "client/transfer.hpp"

#include "client/public_address.hpp"

#include <armature/core/error.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

namespace armature::client {

namespace {

// So much of a response is kept before its reader has to take it.
constexpr std::size_t receive_bytes = 256 * 1024;

ClientError::Kind kind_of(CURLcode code) noexcept {
    using Kind = ClientError::Kind;
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return Kind::resolve;
    case CURLE_COULDNT_CONNECT:
        return Kind::connect;
    case CURLE_OPERATION_TIMEDOUT:
        return Kind::timeout;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
        return Kind::tls;
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
        return Kind::broken;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return Kind::url;
    default:
        return Kind::protocol;
    }
}

} // namespace

Transfer::Transfer(Engine& engine, const Parameters& parameters)
    : engine_(engine), easy_(curl_easy_init()) {
    if (easy_ == nullptr) throw std::bad_alloc{};
    const ClientOptions& options = engine.options();
    const auto set = [this](CURLoption option, auto value) {
        curl_easy_setopt(easy_, option, value);
    };
    set(CURLOPT_PRIVATE, this);
    set(CURLOPT_ERRORBUFFER, error_);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_URL, parameters.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    set(CURLOPT_PIPEWAIT, 1L); // a second request waits for the HTTP/2 connection of the first
    set(CURLOPT_ACCEPT_ENCODING, "");
    set(CURLOPT_PROXY, ""); // none, whatever the environment says
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(parameters.timeout.count()));
    if (!options.authorities.empty()) {
        curl_blob authorities{const_cast<char*>(options.authorities.data()),
                              options.authorities.size(), CURL_BLOB_NOCOPY};
        curl_easy_setopt(easy_, CURLOPT_CAINFO_BLOB, &authorities);
    }
    if (options.public_addresses_only) {
        set(CURLOPT_OPENSOCKETFUNCTION, &on_open);
        set(CURLOPT_OPENSOCKETDATA, this);
    }
    set(CURLOPT_HEADERFUNCTION, &on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_WRITEFUNCTION, &on_content);
    set(CURLOPT_WRITEDATA, this);

    set_content(parameters.body);
    const std::string_view method = to_string(parameters.method);
    if (parameters.method == Method::head) set(CURLOPT_NOBODY, 1L);
    if (parameters.method != Method::get || sending_ != nullptr)
        set(CURLOPT_CUSTOMREQUEST, std::string{method}.c_str());
    const auto add = [this](const std::string& line) {
        curl_slist* longer = curl_slist_append(fields_, line.c_str());
        if (longer == nullptr) throw std::bad_alloc{};
        fields_ = longer;
    };
    for (const Headers::Entry& field : parameters.headers)
        add(std::string{field.name()}
                .append(field.value().empty() ? ";" : ": ")
                .append(field.value()));
    if (!parameters.headers.contains(Field::user_agent)) add("user-agent: " + options.user_agent);
    if (!parameters.headers.contains(Field::expect)) add("expect:"); // libcurl would wait a second
    set(CURLOPT_HTTPHEADER, fields_);
    engine_.add(*this);
    is_added_ = true;
}

Transfer::~Transfer() {
    pump_ = Task<>{};
    if (is_added_) engine_.remove(*this);
    curl_easy_cleanup(easy_);
    curl_slist_free_all(fields_);
}

// --- the request's content ----------------------------------------------------------------------

void Transfer::set_content(Body& body) {
    if (body.kind() == Body::Kind::empty) return;
    sending_ = &body;
    rest_ = body.text();
    const std::optional<std::uint64_t> size = body.size();
    curl_easy_setopt(easy_, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &on_read);
    curl_easy_setopt(easy_, CURLOPT_READDATA, this);
    curl_easy_setopt(easy_, CURLOPT_SEEKFUNCTION, &on_seek);
    curl_easy_setopt(easy_, CURLOPT_SEEKDATA, this);
    curl_easy_setopt(easy_, CURLOPT_INFILESIZE_LARGE,
                     size ? static_cast<curl_off_t>(*size) : curl_off_t{-1});
    if (body.kind() == Body::Kind::stream) pump_ = pump(body.stream());
}

void Transfer::keep_content(Body&& body) {
    if (sending_ == nullptr) return;
    const std::size_t sent = body.in_memory() ? body.text().size() - rest_.size() : 0;
    content_ = std::move(body);
    sending_ = &content_;
    if (content_.in_memory()) rest_ = content_.text().substr(sent);
}

Task<> Transfer::pump(BodyStream& stream) {
    while (const std::optional<std::string_view> piece = co_await stream.next()) {
        rest_ = *piece;
        if (std::exchange(sending_is_paused_, false)) engine_.unpause(*this);
        co_await piece_sent_.wait();
    }
    content_is_over_ = true;
    if (std::exchange(sending_is_paused_, false)) engine_.unpause(*this);
}

std::size_t Transfer::on_read(char* to, std::size_t one, std::size_t count, void* of) {
    auto& self = *static_cast<Transfer*>(of);
    const std::size_t room = one * count;
    if (self.sending_->kind() == Body::Kind::file) {
        const FileRegion& file = self.sending_->file();
        const std::uint64_t left = file.size - self.file_done_;
        const ssize_t got =
            ::pread(file.file->descriptor(), to, std::min<std::uint64_t>(room, left),
                    static_cast<off_t>(file.offset + self.file_done_));
        if (got < 0) return CURL_READFUNC_ABORT;
        self.file_done_ += static_cast<std::uint64_t>(got);
        return static_cast<std::size_t>(got);
    }
    if (self.rest_.empty() && self.sending_->kind() == Body::Kind::stream &&
        !self.content_is_over_) {
        if (self.content_failed_) return CURL_READFUNC_ABORT;
        self.sending_is_paused_ = true;
        self.engine_.mark_ready(self);
        return CURL_READFUNC_PAUSE;
    }
    const std::size_t size = std::min(room, self.rest_.size());
    std::memcpy(to, self.rest_.data(), size);
    self.rest_.remove_prefix(size);
    return size;
}

// libcurl begins again when a connection that was kept turns out to be closed.
int Transfer::on_seek(void* of, curl_off_t offset, int origin) {
    auto& self = *static_cast<Transfer*>(of);
    if (origin != SEEK_SET || self.sending_->kind() == Body::Kind::stream)
        return CURL_SEEKFUNC_FAIL;
    if (self.sending_->kind() == Body::Kind::file)
        self.file_done_ = static_cast<std::uint64_t>(offset);
    else
        self.rest_ = self.sending_->text().substr(static_cast<std::size_t>(offset));
    return CURL_SEEKFUNC_OK;
}

// --- the response -------------------------------------------------------------------------------

std::size_t Transfer::on_header(char* data, std::size_t one, std::size_t size, void* self) {
    try {
        return static_cast<Transfer*>(self)->header({data, one * size});
    } catch (...) {
        return 0;
    }
}

std::size_t Transfer::header(std::string_view line) {
    const std::size_t size = line.size();
    head_bytes_ += size;
    if (head_bytes_ > engine_.options().head_bytes) return 0;
    while (line.ends_with('\n') || line.ends_with('\r'))
        line.remove_suffix(1);
    if (line.starts_with("HTTP/")) {
        headers_.clear(); // those before were an interim response's
        return size;
    }
    if (!line.empty()) {
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) return size;
        std::string_view value = line.substr(colon + 1);
        while (value.starts_with(' '))
            value.remove_prefix(1);
        // Trailers come here too, when the head is with its reader.
        Headers& fields = head_is_complete_ ? trailers_ : headers_;
        return fields.try_append(line.substr(0, colon), value) ? size : 0;
    }
    long code = 0;
    long version = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &code);
    curl_easy_getinfo(easy_, CURLINFO_HTTP_VERSION, &version);
    if (code < 200 || head_is_complete_) return size;
    status_ = static_cast<Status>(code);
    http_version_ = version == CURL_HTTP_VERSION_2_0 ? 2 : 1;
    head_is_complete_ = true;
    engine_.mark_ready(*this);
    return size;
}

std::size_t Transfer::on_content(char* data, std::size_t one, std::size_t size, void* of) {
    auto& self = *static_cast<Transfer*>(of);
    if (self.received_.size() >= receive_bytes) {
        self.receiving_is_paused_ = true;
        return CURL_WRITEFUNC_PAUSE; // libcurl gives the same bytes again
    }
    try {
        self.received_.append(data, one * size);
        self.engine_.mark_ready(self);
        return one * size;
    } catch (...) {
        return 0;
    }
}

// The name was resolved, and this is what libcurl would connect to.
curl_socket_t Transfer::on_open(void* of, curlsocktype, curl_sockaddr* address) {
    auto& self = *static_cast<Transfer*>(of);
    if (!is_public(address->addr)) {
        self.address_is_refused_ = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void Transfer::completed(CURLcode result) {
    result_ = result;
    engine_.mark_ready(*this);
}

void Transfer::resume() {
    if (sending_is_paused_) {
        if (piece_sent_.is_taken()) {
            // Content may have come meanwhile: its reader's turn is next.
            if (waiter_.is_taken()) engine_.mark_ready(*this);
            return piece_sent_.resume();
        }
        if (pump_ && !content_is_over_) {
            const auto done = [](void* of) {
                auto& self = *static_cast<Transfer*>(of);
                try {
                    self.pump_.take_result();
                } catch (...) {
                    self.content_failed_ = true;
                    if (std::exchange(self.sending_is_paused_, false)) self.engine_.unpause(self);
                }
            };
            if (!std::exchange(pump_is_started_, true) && pump_.start(done, this, nullptr))
                done(this);
        }
    }
    if (head_is_complete_ || result_) waiter_.resume();
}

void Transfer::fail_if_over() {
    if (result_ == CURLE_COULDNT_CONNECT && address_is_refused_)
        throw ClientError{ClientError::Kind::address, "the host isn't on the public Internet"};
    if (result_ && *result_ != CURLE_OK)
        throw ClientError{kind_of(*result_),
                          error_[0] != '\0' ? error_ : curl_easy_strerror(*result_)};
}

Task<> Transfer::head() {
    while (!head_is_complete_) {
        fail_if_over();
        if (result_) throw ClientError{ClientError::Kind::protocol, "the server gave no response"};
        co_await waiter_.wait();
    }
}

Task<std::optional<std::string_view>> Transfer::next() {
    for (;;) {
        if (!received_.empty()) {
            std::swap(reading_, received_);
            received_.clear();
            if (std::exchange(receiving_is_paused_, false)) engine_.unpause(*this);
            co_return std::string_view{reading_};
        }
        fail_if_over();
        if (result_) co_return std::nullopt;
        co_await waiter_.wait();
    }
}

} // namespace armature::client
