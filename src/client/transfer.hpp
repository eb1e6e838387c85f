#pragma once

#include "client/engine.hpp"

#include <armature/core/cancellable_wait.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace armature::client {

/// One request on its way and its response: libcurl's easy handle.
class Transfer {
  public:
    struct Parameters {
        Method method;
        std::string url;
        const Headers& headers;
        Body& body; ///< lives until `keep_content`
        Duration timeout;
    };
    Transfer(Engine& engine, const Parameters& parameters);
    ~Transfer();
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    /// Ends when the response's head has come. Throws `ClientError`.
    [[nodiscard]] Task<> head();
    /// The server may answer before it has all of the request's content: the rest is sent on.
    void keep_content(Body&& body);
    /// The next content, or nullopt at its end. Throws `ClientError`.
    [[nodiscard]] Task<std::optional<std::string_view>> next();

    [[nodiscard]] Status status() const noexcept { return status_; }
    [[nodiscard]] Headers& headers() noexcept { return headers_; }
    /// Fields behind the content, once that is over.
    [[nodiscard]] const Headers& trailers() const noexcept { return trailers_; }
    [[nodiscard]] int http_version() const noexcept { return http_version_; }
    /// No byte of a response has come: sending the request again can't do its work twice unseen.
    [[nodiscard]] bool has_response() const noexcept { return head_is_complete_; }

    // For the engine.
    [[nodiscard]] CURL* easy() noexcept { return easy_; }
    void completed(CURLcode result);
    /// Resumes who waits. The transfer may be gone when it returns.
    void resume();
    bool is_ready = false;

  private:
    void set_content(Body& body);
    Task<> pump(BodyStream& stream);
    void fail_if_over();
    static std::size_t on_header(char* data, std::size_t one, std::size_t size, void* self);
    static std::size_t on_content(char* data, std::size_t one, std::size_t size, void* self);
    static std::size_t on_read(char* to, std::size_t one, std::size_t size, void* self);
    static int on_seek(void* self, curl_off_t offset, int origin);
    static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address);
    std::size_t header(std::string_view line);

    Engine& engine_;
    CURL* easy_ = nullptr;
    curl_slist* fields_ = nullptr;
    char error_[CURL_ERROR_SIZE] = {};

    Status status_ = Status::ok;
    int http_version_ = 1;
    Headers headers_;
    Headers trailers_;
    std::size_t head_bytes_ = 0; ///< trailers count too
    std::string received_;       ///< nobody took yet
    std::string reading_;        ///< its reader looks at
    WaitSlot waiter_;

    Body* sending_ = nullptr;
    Body content_;          ///< once the head has come
    std::string_view rest_; ///< of the request's content in memory, or of a piece
    std::uint64_t file_done_ = 0;
    Task<> pump_;
    WaitSlot piece_sent_;

    std::optional<CURLcode> result_;
    bool head_is_complete_ = false;
    bool is_added_ = false;
    bool receiving_is_paused_ = false;
    bool sending_is_paused_ = false;
    bool content_is_over_ = false;
    bool content_failed_ = false;
    bool pump_is_started_ = false;
    bool address_is_refused_ = false;
};

} // namespace armature::client
